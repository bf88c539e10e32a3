#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/input.hpp"
#include "gateway/app/topic_commands.hpp"
#include "gateway/config/first_config.hpp"
#include "gateway/config/import_event_consumer.hpp"
#include "tenter/base/random.hpp"

namespace tenter::cli {
namespace {

void check(Context& context) {
    const auto config = load_config(context);
    if (config) std::printf("%s: %zu sources, nothing wrong\n", config->file.c_str(), config->sources.size());
}

void topics(Context& context) {
    const auto config = load_config(context);
    if (!config) return;
    const auto commands = app::topic_commands(*config);
    if (!commands) return report_failure(context, commands.error().message);
    std::fputs(commands->c_str(), stdout);
}

void init(Context& context) {
    PosixEnv env;
    SystemRandom random;
    const std::string path = find_config(context);
    if (auto written = config::write_first_config(env, random, path); !written) return report_failure(context, written.error().message);
    std::printf("%s written; its secrets are in tenter-data/secrets beside it\n", path.c_str());
}

void import(Context& context, const std::string& file, bool with_secrets) {
    const auto xml = read_input(file);
    if (!xml) return report_failure(context, xml.error().message, exit_usage);
    const auto consumer = elytra::try_parse_event_consumer(*xml);
    if (!consumer) {
        for (const auto& fault : consumer.error()) std::fprintf(stderr, "%s:%s\n", file.c_str(), elytra::to_string(fault).c_str());
        context.exit_code = exit_usage;
        return;
    }
    const auto imported = config::import_event_consumer(*consumer, with_secrets);
    if (!imported) return report_failure(context, imported.error().message, exit_usage);
    std::fputs(imported->toml.c_str(), stdout);
    for (const auto& variable : imported->variables)
        std::fprintf(stderr, "tenter: set %s to the secret that stands in %s\n", variable.c_str(), file.c_str());
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

    auto* const topics_command = command->add_subcommand("topics", "Print the commands that make the sources' topics in Kafka");
    add_config_option(*topics_command, context);
    topics_command->footer("Example:\n  tenter config topics > make-topics.sh\n\n" + std::string(exit_codes_text));
    topics_command->callback([&context] { topics(context); });

    auto* const import_command = command->add_subcommand("import", "Print the sources that receive what an event-consumer of Elytra sends");
    const auto file = std::make_shared<std::string>();
    const auto with_secrets = std::make_shared<bool>(false);
    import_command->add_option("FILE", *file, "Elytra's event-consumer document (XML), or - for standard input")->required();
    import_command->add_flag("--with-secrets", *with_secrets, "Write the secrets themselves instead of { env = \"NAME\" }");
    import_command->footer("Example:\n  tenter config import event-consumer.xml >> tenter.toml\n\n" + std::string(exit_codes_text));
    import_command->callback([&context, file, with_secrets] { import(context, *file, *with_secrets); });

    auto* const init_command = command->add_subcommand("init", "Write a first configuration and its secrets; overwrites nothing");
    add_config_option(*init_command, context);
    init_command->footer("Example:\n  tenter config init\n\n" + std::string(exit_codes_text));
    init_command->callback([&context] { init(context); });
}

}  // namespace tenter::cli
