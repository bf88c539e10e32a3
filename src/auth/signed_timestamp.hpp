#pragma once
// src/auth/signed_timestamp.hpp: timestamps as schemes sign them.

#include <chrono>
#include <string>
#include <string_view>

#include "tenter/auth/scheme.hpp"

namespace tenter::auth {

/// Seconds and milliseconds: 1 to 15 digits and nothing else. `unauthenticated` otherwise.
[[nodiscard]] Result<UnixMillis> parse_signed_timestamp(std::string_view text, TimestampUnit unit);
[[nodiscard]] std::string format_signed_timestamp(UnixMillis time, TimestampUnit unit);

/// `unauthenticated` if `time` is more than `tolerance` before or after `now`; exactly `tolerance` is within it.
[[nodiscard]] Result<void> check_tolerance(UnixMillis time, UnixMillis now, std::chrono::seconds tolerance);

}  // namespace tenter::auth
