#pragma once
// src/auth/compiled_scheme.hpp: a scheme that has been read and found to make sense, shared by verifying and signing.

#include <memory>
#include <vector>

#include "src/auth/signature_header.hpp"
#include "src/auth/signature_key.hpp"
#include "src/auth/signed_template.hpp"

namespace tenter::auth {

struct CompiledScheme {
    SignatureScheme scheme;
    SignedTemplate signed_text;
    SignatureAffixes affixes;
};

/// `invalid_input` names the key of the configuration that contradicts another, and says what to do.
[[nodiscard]] Result<CompiledScheme> compile_scheme(SignatureScheme scheme);

[[nodiscard]] bool has_timestamp(const SignatureScheme& scheme) noexcept;

/// One secret, ready for use, and the form of the signatures that it makes: Standard Webhooks' asymmetric keys write `v1a,` where its
/// symmetric ones write `v1,`.
struct CompiledKey {
    std::unique_ptr<SignatureKey> key;
    SignatureAffixes affixes;
    Secret secret;  ///< Only where the signed text holds {secret}.
};
[[nodiscard]] Result<CompiledKey> compile_key(const CompiledScheme& scheme, const Secret& secret);

/// Where the algorithm is "token" (token_verifier.cpp).
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_token_verifier(CompiledScheme scheme, const std::vector<Secret>& secrets);

}  // namespace tenter::auth
