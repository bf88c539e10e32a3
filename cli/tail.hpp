#pragma once
// cli/tail.hpp: `tenter tail`: a source's events, from a point on, oldest first; then, if asked to, each new one as it becomes durable.

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/log/types.hpp"
#include "gateway/log_segment/log_reader.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

struct FromEarliest {};
struct FromLatest {};
struct FromOffset {
    log::Offset offset;
};  ///< The same in every partition.
struct FromTime {
    UnixMillis time;
};  ///< The first event received at or after it.
using StartPoint = std::variant<FromEarliest, FromLatest, FromOffset, FromTime>;

/// "earliest", "latest", "offset:N", "time:2026-11-23T14:00:00Z" (RFC 3339) or "time:-5m" (s, m, h, d before now).
[[nodiscard]] Result<StartPoint> parse_start_point(std::string_view text, UnixMillis now);

struct TailOptions {
    std::string source;
    StartPoint from;
    std::optional<log::PartitionId> partition;                        ///< Unset: all, merged by time.
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max();  ///< Events.
    bool follow = false;
    bool json = false;
    bool colour = false;
};

/// Gets each event's text; false ends the tail (the reader went away).
using TailOutput = std::function<bool(std::string_view)>;

/// Returns at the end of the log, at the limit, or when `output` says so; with `follow` only the latter two. Errors name source, partition,
/// offset.
[[nodiscard]] Result<void> tail(log::LogReader& reader, const TailOptions& options, const TailOutput& output);

}  // namespace tenter::cli
