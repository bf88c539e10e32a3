#pragma once
// bench/load/schedule.hpp: when the next request is due.
//
//   closed loop: a connection sends as soon as it was answered; latency counts from the sending
//   open loop:   requests are due at a fixed rate, whether or not earlier ones were answered. One that finds no free connection waits, and
//                its latency counts from when it was due: a server that stalls cannot hide it by holding the clients up (coordinated
//                omission).

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

namespace tenter::load {

using Instant = std::chrono::steady_clock::time_point;

/// The sending times of one thread. Pure arithmetic.
class Schedule {
public:
    /// `rate_per_second` 0: closed loop. `limit` 0: no limit on the number of requests.
    Schedule(Instant start, Instant end, double rate_per_second, std::uint64_t limit) noexcept
        : start_(start),
          end_(end),
          interval_(rate_per_second > 0 ? std::chrono::duration<double>(1 / rate_per_second) : closed),
          limit_(limit) {}

    /// Takes the next request if it is due now: the time that its latency counts from.
    [[nodiscard]] std::optional<Instant> take(Instant now) noexcept {
        if (is_over(now)) return std::nullopt;
        const auto due = interval_ == closed ? now : next_due();
        if (due > now || due >= end_) return std::nullopt;
        ++taken_;
        return due;
    }
    /// When to ask again: the next due time, or the end.
    [[nodiscard]] Instant wake_up() const noexcept { return interval_ == closed ? end_ : std::min(end_, next_due()); }
    /// An open loop that has fallen behind still takes what was due before its end, so that a stalled server is charged for all of it.
    [[nodiscard]] bool is_over(Instant now) const noexcept {
        if (limit_ != 0 && taken_ >= limit_) return true;
        return interval_ == closed ? now >= end_ : next_due() >= end_;
    }
    /// How many requests of an open loop were due before its end and not taken.
    [[nodiscard]] std::uint64_t missed() const noexcept {
        if (interval_ == closed) return 0;
        const auto due = static_cast<std::uint64_t>(std::max(0.0, std::ceil((end_ - start_) / interval_)));
        const auto wanted = limit_ == 0 ? due : std::min(due, limit_);
        return wanted - std::min(wanted, taken_);
    }
    [[nodiscard]] Instant end() const noexcept { return end_; }

private:
    static constexpr std::chrono::duration<double> closed{0};

    [[nodiscard]] Instant next_due() const noexcept {
        return start_ + std::chrono::duration_cast<std::chrono::nanoseconds>(interval_ * static_cast<double>(taken_));
    }

    Instant start_;
    Instant end_;
    std::chrono::duration<double> interval_;
    std::uint64_t limit_;
    std::uint64_t taken_ = 0;
};

}  // namespace tenter::load
