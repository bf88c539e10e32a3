// The program `tenter`: puts the commands together; each stands in a file of its own.

#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"

int main(int argc, char** argv) {
    using namespace tenter::cli;
    Context context;
    context.program = argc > 0 ? argv[0] : "tenter";
    CLI::App app("Receives webhooks, proves who sent them, keeps every one in an ordered durable log, and hands them on.", "tenter");
    app.require_subcommand(1);
    app.fallthrough();
    app.add_flag("--no-color", context.no_color, "No colour, also on a terminal; $NO_COLOR does the same");
    app.footer("First steps:\n  tenter config init\n  tenter serve\n  tenter tail demo --follow\n\n" + std::string(exit_codes_text));
    add_serve_command(app, context);
    add_tail_command(app, context);
    add_config_command(app, context);
    add_log_command(app, context);

    add_version_command(app, context);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;  // --help too ends here
    }
    return context.exit_code;
}
