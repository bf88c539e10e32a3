#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "gateway/app/serve.hpp"

namespace tenter::cli {

void add_serve_command(CLI::App& app, Context& context) {
    struct Options {
        std::optional<std::uint16_t> port;
        std::optional<std::uint16_t> kafka_port;
        std::string log_format = "text";
    };
    auto options = std::make_shared<Options>();
    auto* const command = app.add_subcommand("serve", "Run the gateway until SIGTERM or SIGINT");
    add_config_option(*command, context);
    command->add_option("--port", options->port, "In place of the configured ports; 0 takes a free one");
    command->add_option("--kafka-port", options->kafka_port, "In place of the ports of [kafka].listen; 0 takes a free one");
    command->add_option("--log-format", options->log_format, "Lines on stderr: text or json")->check(CLI::IsMember({"text", "json"}));
    command->footer(
        "Examples:\n  tenter serve\n  tenter serve --config /etc/tenter.toml --log-format json\n  tenter serve --port 9000\n\n"
        "Exit codes: 0 stopped by a signal, every request under way answered; 1 it could not start; 2 wrong usage or configuration;\n"
        "74 an event could not be made durable: see the reason on stderr, then start again.");
    command->callback([options, &context] {
        auto config = load_config(context);
        if (!config) return;
        app::ServeOptions serve_options;
        serve_options.port = options->port;
        serve_options.kafka_port = options->kafka_port;
        serve_options.log_format = options->log_format == "json" ? app::LogFormat::json : app::LogFormat::text;
        serve_options.colour = wants_colour(context, STDOUT_FILENO);
        serve_options.program = context.program;
        serve_options.version = version();
        context.exit_code = app::serve(std::move(*config), serve_options);
    });
}

}  // namespace tenter::cli
