#pragma once
// tenter/base/clock.hpp: where time comes from, so that tests can walk a year in a microsecond.

#include <chrono>
#include <mutex>

namespace tenter {

/// Milliseconds since 1970-01-01T00:00:00Z, as Kafka records and UUIDv7 carry them.
using UnixMillis = std::chrono::sys_time<std::chrono::milliseconds>;
/// For deadlines: never goes back.
using Instant = std::chrono::steady_clock::time_point;

/// Source of time. All members are thread safe.
class Clock {
public:
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    [[nodiscard]] virtual UnixMillis now() const noexcept = 0;     ///< Wall clock; may jump.
    [[nodiscard]] virtual Instant monotonic() const noexcept = 0;  ///< For waits.
};

/// The machine's clocks.
class SystemClock final : public Clock {
public:
    [[nodiscard]] UnixMillis now() const noexcept override;
    [[nodiscard]] Instant monotonic() const noexcept override;
};

/// Stands still until told to move; both clocks move together.
class SimulatedClock final : public Clock {
public:
    explicit SimulatedClock(UnixMillis start = UnixMillis{}) : now_(start) {}
    [[nodiscard]] UnixMillis now() const noexcept override;
    [[nodiscard]] Instant monotonic() const noexcept override;

    void advance(std::chrono::milliseconds by) noexcept;
    void set(UnixMillis now) noexcept;  ///< Moves the wall clock only, also backwards.

private:
    mutable std::mutex mutex_;
    UnixMillis now_;
    Instant monotonic_{};
};

}  // namespace tenter
