#pragma once
// src/consume/signals.hpp: SIGINT and SIGTERM as a wish to stop. The room's only globals: a signal handler can have no others.

#include <cstdint>

namespace tenter::consume {

/// While one lives, SIGINT and SIGTERM are counted and do nothing else; after the last one the former handlers are back. Thread safe.
class StopSignals {
public:
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    /// Since this one was made.
    [[nodiscard]] bool received() const noexcept;

private:
    std::uint64_t count_before_;
};

}  // namespace tenter::consume
