// Records per second of SegmentLog::append on a real disk, every one durable before it is counted.
//
//   log_segment_bench [--directory DIR] [--seconds N] [--record-bytes N] [--waiting N] [--rate N]
//
// One producer thread keeps `waiting` appends under way (closed loop) or asks for `rate` records a second (open loop), over 1, 20 and 1,000
// topics. Latency is from `append` to `AppendDone`.

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"

namespace {

using tenter::log::AppendResult;
using tenter::log::NewRecord;
using tenter::log::SegmentLog;
using tenter::log::TopicId;
using SteadyClock = std::chrono::steady_clock;

struct Settings {
    std::string directory = "log-segment-bench.data";
    std::chrono::seconds duration{5};
    std::size_t record_bytes = 1126;  // an event of 1 KiB with its headers
    std::size_t waiting = 1024;
    double rate = 0;  // 0: closed loop
};

/// Counted by the commit thread, read when all is done.
struct Outcome {
    std::atomic<std::uint64_t> done{0};
    std::atomic<std::uint64_t> failed{0};
    std::vector<float> latencies_ms;
};

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

float percentile(std::vector<float>& values, double fraction) {
    if (values.empty()) return 0;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(fraction * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

/// Waits until one more append may begin.
void pace(const Settings& settings, const Outcome& outcome, std::uint64_t begun, SteadyClock::time_point start) {
    if (settings.rate > 0) {
        std::this_thread::sleep_until(start + std::chrono::duration_cast<SteadyClock::duration>(
                                                  std::chrono::duration<double>(static_cast<double>(begun) / settings.rate)));
        return;
    }
    for (auto done = outcome.done.load(); begun - done >= settings.waiting; done = outcome.done.load()) outcome.done.wait(done);
}

void append_for(const Settings& settings, SegmentLog& log, const std::vector<TopicId>& topics, Outcome& outcome) {
    const std::string value(settings.record_bytes, 'x');
    const auto start = SteadyClock::now();
    std::uint64_t begun = 0;
    for (auto now = start; now - start < settings.duration; now = SteadyClock::now(), ++begun) {
        pace(settings, outcome, begun, start);
        const auto sent = SteadyClock::now();
        const NewRecord record{
            topics[begun % topics.size()], std::nullopt, std::nullopt, value, {}, tenter::UnixMillis(std::chrono::milliseconds(1))};
        log.append({&record, 1}, [&outcome, sent](const AppendResult& result) {
            if (!result) ++outcome.failed;
            outcome.latencies_ms.push_back(std::chrono::duration<float, std::milli>(SteadyClock::now() - sent).count());
            ++outcome.done;
            outcome.done.notify_one();
        });
    }
    for (auto done = outcome.done.load(); done < begun; done = outcome.done.load()) outcome.done.wait(done);
}

int run(const Settings& settings, std::size_t topic_count) {
    std::filesystem::remove_all(settings.directory);
    tenter::PosixEnv env;
    const tenter::SystemClock clock;
    tenter::log::SegmentLogOptions options;
    options.directory = settings.directory;
    options.max_open_write_files = 2048;
    auto log = SegmentLog::open(env, clock, options);
    if (!log) return std::fprintf(stderr, "%s\n", log.error().message.c_str()), 1;
    std::vector<TopicId> topics;
    for (std::size_t i = 0; i < topic_count; ++i) topics.push_back((*log)->ensure_topic("topic-" + std::to_string(i), 1).value());
    Outcome outcome;
    outcome.latencies_ms.reserve(20'000'000);
    const double cpu_before = cpu_seconds();
    const auto start = SteadyClock::now();
    append_for(settings, **log, topics, outcome);
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - start).count();
    const double cpu = cpu_seconds() - cpu_before;
    const auto count = static_cast<double>(outcome.done.load());
    std::printf("%6zu topics: %9.0f records/s  p50 %6.2f ms  p99 %6.2f ms  max %7.2f ms  %5.2f us CPU/record  %llu failed\n", topic_count,
                count / seconds, static_cast<double>(percentile(outcome.latencies_ms, 0.5)),
                static_cast<double>(percentile(outcome.latencies_ms, 0.99)), static_cast<double>(percentile(outcome.latencies_ms, 1.0)),
                cpu / count * 1e6, static_cast<unsigned long long>(outcome.failed.load()));
    std::fflush(stdout);
    const bool stopped = (*log)->stop().has_value();
    log->reset();
    std::filesystem::remove_all(settings.directory);
    return stopped ? 0 : 1;
}

Settings parse(int argc, char** argv) {
    Settings settings;
    for (int i = 1; i + 1 < argc; i += 2) {
        const std::string_view name = argv[i];
        if (name == "--directory") settings.directory = argv[i + 1];
        if (name == "--seconds") settings.duration = std::chrono::seconds(std::atoi(argv[i + 1]));
        if (name == "--record-bytes") settings.record_bytes = static_cast<std::size_t>(std::atoi(argv[i + 1]));
        if (name == "--waiting") settings.waiting = static_cast<std::size_t>(std::atoi(argv[i + 1]));
        if (name == "--rate") settings.rate = std::atof(argv[i + 1]);
    }
    return settings;
}

}  // namespace

int main(int argc, char** argv) {
    rlimit files{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &files);
    const Settings settings = parse(argc, argv);
    int worst = 0;
    for (const std::size_t topics : {1U, 20U, 1000U}) worst = std::max(worst, run(settings, topics));
    return worst;
}
