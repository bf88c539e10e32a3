#pragma once
// tenter/auth/credentials.hpp: the three ways in which a sender shows a shared credential: Basic (RFC 7617), Bearer (RFC 6750) and an API
// key in a header. Several credentials may be accepted at once, for rotation. A wrong credential of any length takes the same time as any
// other.

#include <memory>
#include <string>
#include <vector>

#include "tenter/auth/verifier.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"

namespace tenter::auth {

/// Scheme "basic". The password may hold colons; user names may not (RFC 7617).
struct BasicAuth {
    std::string username;
    Secret password;
};

/// Scheme "bearer": in the header, or as query parameter `access_token` (CloudEvents Web Hooks 3.1-3.2); both at once is refused.
struct BearerAuth {
    Secret token;
};

/// Scheme "api-key".
struct ApiKeyAuth {
    Secret api_key;
    std::string header_name = "X-API-Key";
};

/// `invalid_input` for an empty list, an empty secret, a user name with a colon, header names that differ between entries, and a token or
/// key that no header can carry (white space around it, control characters). A request that shows two credentials is refused, even if both
/// are right.
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_verifier(std::vector<BasicAuth> accepted);
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_verifier(std::vector<BearerAuth> accepted);
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_verifier(std::vector<ApiKeyAuth> accepted);

}  // namespace tenter::auth
