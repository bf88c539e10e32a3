// src/auth/credential_sources.cpp: credentials from the environment and from files.

#include <utility>

#include "tenter/auth/credentials.hpp"
#include "tenter/base/secret_source.hpp"

namespace tenter::auth {

Result<BasicAuth> BasicAuth::from_environment(const std::string& username_variable, const std::string& password_variable) {
    const auto username = secret_from_environment(username_variable);
    if (!username) return fail(username.error());
    auto password = secret_from_environment(password_variable);
    if (!password) return fail(std::move(password.error()));
    return BasicAuth{std::string(username->reveal()), std::move(*password)};
}

Result<BasicAuth> BasicAuth::from_file(const std::string& path) {
    const auto content = secret_from_file(path);
    if (!content) return fail(content.error());
    const BytesView pair = content->reveal();
    const std::size_t colon = pair.find(':');
    if (colon == BytesView::npos) return fail(Errc::invalid_input, path + ": username:password expected");
    return BasicAuth{std::string(pair.substr(0, colon)), Secret(Bytes(pair.substr(colon + 1)))};
}

Result<BearerAuth> BearerAuth::from_environment(const std::string& variable) {
    auto token = secret_from_environment(variable);
    if (!token) return fail(std::move(token.error()));
    return BearerAuth{std::move(*token)};
}

Result<BearerAuth> BearerAuth::from_file(const std::string& path) {
    auto token = secret_from_file(path);
    if (!token) return fail(std::move(token.error()));
    return BearerAuth{std::move(*token)};
}

Result<ApiKeyAuth> ApiKeyAuth::from_environment(const std::string& variable, std::string header_name) {
    auto key = secret_from_environment(variable);
    if (!key) return fail(std::move(key.error()));
    return ApiKeyAuth{std::move(*key), std::move(header_name)};
}

Result<ApiKeyAuth> ApiKeyAuth::from_file(const std::string& path, std::string header_name) {
    auto key = secret_from_file(path);
    if (!key) return fail(std::move(key.error()));
    return ApiKeyAuth{std::move(*key), std::move(header_name)};
}

}  // namespace tenter::auth
