#include "gateway/config/units.hpp"

#include <array>
#include <charconv>

namespace tenter::config {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

constexpr std::array<Unit, 5> duration_units{{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}}};
constexpr std::array<Unit, 5> size_units{{{"B", 1}, {"KiB", 1ULL << 10}, {"MiB", 1ULL << 20}, {"GiB", 1ULL << 30}, {"TiB", 1ULL << 40}}};
constexpr std::uint64_t longest_ms = 100ULL * 366 * 86'400'000;
constexpr std::uint64_t largest_size = 1ULL << 62;

template <std::size_t Count>
std::optional<std::uint64_t> parse_with_unit(std::string_view text, const std::array<Unit, Count>& units, std::uint64_t greatest) noexcept {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    const std::string_view name = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const auto& unit : units)
        if (unit.name == name && number <= greatest / unit.factor) return number * unit.factor;
    return std::nullopt;
}

template <std::size_t Count>
std::string text_with_unit(std::uint64_t value, const std::array<Unit, Count>& units) {
    std::size_t best = 0;
    for (std::size_t i = 0; i < Count; ++i)
        if (value != 0 && value % units[i].factor == 0) best = i;
    return std::to_string(value / units[best].factor) + std::string(units[best].name);
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
    const auto ms = parse_with_unit(text, duration_units, longest_ms);
    if (!ms) return std::nullopt;
    return std::chrono::milliseconds(*ms);
}

std::optional<std::uint64_t> parse_size(std::string_view text) noexcept { return parse_with_unit(text, size_units, largest_size); }

std::string duration_text(std::chrono::milliseconds duration) {
    return text_with_unit(static_cast<std::uint64_t>(duration.count()), duration_units);
}

std::string size_text(std::uint64_t bytes) { return text_with_unit(bytes, size_units); }

}  // namespace tenter::config
