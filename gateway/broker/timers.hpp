#pragma once
// gateway/broker/timers.hpp: what is to be done at some time, by whoever calls `tick`.

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "tenter/base/clock.hpp"

namespace tenter::broker {

/// Belongs to the broker's thread.
class Timers {
public:
    enum class Id : std::uint64_t {};  ///< 0: none.

    Timers() = default;
    Timers(const Timers&) = delete;
    Timers& operator=(const Timers&) = delete;

    /// Calls once, from `run`. It may set and cancel others.
    Id at(Instant when, std::move_only_function<void()> call);
    /// Nothing happens if it has run.
    void cancel(Id id);
    /// `Instant::max()` if there is nothing to do.
    [[nodiscard]] Instant next() const noexcept;
    /// Calls what is due, the earliest first.
    void run(Instant now);

private:
    std::map<std::pair<Instant, Id>, std::move_only_function<void()>> calls_;
    std::map<Id, Instant> times_;
    std::uint64_t last_ = 0;
};

}  // namespace tenter::broker
