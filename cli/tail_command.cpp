#include <cstdio>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/interruption.hpp"
#include "cli/kafka_tail.hpp"
#include "cli/profile.hpp"
#include "cli/tail.hpp"
#include "gateway/app/log_options.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::cli {
namespace {

struct Flags {
    std::vector<std::string> sources;
    std::optional<std::string> from;
    KafkaFlags kafka;
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

void tail_kafka(const Flags& flags, const StartPoint& from, TailView& view, Context& context) {
    auto profile = consume::ConnectionProfile::try_from_file(*flags.kafka.profile);
    if (!profile) return report_failure(context, profile.error().message, exit_usage);
    KafkaTailOptions options{.group = flags.kafka.group, .partition = flags.partition, .follow = wants_to_follow(flags)};
    if (flags.from || !options.group) options.from = from;
    const Interruption interruption(STDOUT_FILENO);
    KafkaTail tail(std::move(options), view, say_on_stderr);
    run_consumer(flags.sources, std::move(*profile), flags.kafka, tail.consumer_options(), context,
                 [&](consume::Consumer& consumer) { tail.run(consumer, interruption.stop_token()); });
}

/// What options do not go together.
Result<void> check(const Flags& flags, const Context& context) {
    const bool is_kafka = flags.kafka.profile.has_value();
    if (!is_kafka && flags.kafka.group) return fail(Errc::invalid_input, "--group needs --profile: only Kafka has consumer groups");
    if (!is_kafka && flags.kafka.connect_timeout) return fail(Errc::invalid_input, "--connect-timeout needs --profile");
    if (is_kafka && context.config_path)
        return fail(Errc::invalid_input, "--config is for the log of a gateway, --profile for Kafka: name one");
    if (flags.partition && flags.kafka.group)
        return fail(Errc::invalid_input, "--partition with --group would pass over the other partitions for the whole group");
    return {};
}

void run(const Flags& flags, Context& context) {
    if (const auto checked = check(flags, context); !checked) return report_failure(context, checked.error().message, exit_usage);
    SystemClock clock;
    auto from = parse_start_point(flags.from.value_or("earliest"), clock.now());
    if (!from) return report_failure(context, "--from: " + from.error().message, exit_usage);
    auto filter = filter_of(flags);
    if (!filter) return report_failure(context, filter.error().message, exit_usage);
    TailViewOptions options{.filter = std::move(*filter), .json = flags.json, .colour = wants_colour(context, STDOUT_FILENO)};
    if (flags.limit) options.limit = *flags.limit;
    TailView view(std::move(options), write_out);
    if (flags.kafka.profile) return tail_kafka(flags, *from, view, context);
    tail_log(flags, *from, view, context);
}

}  // namespace

void add_tail_command(CLI::App& app, Context& context) {
    auto flags = std::make_shared<Flags>();
    auto* const command = app.add_subcommand(
        "tail", "Show events: of sources, beside a running gateway or from a stopped log; with --profile of topics in Kafka");
    add_config_option(*command, context);
    command->add_option("source", flags->sources, "Names of the sources; with --profile of the topics")->required()->type_name("SOURCE");
    add_kafka_options(*command, flags->kafka);
    command->get_option("--profile")->description("Connection profile: the events are in Kafka, and the sources are topics there");
    command->get_option("--group")->description("Consumer group to read and commit for, from where it is; without, nothing is committed");
    command->add_option("--from", flags->from,
                        "earliest (default), latest, offset:N, time:2026-11-23T14:00:00Z or time:-5m; moves the --group");
    command->add_option("--partition", flags->partition, "Only this partition; else all, merged by time, or as they come from Kafka")
        ->check(CLI::NonNegativeNumber);
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
        "A record that cannot be read is shown with the reason, and the tail goes on; a lost connection comes back by itself. Ctrl-C ends "
        "it,\n"
        "with exit code 0.\n\n"
        "Examples:\n  tenter tail demo --follow\n  tenter tail github --from time:-1h --json | jq .body\n"
        "  tenter tail github --header x-github-event=push --pointer /repository/private=true\n"
        "  tenter tail demo --from offset:100 --limit 10\n"
        "  tenter tail incoming.shop.orders incoming.shop.refunds --profile profile.json --from latest\n\n" +
        std::string(exit_codes_text));
    command->callback([flags, &context] { run(*flags, context); });
}

}  // namespace tenter::cli
