#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "gateway/config/first_config.hpp"
#include "tenter/base/random.hpp"

namespace tenter::cli {
namespace {

void check(Context& context) {
    const auto config = load_config(context);
    if (config) std::printf("%s: %zu sources, nothing wrong\n", config->file.c_str(), config->sources.size());
}

void init(Context& context) {
    PosixEnv env;
    SystemRandom random;
    const std::string path = find_config(context);
    if (auto written = config::write_first_config(env, random, path); !written) return report_failure(context, written.error().message);
    std::printf("%s written; its secrets are in tenter-data/secrets beside it\n", path.c_str());
}

}  // namespace

void add_config_command(CLI::App& app, Context& context) {
    auto* const command = app.add_subcommand("config", "Check, explain or make the configuration");
    command->require_subcommand(1);

    auto* const check_command = command->add_subcommand("check", "Report every fault of the configuration, with file, line and column");
    add_config_option(*check_command, context);
    check_command->footer("Examples:\n  tenter config check\n  tenter config check --config /etc/tenter.toml\n\n" +
                          std::string(exit_codes_text));
    check_command->callback([&context] { check(context); });

    auto* const reference = command->add_subcommand("reference", "Print every key with its type, default and meaning, as Markdown");
    reference->footer("Example:\n  tenter config reference > docs/configuration.md\n\n" + std::string(exit_codes_text));
    reference->callback([] { std::fputs(config::reference_markdown().c_str(), stdout); });

    auto* const init_command = command->add_subcommand("init", "Write a first configuration and its secrets; overwrites nothing");
    add_config_option(*init_command, context);
    init_command->footer("Example:\n  tenter config init\n\n" + std::string(exit_codes_text));
    init_command->callback([&context] { init(context); });
}

}  // namespace tenter::cli
