#include "tenter/auth/credentials.hpp"

#include <utility>

#include "src/auth/credential_parsing.hpp"
#include "src/auth/digest_set.hpp"
#include "src/auth/header_name.hpp"
#include "src/auth/signed_template.hpp"
#include "tenter/base/text.hpp"

namespace tenter::auth {
namespace {

/// What the three have in common: a place where the credential stands, and a set of those that are accepted.
class CredentialVerifier : public Verifier {
public:
    CredentialVerifier(std::string_view scheme, DigestSet accepted, CredentialPlaces places)
        : scheme_(scheme), accepted_(std::move(accepted)), places_(std::move(places)) {}

    [[nodiscard]] Result<Verified> verify(const HttpRequestView& request, UnixMillis) const final {
        const auto shown = find_credential(request);
        if (!shown) return fail(Error(shown.error()));
        if (!accepted_.contains(*shown)) return fail(Errc::unauthenticated, "wrong credentials");
        return Verified{.scheme = scheme_, .message_id = {}};
    }
    [[nodiscard]] std::string_view scheme() const noexcept final { return scheme_; }
    [[nodiscard]] const CredentialPlaces& credential_places() const noexcept final { return places_; }

protected:
    [[nodiscard]] virtual Result<Bytes> find_credential(const HttpRequestView& request) const = 0;

private:
    std::string_view scheme_;
    DigestSet accepted_;
    CredentialPlaces places_;
};

class BasicVerifier final : public CredentialVerifier {
public:
    using CredentialVerifier::CredentialVerifier;
    [[nodiscard]] std::string_view challenge() const noexcept override { return R"(Basic realm="tenter")"; }

private:
    [[nodiscard]] Result<Bytes> find_credential(const HttpRequestView& request) const override {
        const auto header = single_header(request.headers, "Authorization");
        if (!header) return fail(Error(header.error()));
        const auto credentials = parse_authorization(*header, "Basic");
        if (!credentials) return fail(Error(credentials.error()));
        return decode_basic(*credentials);
    }
};

class BearerVerifier final : public CredentialVerifier {
public:
    using CredentialVerifier::CredentialVerifier;
    [[nodiscard]] std::string_view challenge() const noexcept override { return R"(Bearer realm="tenter")"; }

private:
    [[nodiscard]] Result<Bytes> find_credential(const HttpRequestView& request) const override {
        auto parameter = find_access_token(target_query(request.target));
        if (!parameter) return fail(std::move(parameter.error()));
        if (*parameter) {
            // RFC 6750 2: a client must not use more than one way.
            if (count_headers(request.headers, "Authorization") != 0)
                return fail(Errc::unauthenticated, "both header Authorization and query parameter access_token");
            return std::move(**parameter);
        }
        const auto header = single_header(request.headers, "Authorization");
        if (!header) return fail(Error(header.error()));
        const auto token = parse_authorization(*header, "Bearer");
        if (!token) return fail(Error(token.error()));
        return Bytes(*token);
    }
};

class ApiKeyVerifier final : public CredentialVerifier {
public:
    ApiKeyVerifier(DigestSet accepted, std::string header_name)
        : CredentialVerifier("api-key", std::move(accepted), {.headers = {ascii_lowered(header_name)}, .query_parameters = {}}),
          header_name_(std::move(header_name)) {}

private:
    [[nodiscard]] Result<Bytes> find_credential(const HttpRequestView& request) const override {
        const auto key = single_header(request.headers, header_name_);
        if (!key) return fail(Error(key.error()));
        return Bytes(*key);
    }

    std::string header_name_;
};

std::unexpected<Error> bad_entry(std::size_t index, std::string_view why) {
    return fail(Errc::invalid_input, "credential " + std::to_string(index) + ": " + std::string(why));
}

Result<void> check_secret(std::size_t index, std::string_view field, const Secret& secret) {
    if (secret.empty()) return bad_entry(index, std::string(field) + " is empty");
    return {};
}

Result<void> check_header_secret(std::size_t index, std::string_view field, const Secret& secret) {
    if (auto present = check_secret(index, field, secret); !present) return present;
    if (!can_be_header_value(secret.reveal()))
        return bad_entry(index, std::string(field) + " has white space around it or a control character, which no header can carry");
    return {};
}

std::unexpected<Error> empty_list() { return fail(Errc::invalid_input, "no credential is accepted: name at least one"); }

}  // namespace

Result<std::unique_ptr<Verifier>> make_verifier(std::vector<BasicAuth> accepted) {
    if (accepted.empty()) return empty_list();
    std::vector<Secret> credentials;
    for (const auto& entry : accepted) {
        const std::size_t index = credentials.size();
        if (entry.username.find(':') != std::string::npos) return bad_entry(index, "username holds a colon, which Basic cannot express");
        if (auto checked = check_secret(index, "password", entry.password); !checked) return fail(std::move(checked.error()));
        credentials.emplace_back(entry.username + ":" + Bytes(entry.password.reveal()));
    }
    auto digests = DigestSet::make(credentials);
    if (!digests) return fail(std::move(digests.error()));
    return std::make_unique<BasicVerifier>("basic", std::move(*digests),
                                           CredentialPlaces{.headers = {"authorization"}, .query_parameters = {}});
}

Result<std::unique_ptr<Verifier>> make_verifier(std::vector<BearerAuth> accepted) {
    if (accepted.empty()) return empty_list();
    std::vector<Secret> tokens;
    for (const auto& entry : accepted) {
        if (auto checked = check_header_secret(tokens.size(), "token", entry.token); !checked) return fail(std::move(checked.error()));
        tokens.push_back(entry.token);
    }
    auto digests = DigestSet::make(tokens);
    if (!digests) return fail(std::move(digests.error()));
    return std::make_unique<BearerVerifier>(
        "bearer", std::move(*digests),
        CredentialPlaces{.headers = {"authorization"}, .query_parameters = {std::string(access_token_name)}});
}

Result<std::unique_ptr<Verifier>> make_verifier(std::vector<ApiKeyAuth> accepted) {
    if (accepted.empty()) return empty_list();
    std::vector<Secret> keys;
    for (const auto& entry : accepted) {
        const std::size_t index = keys.size();
        if (!is_header_name(entry.header_name)) return bad_entry(index, "header_name is not a header name");
        if (!equals_ignoring_case(entry.header_name, accepted.front().header_name))
            return bad_entry(index, "header_name differs from that of credential 0");
        if (auto checked = check_header_secret(index, "api_key", entry.api_key); !checked) return fail(std::move(checked.error()));
        keys.push_back(entry.api_key);
    }
    auto digests = DigestSet::make(keys);
    if (!digests) return fail(std::move(digests.error()));
    return std::make_unique<ApiKeyVerifier>(std::move(*digests), accepted.front().header_name);
}

}  // namespace tenter::auth
