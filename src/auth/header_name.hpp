#pragma once
// src/auth/header_name.hpp: what may be a header's name, and what can never arrive in a header's value.

#include <algorithm>
#include <string_view>

namespace tenter::auth {

/// A token (RFC 9110 5.6.2), not empty.
[[nodiscard]] inline bool is_header_name(std::string_view text) noexcept {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || others.find(c) != std::string_view::npos;
    });
}

/// False for text that no sender can put into a header: control characters (a secret file's last line feed is the usual one), or white
/// space around it.
[[nodiscard]] inline bool can_be_header_value(std::string_view text) noexcept {
    const auto is_control = [](char c) { return (c >= '\0' && c < ' ' && c != '\t') || c == '\x7f'; };
    const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
    return !text.empty() && !is_space(text.front()) && !is_space(text.back()) && std::ranges::none_of(text, is_control);
}

}  // namespace tenter::auth
