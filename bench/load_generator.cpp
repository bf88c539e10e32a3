// load_generator: how fast a server takes webhooks, and what that costs it. See usage() and bench/README.md.
//
//   pool of signed requests --> N threads, each: epoll, connections, histogram --> one JSON object
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/load/options.hpp"
#include "bench/load/process_cpu.hpp"
#include "bench/load/report.hpp"
#include "bench/load/request_pool.hpp"
#include "bench/load/schedule.hpp"
#include "bench/load/worker.hpp"

namespace tenter::load {
namespace {

constexpr int exit_failure = 1;
constexpr int exit_usage = 2;

std::vector<std::string> paths_of(const Options& options) {
    if (options.sources == 1) return {options.path};
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < options.sources; ++i) paths.push_back(options.path + std::to_string(i));
    return paths;
}

/// The share of thread `index` of `threads` in `total` things that cannot be divided.
std::uint64_t share(std::uint64_t total, std::size_t index, std::size_t threads) {
    return total / threads + (index < total % threads ? 1 : 0);
}

Result<std::vector<std::unique_ptr<Worker>>> connect_all(const Options& options, const RequestPool& pool) {
    std::vector<std::unique_ptr<Worker>> workers;
    for (std::size_t i = 0; i < options.threads; ++i) {
        auto& worker = workers.emplace_back(std::make_unique<Worker>(
            pool, WorkerOptions{.host = options.host,
                                .port = options.port,
                                .connections = static_cast<std::size_t>(share(options.connections, i, options.threads)),
                                .first_request = pool.size() * i / options.threads}));
        if (auto connected = worker->connect(); !connected) return fail(std::move(connected.error()));
    }
    return workers;
}

RunResult run_all(const Options& options, std::vector<std::unique_ptr<Worker>>& workers) {
    const Instant start = std::chrono::steady_clock::now();
    const Instant measure_from = start + options.warm_up;
    const Instant end = measure_from + options.duration;
    std::vector<WorkerResult> results(workers.size());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < workers.size(); ++i) {
        const auto limit = options.count == 0 ? 0 : share(options.count, i, workers.size());
        const Schedule schedule(start, end, options.rate_per_second / static_cast<double>(workers.size()), limit);
        threads.emplace_back([&results, &workers, i, schedule, measure_from] { results[i] = workers[i]->run(schedule, measure_from); });
    }
    std::this_thread::sleep_until(measure_from);
    RunResult result;
    result.server_before = read_cpu(options.server);
    const CpuTime own_before = read_cpu(::getpid()).used;
    for (auto& thread : threads) thread.join();
    result.server_after = read_cpu(options.server);
    result.own = read_cpu(::getpid()).used - own_before;
    result.all = sum(results);
    result.measured = std::max(Instant::duration{0}, std::min(end, result.all.last_answer) - measure_from);
    return result;
}

int fail_with(int code, const std::string& message) {
    std::fprintf(stderr, "load_generator: %s\n", message.c_str());
    return code;
}

int run(std::span<const char* const> arguments) {
    const auto options = parse_options(arguments);
    if (!options) return fail_with(exit_usage, options.error().message + " (--help shows all)");
    if (options->help) return std::fputs(std::string(usage()).c_str(), stdout) < 0 ? exit_failure : 0;
    const RequestPool pool({.host = options->host + ":" + std::to_string(options->port),
                            .secret = options->secret,
                            .paths = paths_of(*options),
                            .body_bytes = options->body_bytes});
    auto workers = connect_all(*options, pool);
    if (!workers) return fail_with(exit_failure, workers.error().message);
    return std::fputs(to_json(*options, run_all(*options, *workers)).c_str(), stdout) < 0 ? exit_failure : 0;
}

}  // namespace
}  // namespace tenter::load

int main(int count, char** arguments) {
    const std::vector<const char*> given(arguments + 1, arguments + count);
    return tenter::load::run(given);
}
