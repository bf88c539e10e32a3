#pragma once
// src/auth/digest_set.hpp: the shared credentials that are accepted, compared so that time tells nothing about them, not even their length.

#include <cstddef>
#include <vector>

#include "src/auth/signature_key.hpp"

namespace tenter::auth {

/// Holds HMAC-SHA256 digests under a random key of its own. A guess is digested once (so the time depends on the guess's own length) and
/// compared with every digest, whichever matches. Immutable once filled.
class DigestSet {
public:
    /// `unavailable` only if OpenSSL fails.
    [[nodiscard]] static Result<DigestSet> make(const std::vector<Secret>& accepted);
    [[nodiscard]] bool contains(BytesView guess) const;

private:
    std::unique_ptr<SignatureKey> key_;
    std::vector<Bytes> digests_;
};

}  // namespace tenter::auth
