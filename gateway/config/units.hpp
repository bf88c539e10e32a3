#pragma once
// gateway/config/units.hpp: durations and sizes as people write them.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenter::config {

/// "250ms", "30s", "5m", "24h", "30d": a whole number and its unit. Nothing for anything else, or for more than 100 years.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept;
/// "1MiB", "64KiB", "1GiB", "2TiB", "512B": a whole number and its unit, powers of 1,024. Nothing for anything else, or for over 2^62.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text) noexcept;

/// The shortest exact way to write it: "30s", "1MiB".
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);
[[nodiscard]] std::string size_text(std::uint64_t bytes);

}  // namespace tenter::config
