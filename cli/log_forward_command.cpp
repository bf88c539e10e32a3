#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>
#include <stop_token>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "cli/commands.hpp"
#include "cli/forward_report.hpp"
#include "cli/interruption.hpp"
#include "gateway/app/forward_options.hpp"
#include "gateway/app/log_options.hpp"
#include "gateway/forward/kafka_end.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"

namespace tenter::cli {
namespace {

constexpr int exit_stopped = 1;
constexpr std::chrono::milliseconds terminal_interval{200};
constexpr std::chrono::milliseconds plain_interval{5'000};

/// Waits, and says whether the user wants it to end.
bool stop_comes_within(const std::stop_token& stop, std::chrono::milliseconds timeout) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, timeout, [] { return false; });
    return stop.stop_requested();
}

void show_notice(bool terminal, std::string_view text) {
    std::fprintf(stderr, "%s%.*s\n", terminal ? "\r\x1b[K" : "", static_cast<int>(text.size()), text.data());
}

/// Topics with events that no configured source names, which therefore stay here.
void show_left_out(const config::Config& config, const log::EventLog& log) {
    for (const auto& topic : log.topics()) {
        const auto is_it = [&](const config::SourceConfig& source) { return source.name == topic.name; };
        if (topic.name.starts_with("__") || std::ranges::any_of(config.sources, is_it)) continue;
        std::printf("not forwarded: topic %s, which is no configured source\n", topic.name.c_str());
    }
}

/// What follows from where it stands: over, or not.
bool is_over(const forward::Forwarder& forwarder) {
    if (forwarder.state() == forward::ForwarderState::halted) return true;
    if (forwarder.state() != forward::ForwarderState::forwarding) return false;
    return std::ranges::all_of(forwarder.positions(), [](const auto& at) { return at.next == at.end || at.is_stopped; });
}

/// False: stopped by a signal.
bool follow_progress(const forward::Forwarder& forwarder, const Clock& clock, const std::stop_token& stop, bool terminal) {
    const Instant began = clock.monotonic();
    Instant shown = began;
    for (;;) {
        const bool over = is_over(forwarder);
        const bool stopped = !over && stop_comes_within(stop, terminal_interval);
        const Instant now = clock.monotonic();
        const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began);
        if (terminal || over || stopped || now - shown >= plain_interval) {
            const auto line = progress_line(progress_of(forwarder.positions(), elapsed), terminal);
            std::printf(terminal ? "\r\x1b[K%s" : "%s\n", line.c_str());
            std::fflush(stdout);
            shown = now;
        }
        if (over || stopped) {
            if (terminal) std::puts("");
            return over;
        }
    }
}

void show_table(const forward::ForwarderOptions& options, const std::vector<forward::PartitionPosition>& positions) {
    std::vector<forward::KafkaPartition> partitions;
    for (const auto& at : positions) partitions.push_back({at.topic, at.partition, 0});
    const auto ends = forward::next_offsets(options.link, partitions);
    std::fputs(position_table(positions, ends.value_or(std::vector<std::int64_t>{})).c_str(), stdout);
}

Result<void> open_sources(const config::Config& config, log::EventLog& log) {
    for (const auto& source : config.sources)
        if (auto opened = log.ensure_topic(source.name, source.partitions); !opened) return fail(std::move(opened.error()));
    return {};
}

void forward_all(const config::Config& config, log::SegmentLog& log, const Clock& clock, const std::stop_token& stop, Context& context) {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    auto options = app::forward_options(config, [&log]() -> Result<std::string> {
        const auto id = log.id();
        return id ? Result<std::string>(id->to_string()) : fail(id.error());
    });
    options.wait_for_kafka = false;
    options.start_timeout = std::chrono::seconds(15);
    forward::Forwarder forwarder(log, clock, options,
                                 [terminal](forward::Severity, std::string_view text) { show_notice(terminal, text); });
    if (auto started = forwarder.start(); !started) return report_failure(context, started.error().message);
    const bool over = follow_progress(forwarder, clock, stop, terminal);
    const auto why_halted = forwarder.why_halted();
    forwarder.stop();
    const auto positions = forwarder.positions();
    if (why_halted) return report_failure(context, why_halted->message);
    show_table(options, positions);
    show_left_out(config, log);
    if (!over) return report_failure(context, "stopped before the end; the same command goes on from there", exit_stopped);
    if (std::ranges::any_of(positions, &forward::PartitionPosition::is_stopped))
        return report_failure(context, "not everything is forwarded: see above for the partitions that stand still");
    std::puts("Everything is forwarded.");
}

void run(Context& context) {
    const auto config = load_config(context);
    if (!config) return;
    if (!config->forward) return report_failure(context, "there is no [forward] in " + config->file, exit_usage);
    const Interruption interruption;
    PosixEnv env;
    SystemClock clock;
    auto log = log::SegmentLog::open(env, clock, app::log_options(*config));
    if (!log && log.error().code == Errc::overloaded) {
        return report_failure(
            context, log.error().message + "; if a gateway runs on this log it forwards by itself: wait for its notice, or stop it first");
    }
    if (!log) return report_failure(context, log.error().message);
    if (auto opened = open_sources(*config, **log); !opened) return report_failure(context, opened.error().message);
    forward_all(*config, **log, clock, interruption.stop_token(), context);
    if (auto closed = (*log)->stop(); !closed) report_failure(context, closed.error().message);
}

}  // namespace

void add_log_forward_command(CLI::App& log_command, Context& context) {
    auto* const command = log_command.add_subcommand("forward", "Copy the log of a stopped gateway to the cluster of [forward]");
    add_config_option(*command, context);
    auto until = std::make_shared<bool>(false);
    command->add_flag("--until-caught-up", *until, "End when everything is there (and say where)")->required();
    command->footer(
        "Example:\n  tenter log forward --until-caught-up\n\nEnds with a table: the next offset of each partition here and in Kafka, where "
        "consumers go on.\nCtrl-C stops it in good order; the same command goes on from there.\n\n"
        "Exit codes: 0 everything is forwarded; 1 not everything, the reason is on stderr; 2 wrong usage or configuration.");
    command->callback([until, &context] { run(context); });
}

}  // namespace tenter::cli
