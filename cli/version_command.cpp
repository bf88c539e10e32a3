#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

namespace tenter::cli {

void add_version_command(CLI::App& app, Context&) {
    auto* const command = app.add_subcommand("version", "Print the version");
    command->footer("Example:\n  tenter version\n\n" + std::string(exit_codes_text));
    command->callback([] { std::printf("tenter %s (built with GCC %s)\n", version(), __VERSION__); });
}

}  // namespace tenter::cli
