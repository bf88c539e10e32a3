#pragma once
// cli/subcommand.hpp: commands of two words, `tenter consumer add`: the second word, which shares the flags of its neighbours.

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace tenter::cli {

template <class Flags>
struct Subcommand {
    const char* name;
    const char* description;
    const char* example;
    void (*run)(const Flags&, Context&);
};

/// Takes `--config`; its help ends with the example and the exit codes. `flags` are those that the options added to it fill in.
template <class Flags>
CLI::App* add_subcommand(CLI::App& command, const Subcommand<Flags>& subcommand, const std::shared_ptr<Flags>& flags, Context& context) {
    auto* const added = command.add_subcommand(subcommand.name, subcommand.description);
    add_config_option(*added, context);
    added->footer("Example:\n  " + std::string(subcommand.example) + "\n\n" + std::string(exit_codes_text));
    added->callback([run = subcommand.run, flags, &context] { run(*flags, context); });
    return added;
}

}  // namespace tenter::cli
