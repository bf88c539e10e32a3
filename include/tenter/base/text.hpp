#pragma once
// tenter/base/text.hpp: ASCII text as protocols use it. Nothing here depends on a locale.

#include <string>
#include <string_view>

namespace tenter {

[[nodiscard]] constexpr char ascii_upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }
[[nodiscard]] constexpr char ascii_lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
[[nodiscard]] constexpr bool is_ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }

[[nodiscard]] std::string ascii_lowered(std::string_view text);
/// Equal but for the case of A-Z. In the header because every header line of every request is compared several times, mostly with one of
/// another length.
[[nodiscard]] constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i)
        if (a[i] != b[i] && ascii_lower(a[i]) != ascii_lower(b[i])) return false;
    return true;
}
[[nodiscard]] bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) noexcept;
/// Without leading and trailing spaces and tabs (RFC 9110 OWS).
[[nodiscard]] std::string_view trim_ows(std::string_view text) noexcept;

}  // namespace tenter
