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

// Each is also read from the environment of the process, by the names of its variables, or from a file, so that no program holds its own
// password. Errors as in base/secret_source.hpp.

/// Scheme "basic". The password may hold colons; user names may not (RFC 7617).
struct BasicAuth {
    std::string username;
    Secret password;

    [[nodiscard]] static Result<BasicAuth> from_environment(const std::string& username_variable, const std::string& password_variable);
    /// The file holds `username:password`.
    [[nodiscard]] static Result<BasicAuth> from_file(const std::string& path);
};

/// Scheme "bearer": in the header, or as query parameter `access_token` (CloudEvents Web Hooks 3.1-3.2); both at once is refused.
struct BearerAuth {
    Secret token;

    [[nodiscard]] static Result<BearerAuth> from_environment(const std::string& variable);
    [[nodiscard]] static Result<BearerAuth> from_file(const std::string& path);
};

/// Scheme "api-key".
struct ApiKeyAuth {
    Secret api_key;
    std::string header_name = "X-API-Key";

    [[nodiscard]] static Result<ApiKeyAuth> from_environment(const std::string& variable, std::string header_name = "X-API-Key");
    [[nodiscard]] static Result<ApiKeyAuth> from_file(const std::string& path, std::string header_name = "X-API-Key");
};
using APIKeyAuth = ApiKeyAuth;  ///< As users of the Python package write it.

/// `invalid_input` for an empty list, an empty secret, a user name with a colon, header names that differ between entries, and a token or
/// key that no header can carry (white space around it, control characters). A request that shows two credentials is refused, even if both
/// are right.
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_verifier(std::vector<BasicAuth> accepted);
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_verifier(std::vector<BearerAuth> accepted);
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_verifier(std::vector<ApiKeyAuth> accepted);

}  // namespace tenter::auth
