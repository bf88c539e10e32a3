#include <cstdio>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/tail.hpp"
#include "gateway/app/log_options.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::cli {
namespace {

struct Flags {
    std::string source;
    std::string from = "earliest";
    std::optional<std::int32_t> partition;
    std::optional<std::uint64_t> limit;
    bool follow = false;
    bool no_follow = false;
    bool json = false;
};

/// Writes at once: who follows wants to see, and a reader that went away ends the tail.
bool write_out(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && (text.empty() || std::fflush(stdout) == 0);
}

void run(const Flags& flags, Context& context) {
    const auto config = load_config(context);
    if (!config) return;
    SystemClock clock;
    auto from = parse_start_point(flags.from, clock.now());
    if (!from) return report_failure(context, "--from: " + from.error().message, exit_usage);

    TailOptions options;
    options.source = flags.source;
    options.from = *from;
    if (flags.partition) options.partition = log::PartitionId{*flags.partition};
    if (flags.limit) options.limit = *flags.limit;
    const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
    options.follow = flags.follow || (!flags.no_follow && (is_terminal || flags.from == "latest"));
    options.json = flags.json;
    options.colour = wants_colour(context, STDOUT_FILENO);

    PosixEnv env;
    auto reader = log::LogReader::open_recovering(env, clock, app::log_options(*config));
    if (!reader) return report_failure(context, reader.error().message);
    if (auto shown = tail(**reader, options, write_out); !shown) report_failure(context, shown.error().message);
}

}  // namespace

void add_tail_command(CLI::App& app, Context& context) {
    auto flags = std::make_shared<Flags>();
    auto* const command = app.add_subcommand("tail", "Show a source's events, beside a running gateway or from a stopped log");
    add_config_option(*command, context);
    command->add_option("source", flags->source, "Name of the source")->required()->type_name("SOURCE");
    command->add_option("--from", flags->from, "earliest, latest, offset:N, time:2026-11-23T14:00:00Z or time:-5m")->capture_default_str();
    command->add_option("--partition", flags->partition, "Only this partition; else all, merged by time")->check(CLI::NonNegativeNumber);
    command->add_option("--limit", flags->limit, "End after that many events");
    auto* const follow =
        command->add_flag("--follow,-f", flags->follow, "Wait for new events at the end; default on a terminal and with --from latest");
    command->add_flag("--no-follow", flags->no_follow, "End at the end")->excludes(follow);
    command->add_flag("--json", flags->json, "One JSON object a line");
    command->footer(
        "Examples:\n  tenter tail demo --follow\n  tenter tail github --from time:-1h --json | jq .body\n  tenter tail demo --from "
        "offset:100 --limit 10\n\n" +
        std::string(exit_codes_text));
    command->callback([flags, &context] { run(*flags, context); });
}

}  // namespace tenter::cli
