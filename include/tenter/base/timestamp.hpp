#pragma once
// tenter/base/timestamp.hpp: RFC 3339 timestamps, for people and for CloudEvents' `time`.

#include <string>
#include <string_view>

#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter {

/// "2026-11-23T14:48:33.120Z": always UTC, always three decimals.
[[nodiscard]] std::string to_rfc3339(UnixMillis time);

/// RFC 3339 section 5.6 with any offset, 'T' and 'Z' in either case, any number of decimals (those after the third are dropped). Second 60
/// is accepted where RFC 3339 allows it (23:59:60 UTC at a month's end) and reads as the next second. Errors name the byte offset.
[[nodiscard]] Result<UnixMillis> parse_rfc3339(std::string_view text);

}  // namespace tenter
