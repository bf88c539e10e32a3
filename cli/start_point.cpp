#include "cli/start_point.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "tenter/base/timestamp.hpp"

namespace tenter::cli {
namespace {

std::optional<std::int64_t> parse_number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty() || value < 0) return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> parse_ago(std::string_view text) {
    if (text.size() < 3 || text.front() != '-') return std::nullopt;
    const auto count = parse_number(text.substr(1, text.size() - 2));
    if (!count || *count > 1'000'000'000) return std::nullopt;
    switch (text.back()) {
        case 's': return std::chrono::seconds(*count);
        case 'm': return std::chrono::minutes(*count);
        case 'h': return std::chrono::hours(*count);
        case 'd': return std::chrono::days(*count);
        default: return std::nullopt;
    }
}

}  // namespace

Result<StartPoint> parse_start_point(std::string_view text, UnixMillis now) {
    if (text == "earliest") return FromEarliest{};
    if (text == "latest") return FromLatest{};
    if (text.starts_with("offset:"))
        if (const auto offset = parse_number(text.substr(7))) return FromOffset{*offset};
    if (text.starts_with("time:")) {
        if (const auto ago = parse_ago(text.substr(5))) return FromTime{now - *ago};
        auto time = parse_rfc3339(text.substr(5));
        if (time) return FromTime{*time};
        return fail(std::move(time.error()));
    }
    return fail(Errc::invalid_input, "expected earliest, latest, offset:N, time:2026-11-23T14:00:00Z or time:-5m");
}

}  // namespace tenter::cli
