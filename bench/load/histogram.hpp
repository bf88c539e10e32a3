#pragma once
// bench/load/histogram.hpp: latencies in log-linear buckets, as HdrHistogram has them: 128 buckets for each power of two, so that every
// answer is off by less than 0.8 % whatever its size, and recording one is an addition.
//
//   0 .. 127 ns one bucket each | 128 .. 255 step 1 | 256 .. 511 step 2 | 512 .. 1023 step 4 | ...

#include <chrono>
#include <cstdint>
#include <vector>

namespace tenter::load {

/// Counts of durations, from 0 to about 18 minutes (longer ones count as that). Belongs to one thread.
class Histogram {
public:
    Histogram();

    void record(std::chrono::nanoseconds duration) noexcept;
    void add(const Histogram& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    /// The smallest bucket's upper end that `fraction` (0 to 1) of the durations do not exceed, at most the greatest of all; 0 if empty.
    [[nodiscard]] std::chrono::nanoseconds quantile(double fraction) const noexcept;
    [[nodiscard]] std::chrono::nanoseconds max() const noexcept { return std::chrono::nanoseconds(static_cast<std::int64_t>(max_)); }
    [[nodiscard]] std::chrono::nanoseconds mean() const noexcept;

private:
    std::vector<std::uint64_t> buckets_;
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t max_ = 0;
};

}  // namespace tenter::load
