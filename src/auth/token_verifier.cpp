#include <utility>

#include "src/auth/compiled_scheme.hpp"
#include "src/auth/digest_set.hpp"
#include "src/auth/header_name.hpp"
#include "tenter/base/text.hpp"

namespace tenter::auth {
namespace {

/// The header is the secret (GitLab's X-Gitlab-Token): an API key with a format around it.
class TokenVerifier final : public Verifier {
public:
    TokenVerifier(CompiledScheme scheme, DigestSet accepted)
        : scheme_(std::move(scheme)),
          accepted_(std::move(accepted)),
          places_{.headers = {ascii_lowered(scheme_.scheme.signature_header)}, .query_parameters = {}} {}

    [[nodiscard]] Result<Verified> verify(const HttpRequestView& request, UnixMillis) const override {
        const auto header = single_header(request.headers, scheme_.scheme.signature_header);
        if (!header) return fail(Error(header.error()));
        const auto token = scheme_.affixes.strip(*header);
        if (!token || !accepted_.contains(*token)) return fail(Errc::unauthenticated, "wrong credentials");
        return Verified{.scheme = scheme_.scheme.scheme, .message_id = {}};
    }
    [[nodiscard]] std::string_view scheme() const noexcept override { return scheme_.scheme.scheme; }
    [[nodiscard]] const CredentialPlaces& credential_places() const noexcept override { return places_; }

private:
    CompiledScheme scheme_;
    DigestSet accepted_;
    CredentialPlaces places_;
};

}  // namespace

Result<std::unique_ptr<Verifier>> make_token_verifier(CompiledScheme scheme, const std::vector<Secret>& secrets) {
    for (std::size_t i = 0; i < secrets.size(); ++i)
        if (!can_be_header_value(secrets[i].reveal()))
            return fail(Errc::invalid_input, "secret " + std::to_string(i) +
                                                 ": empty, or white space around it or a control character, which no header can carry");
    auto accepted = DigestSet::make(secrets);
    if (!accepted) return fail(std::move(accepted.error()));
    return std::make_unique<TokenVerifier>(std::move(scheme), std::move(*accepted));
}

}  // namespace tenter::auth
