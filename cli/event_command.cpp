#include <cstdio>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/event_check.hpp"
#include "cli/input.hpp"

namespace tenter::cli {
namespace {

struct Arguments {
    std::string mode = "structured";
    std::string file = "-";
};

void check(Context& context, const Arguments& arguments) {
    const auto input = read_input(arguments.file);
    if (!input) return report_failure(context, input.error().message, exit_usage);
    const auto lines = normalised_events(*parse_event_mode(arguments.mode), *input);
    if (!lines) return report_failure(context, lines.error().message);
    for (const auto& line : *lines) {
        std::fwrite(line.data(), 1, line.size(), stdout);
        std::fputc('\n', stdout);
    }
}

}  // namespace

void add_event_command(CLI::App& app, Context& context) {
    auto* const command = app.add_subcommand("event", "Look at a CloudEvent");
    command->require_subcommand(1);
    auto* const check_command = command->add_subcommand("check", "Is it a CloudEvent? Prints it as JSON, one event a line");
    const auto arguments = std::make_shared<Arguments>();
    check_command->add_option("--mode", arguments->mode, "structured: one in JSON; batch: a JSON array; binary: an HTTP message")
        ->check(CLI::IsMember({"structured", "binary", "batch"}));
    check_command->add_option("FILE", arguments->file, "A file, or - for standard input, which is the default");
    check_command->footer(
        "Examples:\n  tenter event check event.json\n"
        "  printf 'ce-specversion: 1.0\\nce-id: 1\\nce-source: /s\\nce-type: t\\n\\n{}' | tenter event check --mode binary\n\n"
        "Exit codes: 0 it is; 1 it is not, the attribute that is wrong on stderr; 2 wrong usage.");
    check_command->callback([&context, arguments] { check(context, *arguments); });
}

}  // namespace tenter::cli
