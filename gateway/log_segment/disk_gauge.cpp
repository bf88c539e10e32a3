#include "gateway/log_segment/disk_gauge.hpp"

#include <algorithm>

namespace tenter::log {
namespace {

constexpr std::uint64_t bytes_between_checks = 4ULL << 20;
constexpr std::chrono::milliseconds time_between_checks{100};

std::string mebibytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MiB"; }

}  // namespace

DiskGauge::DiskGauge(Env& env, const Clock& clock, const SegmentLogOptions& options, std::function<void(std::string_view)> notice)
    : env_(env), clock_(clock), options_(options), notice_(std::move(notice)) {}

void DiskGauge::check_now_and_then() {
    const bool due = bytes_since_check_ >= bytes_between_checks || clock_.monotonic() - last_check_ >= time_between_checks;
    if (due || room() != Room::for_all) check();
}

void DiskGauge::check() {
    bytes_since_check_ = 0;
    last_check_ = clock_.monotonic();
    const auto space = env_.space(options_.directory);
    if (!space) return;  // not a reason to refuse events: a write will tell
    const std::uint64_t fraction = options_.reserve_at_most_five_percent ? space->total_bytes / 20 : UINT64_MAX;
    const std::uint64_t reserve = std::min(options_.reserve_bytes, fraction);
    // However small the reserve is, a part of it is for offsets: else consumers could not say what they have read, nor join anew.
    const std::uint64_t internal_reserve = std::min(options_.internal_reserve_bytes, reserve / 2);
    const std::uint64_t free = space->available_bytes;
    const Room now = free >= reserve ? Room::for_all : free >= internal_reserve ? Room::for_internal : Room::for_none;
    change(now, mebibytes(free) + " free, " + mebibytes(reserve) + " are the reserve");
}

void DiskGauge::change(Room now, const std::string& why) {
    const Room before = room_.exchange(now);
    if (!notice_ || (before == Room::for_all) == (now == Room::for_all)) return;
    notice_(now == Room::for_all ? "there is room on the disk again: events are accepted (" + why + ")"
                                 : "the disk is full: events are refused until there is room (" + why + ")");
}

}  // namespace tenter::log
