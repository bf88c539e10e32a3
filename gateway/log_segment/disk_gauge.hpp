#pragma once
// gateway/log_segment/disk_gauge.hpp: how much room the disk has left, and what may still be appended.

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"

namespace tenter::log {

/// `room()` from any thread; the rest belongs to the commit thread, but for `ran_out()`.
class DiskGauge {
public:
    enum class Room : std::uint8_t {
        for_all,
        for_internal,  ///< Under the reserve: only topics that begin with "__".
        for_none,
    };

    DiskGauge(Env& env, const Clock& clock, const SegmentLogOptions& options, std::function<void(std::string_view)> notice);

    [[nodiscard]] Room room() const noexcept { return room_.load(std::memory_order_relaxed); }
    /// Asks the file system if that was not done in the last 100 ms or 4 MiB.
    void check_now_and_then();
    void check();
    /// Bytes were written.
    void wrote(std::uint64_t bytes) noexcept { bytes_since_check_ += bytes; }
    /// A write met ENOSPC. The next `check` decides anew.
    void ran_out() { change(Room::for_none, "no space left"); }

private:
    void change(Room now, const std::string& why);

    Env& env_;
    const Clock& clock_;
    const SegmentLogOptions& options_;
    const std::function<void(std::string_view)> notice_;
    std::atomic<Room> room_{Room::for_all};
    std::uint64_t bytes_since_check_ = 0;
    Instant last_check_{};
};

}  // namespace tenter::log
