#pragma once
// gateway/http_head/host.hpp: the authority of a request (RFC 9110 section 7.2, RFC 3986 section 3.2): uri-host [ ":" port ], nothing else.

#include <string_view>

namespace tenter::http {

/// Why `authority` cannot be a Host: empty, with user info, path or comma, a byte that no host has, a malformed address or port. Empty if
/// it can. The result is a literal.
[[nodiscard]] std::string_view host_fault(std::string_view authority) noexcept;

}  // namespace tenter::http
