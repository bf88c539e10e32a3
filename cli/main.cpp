// The program `tenter`: puts the commands together; each stands in a file of its own.

#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "tenter/base/nearest_word.hpp"

namespace {

std::vector<std::string> command_names(const CLI::App& app) {
    std::vector<std::string> names;
    for (const auto* const command : app.get_subcommands([](const CLI::App*) { return true; })) names.push_back(command->get_name());
    return names;
}

int report_unknown_command(const std::vector<std::string>& names, const std::string& name) {
    const std::vector<std::string_view> views(names.begin(), names.end());
    const auto nearest = tenter::nearest_word(views, name);
    std::fprintf(stderr, "tenter: no command \"%s\"", name.c_str());
    if (!nearest.empty()) std::fprintf(stderr, "; did you mean \"%s\"?", std::string(nearest).c_str());
    std::fputs("\ntenter --help lists them.\n", stderr);
    return tenter::cli::exit_usage;
}

/// How many arguments are ours: those of `consume` end at "--", behind which is the command that it is to run.
int take_command_behind_dashes(int argc, char** argv, tenter::cli::Context& context) {
    if (argc < 2 || std::string_view(argv[1]) != "consume") return argc;
    char** const dashes = std::find(argv, argv + argc, std::string_view("--"));
    if (dashes == argv + argc) return argc;
    context.after_dashes.assign(dashes + 1, argv + argc);
    return static_cast<int>(dashes - argv);
}

}  // namespace

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
    add_consume_command(app, context);
    add_consumer_command(app, context);
    add_group_command(app, context);
    add_config_command(app, context);
    add_log_command(app, context);
    add_event_command(app, context);
    add_verify_command(app, context);
    add_sign_command(app, context);
    add_version_command(app, context);
    if (const auto names = command_names(app); argc > 1 && argv[1][0] != '-' && std::ranges::find(names, argv[1]) == names.end())
        return report_unknown_command(names, argv[1]);
    try {
        app.parse(take_command_behind_dashes(argc, argv, context), argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? exit_ok : exit_usage;  // --help too ends here
    }
    return context.exit_code;
}
