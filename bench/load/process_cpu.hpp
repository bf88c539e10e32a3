#pragma once
// bench/load/process_cpu.hpp: what a process, and each of its threads, has used of the processors, from /proc.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace tenter::load {

struct CpuTime {
    std::chrono::microseconds user{};
    std::chrono::microseconds system{};

    [[nodiscard]] std::chrono::microseconds total() const noexcept { return user + system; }
    friend CpuTime operator-(CpuTime a, CpuTime b) noexcept { return {a.user - b.user, a.system - b.system}; }
};

struct ThreadCpu {
    pid_t id = 0;
    std::string name;
    CpuTime used;
};

struct ProcessCpu {
    CpuTime used;  ///< All threads, also those that have ended.
    std::vector<ThreadCpu> threads;
};

/// Resolution: one clock tick, 10 ms. Empty for a process that is not there.
[[nodiscard]] ProcessCpu read_cpu(pid_t process);

/// The times of one /proc/.../stat line; `ticks_per_second` as sysconf says. The name in it may hold any character, ") " too.
[[nodiscard]] CpuTime parse_stat(std::string_view line, long ticks_per_second);

}  // namespace tenter::load
