#pragma once
// src/auth/signature_key.hpp: one key, ready for use: OpenSSL's work that depends only on the key is done when it is made.

#include <cstdint>
#include <memory>
#include <span>

#include "src/auth/key_material.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::auth {

/// The text that a signature covers, as the pieces of which it is made: a body is never copied to stand beside its prefix.
using SignedText = std::span<const BytesView>;

/// Immutable: may be used from any thread.
class SignatureKey {
public:
    SignatureKey() = default;
    SignatureKey(const SignatureKey&) = delete;
    SignatureKey& operator=(const SignatureKey&) = delete;
    virtual ~SignatureKey() = default;

    /// True if at least one of the signatures is right; all are tried, whichever is.
    [[nodiscard]] virtual bool accepts(SignedText text, std::span<const Bytes> signatures) const = 0;
    /// `unsupported` where this kind of key cannot sign; `invalid_input` where only its public half is known.
    [[nodiscard]] virtual Result<Bytes> sign(SignedText text) const = 0;
};

/// `invalid_input` for a key that the algorithm cannot use; the message never holds a part of the key. Not for `Algorithm::token`.
[[nodiscard]] Result<std::unique_ptr<SignatureKey>> make_signature_key(const KeyMaterial& material);
/// The same for ed25519, ecdsa and rsa only (public_key.cpp).
[[nodiscard]] Result<std::unique_ptr<SignatureKey>> make_public_key(const KeyMaterial& material);

}  // namespace tenter::auth
