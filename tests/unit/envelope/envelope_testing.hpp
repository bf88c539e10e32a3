#pragma once
// tests/unit/envelope/envelope_testing.hpp: envelopes as values that compare and print.

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/encoding.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::envelope::testing {

using HeaderPairs = std::vector<std::pair<std::string, std::string>>;

inline HeaderPairs pairs_of(const EncodedHeaders& headers) {
    HeaderPairs pairs;
    headers.for_each([&](std::string_view name, std::string_view value) { pairs.emplace_back(name, value); });
    return pairs;
}

/// Views of `pairs`, which must live as long.
std::vector<HeaderView> views_of(HeaderPairs&&) = delete;
inline std::vector<HeaderView> views_of(const HeaderPairs& pairs) {
    std::vector<HeaderView> views;
    for (const auto& [name, value] : pairs) views.push_back({name, value});
    return views;
}

/// Octets written as hexadecimal digits with spaces.
inline Bytes from_hex(std::string text) {
    std::erase(text, ' ');
    auto bytes = hex_decode(text);
    EXPECT_TRUE(bytes.has_value()) << text;
    return bytes ? *bytes : Bytes();
}

}  // namespace tenter::envelope::testing
