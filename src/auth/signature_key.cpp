#include "src/auth/signature_key.hpp"

#include <array>
#include <utility>

#include "src/auth/openssl.hpp"
#include "tenter/base/constant_time.hpp"

namespace tenter::auth {
namespace {

std::unexpected<Error> openssl_failed() { return fail(Errc::unavailable, "OpenSSL could not compute a digest"); }

/// No early exit: the time does not tell which of several signatures was right.
bool any_equal(BytesView expected, std::span<const Bytes> signatures) {
    unsigned found = 0;
    for (const auto& signature : signatures) found |= constant_time_equal(expected, signature) ? 1U : 0U;
    return found != 0;
}

/// What HMAC and plain hashes share: they can compute the signature and need only compare.
class SymmetricKey : public SignatureKey {
public:
    [[nodiscard]] bool accepts(SignedText text, std::span<const Bytes> signatures) const final {
        Digest digest;
        return compute(text, digest) && any_equal(digest.view(), signatures);
    }
    [[nodiscard]] Result<Bytes> sign(SignedText text) const final {
        Digest digest;
        if (!compute(text, digest)) return openssl_failed();
        return Bytes(digest.view());
    }

protected:
    struct Digest {
        std::array<char, EVP_MAX_MD_SIZE> bytes;
        std::size_t size = 0;
        [[nodiscard]] BytesView view() const noexcept { return {bytes.data(), size}; }
    };
    [[nodiscard]] virtual bool compute(SignedText text, Digest& digest) const = 0;
};

const EVP_MD* hash_of(Algorithm algorithm) noexcept {
    if (algorithm == Algorithm::hmac_sha1) return EVP_sha1();
    return algorithm == Algorithm::hmac_sha512 ? EVP_sha512() : EVP_sha256();
}

bool finish(EVP_MD_CTX* context, std::array<char, EVP_MAX_MD_SIZE>& out, std::size_t& size) {
    unsigned written = 0;
    if (EVP_DigestFinal_ex(context, octets(out.data()), &written) != 1) return false;
    size = written;
    return true;
}

/// HMAC (RFC 2104) on plain digests: the two hashes that have absorbed the key's blocks are kept and copied for each message. OpenSSL's
/// EVP_MAC does the same work, but duplicating its context costs 0.6 us more, of 0.8 (1 KiB: 2.0 instead of 1.3 us, OpenSSL 3.0).
class HmacKey final : public SymmetricKey {
public:
    HmacKey(DigestContextPtr inner, DigestContextPtr outer) : inner_(std::move(inner)), outer_(std::move(outer)) {}

private:
    [[nodiscard]] bool compute(SignedText text, Digest& digest) const override {
        const DigestContextPtr context(EVP_MD_CTX_new());
        if (!context || EVP_MD_CTX_copy_ex(context.get(), inner_.get()) != 1) return false;
        for (const auto piece : text)
            if (EVP_DigestUpdate(context.get(), piece.data(), piece.size()) != 1) return false;
        return finish(context.get(), digest.bytes, digest.size) && EVP_MD_CTX_copy_ex(context.get(), outer_.get()) == 1 &&
               EVP_DigestUpdate(context.get(), digest.bytes.data(), digest.size) == 1 && finish(context.get(), digest.bytes, digest.size);
    }

    DigestContextPtr inner_;  ///< Has absorbed key XOR 0x36...
    DigestContextPtr outer_;  ///< Has absorbed key XOR 0x5c...
};

/// SHA-256 of a text that holds the secret itself.
class HashKey final : public SymmetricKey {
    [[nodiscard]] bool compute(SignedText text, Digest& digest) const override {
        const DigestContextPtr context(EVP_MD_CTX_new());
        if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return false;
        for (const auto piece : text)
            if (EVP_DigestUpdate(context.get(), piece.data(), piece.size()) != 1) return false;
        return finish(context.get(), digest.bytes, digest.size);
    }
};

/// The key filled up with zeros to one block of the hash, or its hash where it is longer; empty if OpenSSL fails.
Secret key_block(BytesView key, const EVP_MD* hash) {
    Bytes block(static_cast<std::size_t>(EVP_MD_get_block_size(hash)), '\0');
    if (key.size() <= block.size()) {
        key.copy(block.data(), key.size());
    } else if (EVP_Digest(key.data(), key.size(), octets(block.data()), nullptr, hash, nullptr) != 1) {
        return Secret();
    }
    return Secret(std::move(block));
}

DigestContextPtr absorb(const Secret& key_block, char pad, const EVP_MD* hash) {
    Bytes padded(key_block.reveal());
    for (auto& byte : padded) byte = static_cast<char>(byte ^ pad);
    const Secret wiped(std::move(padded));
    DigestContextPtr context(EVP_MD_CTX_new());
    const bool absorbed = context && !wiped.empty() && EVP_DigestInit_ex(context.get(), hash, nullptr) == 1 &&
                          EVP_DigestUpdate(context.get(), wiped.reveal().data(), wiped.reveal().size()) == 1;
    if (!absorbed) context.reset();
    return context;
}

Result<std::unique_ptr<SignatureKey>> make_hmac_key(const KeyMaterial& material) {
    const EVP_MD* hash = hash_of(material.algorithm);
    const Secret block = key_block(material.bytes.reveal(), hash);
    DigestContextPtr inner = absorb(block, 0x36, hash);
    DigestContextPtr outer = absorb(block, 0x5c, hash);
    if (!inner || !outer) return openssl_failed();
    return std::make_unique<HmacKey>(std::move(inner), std::move(outer));
}

}  // namespace

Result<std::unique_ptr<SignatureKey>> make_signature_key(const KeyMaterial& material) {
    if (is_asymmetric(material.algorithm)) return make_public_key(material);
    if (material.algorithm == Algorithm::sha256) return std::make_unique<HashKey>();
    return make_hmac_key(material);
}

}  // namespace tenter::auth
