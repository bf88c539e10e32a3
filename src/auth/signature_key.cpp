#include "src/auth/signature_key.hpp"

#include <array>
#include <utility>

#include <openssl/core_names.h>
#include <openssl/params.h>

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

/// The context that has absorbed the key is copied for each message: the key's two blocks are hashed once, not per request.
class HmacKey final : public SymmetricKey {
public:
    explicit HmacKey(MacContextPtr keyed) : keyed_(std::move(keyed)) {}

private:
    [[nodiscard]] bool compute(SignedText text, Digest& digest) const override {
        const MacContextPtr context(EVP_MAC_CTX_dup(keyed_.get()));
        if (!context) return false;
        for (const auto piece : text)
            if (EVP_MAC_update(context.get(), octets(piece.data()), piece.size()) != 1) return false;
        return EVP_MAC_final(context.get(), octets(digest.bytes.data()), &digest.size, digest.bytes.size()) == 1;
    }

    MacContextPtr keyed_;
};

/// SHA-256 of a text that holds the secret itself.
class HashKey final : public SymmetricKey {
    [[nodiscard]] bool compute(SignedText text, Digest& digest) const override {
        const DigestContextPtr context(EVP_MD_CTX_new());
        if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return false;
        for (const auto piece : text)
            if (EVP_DigestUpdate(context.get(), piece.data(), piece.size()) != 1) return false;
        unsigned size = 0;
        if (EVP_DigestFinal_ex(context.get(), octets(digest.bytes.data()), &size) != 1) return false;
        digest.size = size;
        return true;
    }
};

const char* hash_name(Algorithm algorithm) noexcept {
    if (algorithm == Algorithm::hmac_sha1) return "SHA1";
    return algorithm == Algorithm::hmac_sha512 ? "SHA512" : "SHA256";
}

Result<std::unique_ptr<SignatureKey>> make_hmac_key(const KeyMaterial& material) {
    const MacPtr mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
    MacContextPtr context(mac ? EVP_MAC_CTX_new(mac.get()) : nullptr);
    if (!context) return openssl_failed();
    std::string digest = hash_name(material.algorithm);
    const std::array parameters{OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), digest.size()),
                                OSSL_PARAM_construct_end()};
    const BytesView key = material.bytes.reveal();
    if (EVP_MAC_init(context.get(), octets(key.data()), key.size(), parameters.data()) != 1) return openssl_failed();
    return std::make_unique<HmacKey>(std::move(context));
}

}  // namespace

Result<std::unique_ptr<SignatureKey>> make_signature_key(const KeyMaterial& material) {
    if (is_asymmetric(material.algorithm)) return make_public_key(material);
    if (material.algorithm == Algorithm::sha256) return std::make_unique<HashKey>();
    return make_hmac_key(material);
}

}  // namespace tenter::auth
