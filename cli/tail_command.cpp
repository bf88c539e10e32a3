#include <cstdio>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/interruption.hpp"
#include "cli/tail.hpp"
#include "gateway/app/log_options.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::cli {
namespace {

struct Flags {
    std::vector<std::string> sources;
    std::string from = "earliest";
    std::optional<std::int32_t> partition;
    std::optional<std::uint64_t> limit;
    std::vector<std::string> headers;
    std::vector<std::string> pointers;
    bool follow = false;
    bool no_follow = false;
    bool json = false;
};

/// Writes at once: who follows wants to see, and a reader that went away ends the tail.
bool write_out(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

Result<EventFilter> filter_of(const Flags& flags) {
    EventFilter filter;
    for (const auto& header : flags.headers)
        if (auto added = filter.add_header(header); !added) return fail(std::move(added.error()).within("--header"));
    for (const auto& pointer : flags.pointers)
        if (auto added = filter.add_pointer(pointer); !added) return fail(std::move(added.error()).within("--pointer"));
    return filter;
}

bool wants_to_follow(const Flags& flags) {
    return flags.follow || (!flags.no_follow && (::isatty(STDOUT_FILENO) == 1 || flags.from == "latest"));
}

void tail_log(const Flags& flags, const StartPoint& from, TailView& view, Context& context) {
    const auto config = load_config_of_embedded_log(context);
    if (!config) return;
    TailOptions options;
    options.sources = flags.sources;
    options.from = from;
    if (flags.partition) options.partition = log::PartitionId{*flags.partition};
    options.follow = wants_to_follow(flags);

    PosixEnv env;
    SystemClock clock;
    auto reader = log::LogReader::open_recovering(env, clock, app::log_options(*config));
    if (!reader) return report_failure(context, reader.error().message);
    const Interruption interruption(STDOUT_FILENO);
    if (auto shown = tail(**reader, options, view, interruption.stop_token()); !shown) report_failure(context, shown.error().message);
}

void run(const Flags& flags, Context& context) {
    SystemClock clock;
    auto from = parse_start_point(flags.from, clock.now());
    if (!from) return report_failure(context, "--from: " + from.error().message, exit_usage);
    auto filter = filter_of(flags);
    if (!filter) return report_failure(context, filter.error().message, exit_usage);
    TailViewOptions options{.filter = std::move(*filter), .json = flags.json, .colour = wants_colour(context, STDOUT_FILENO)};
    if (flags.limit) options.limit = *flags.limit;
    TailView view(std::move(options), write_out);
    tail_log(flags, *from, view, context);
}

}  // namespace

void add_tail_command(CLI::App& app, Context& context) {
    auto flags = std::make_shared<Flags>();
    auto* const command = app.add_subcommand("tail", "Show the events of sources, beside a running gateway or from a stopped log");
    add_config_option(*command, context);
    command->add_option("source", flags->sources, "Names of the sources")->required()->type_name("SOURCE");
    command->add_option("--from", flags->from, "earliest, latest, offset:N, time:2026-11-23T14:00:00Z or time:-5m")->capture_default_str();
    command->add_option("--partition", flags->partition, "Only this partition; else all, merged by time")->check(CLI::NonNegativeNumber);
    command->add_option("--limit", flags->limit, "End after that many events");
    command->add_option("--header", flags->headers, "Only events with this header, or this value of it; all that are given must hold")
        ->type_name("NAME[=VALUE]")
        ->allow_extra_args(false);
    command->add_option("--pointer", flags->pointers, "Only events whose JSON or CBOR has something, or this value, at this JSON pointer")
        ->type_name("/PATH[=VALUE]")
        ->allow_extra_args(false);
    auto* const follow =
        command->add_flag("--follow,-f", flags->follow, "Wait for new events at the end; default on a terminal and with --from latest");
    command->add_flag("--no-follow", flags->no_follow, "End at the end")->excludes(follow);
    command->add_flag("--json", flags->json, "One JSON object a line");
    command->footer(
        "A record that cannot be read is shown with the reason, and the tail goes on. Ctrl-C ends it, with exit code 0.\n\n"
        "Examples:\n  tenter tail demo --follow\n  tenter tail github --from time:-1h --json | jq .body\n"
        "  tenter tail github --header x-github-event=push --pointer /repository/private=true\n"
        "  tenter tail demo --from offset:100 --limit 10\n\n" +
        std::string(exit_codes_text));
    command->callback([flags, &context] { run(*flags, context); });
}

}  // namespace tenter::cli
