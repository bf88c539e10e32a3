#include "tenter/base/clock.hpp"

namespace tenter {

UnixMillis SystemClock::now() const noexcept { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

Instant SystemClock::monotonic() const noexcept { return std::chrono::steady_clock::now(); }

UnixMillis SimulatedClock::now() const noexcept {
    const std::scoped_lock lock(mutex_);
    return now_;
}

Instant SimulatedClock::monotonic() const noexcept {
    const std::scoped_lock lock(mutex_);
    return monotonic_;
}

void SimulatedClock::advance(std::chrono::milliseconds by) noexcept {
    const std::scoped_lock lock(mutex_);
    now_ += by;
    monotonic_ += by;
}

void SimulatedClock::set(UnixMillis now) noexcept {
    const std::scoped_lock lock(mutex_);
    now_ = now;
}

}  // namespace tenter
