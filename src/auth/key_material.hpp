#pragma once
// src/auth/key_material.hpp: from the secret as a person wrote it to the bytes that an algorithm takes.

#include <cstdint>

#include "tenter/auth/scheme.hpp"

namespace tenter::auth {

enum class KeyForm : std::uint8_t {
    symmetric,    ///< The bytes are the key.
    raw_public,   ///< 32 bytes of an Ed25519 public key.
    raw_private,  ///< 64 bytes: the seed of an Ed25519 private key, then its public key.
    spki,         ///< SubjectPublicKeyInfo in DER (RFC 5280).
    pem,          ///< Text, public or private.
};

struct KeyMaterial {
    Algorithm algorithm = Algorithm::hmac_sha256;
    KeyForm form = KeyForm::symmetric;
    Secret bytes;
};

[[nodiscard]] bool is_asymmetric(Algorithm algorithm) noexcept;

/// Decodes `secret`. Under `whsec` its prefix decides: `whpk_` and `whsk_` make `algorithm` ed25519, `whsec_` or none leave it as it is;
/// base64 with or without padding. `invalid_input` says what is wrong and where, never what the secret is.
[[nodiscard]] Result<KeyMaterial> decode_key(Algorithm algorithm, SecretEncoding encoding, const Secret& secret);

}  // namespace tenter::auth
