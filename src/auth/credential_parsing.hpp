#pragma once
// src/auth/credential_parsing.hpp: where a request shows a shared credential. Every failure is `unauthenticated`: not proven is all that a
// malformed credential says.

#include <optional>
#include <string_view>

#include "tenter/base/bytes.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::auth {

/// What follows the scheme's name in the one Authorization header (RFC 9110 11.6.2); the name compares without case.
[[nodiscard]] Result<std::string_view> parse_authorization(std::string_view value, std::string_view scheme);

/// "user:password" out of Basic credentials (RFC 7617): standard base64, padded or not, with a colon in it.
[[nodiscard]] Result<Bytes> decode_basic(std::string_view credentials);

/// The percent-decoded value of the query parameter `access_token` (RFC 6750 2.3), or nothing. Twice, or wrongly encoded, is a failure. '+'
/// stays '+', which tokens may hold; a space they may not.
[[nodiscard]] Result<std::optional<Bytes>> find_access_token(std::string_view query);

/// Name of that parameter.
inline constexpr std::string_view access_token_name = "access_token";

}  // namespace tenter::auth
