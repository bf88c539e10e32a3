#pragma once
// gateway/broker/plain.hpp: what a client says with SASL PLAIN (RFC 4616):
//
//   authorization id (empty, or the user) | NUL | user | NUL | password

#include <optional>
#include <string_view>

#include "tenter/base/bytes.hpp"

namespace tenter::broker {

/// Views into the token.
struct PlainToken {
    std::string_view user;
    std::string_view password;  ///< Secret.
};

/// Nothing if these are not three parts, a part is empty that may not be, or one user wants to be another: what Kafka refuses, too.
[[nodiscard]] std::optional<PlainToken> parse_plain(BytesView token) noexcept;

}  // namespace tenter::broker
