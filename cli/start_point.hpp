#pragma once
// cli/start_point.hpp: `--from`: where to begin, the same for the embedded log and for Kafka.

#include <cstdint>
#include <string_view>
#include <variant>

#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

struct FromEarliest {};
struct FromLatest {};
struct FromOffset {
    std::int64_t offset;
};  ///< The same in every partition.
struct FromTime {
    UnixMillis time;
};  ///< The first event received at or after it.
using StartPoint = std::variant<FromEarliest, FromLatest, FromOffset, FromTime>;

/// "earliest", "latest", "offset:N", "time:2026-11-23T14:00:00Z" (RFC 3339) or "time:-5m" (s, m, h, d before now).
[[nodiscard]] Result<StartPoint> parse_start_point(std::string_view text, UnixMillis now);

}  // namespace tenter::cli
