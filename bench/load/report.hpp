#pragma once
// bench/load/report.hpp: what a run showed, as one JSON object. Units are last in the names.

#include <chrono>
#include <string>
#include <vector>

#include "bench/load/options.hpp"
#include "bench/load/process_cpu.hpp"
#include "bench/load/worker.hpp"

namespace tenter::load {

struct RunResult {
    WorkerResult all;                          ///< Of all threads together.
    std::chrono::duration<double> measured{};  ///< In which `all.ok_in_time` came.
    ProcessCpu server_before;                  ///< At the end of the warm-up ...
    ProcessCpu server_after;                   ///< ... and of the run.
    CpuTime own;                               ///< The load generator's own, between the two.
};

/// The sum of what the threads saw.
[[nodiscard]] WorkerResult sum(const std::vector<WorkerResult>& results);

[[nodiscard]] std::string to_json(const Options& options, const RunResult& result);

}  // namespace tenter::load
