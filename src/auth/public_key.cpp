// src/auth/public_key.cpp: Ed25519, ECDSA over P-256 and RSA.

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "src/auth/openssl.hpp"
#include "src/auth/signature_key.hpp"

namespace tenter::auth {
namespace {

constexpr std::size_t ed25519_key_size = 32;
constexpr std::size_t ed25519_signature_size = 64;
constexpr std::size_t p256_number_size = 32;
constexpr int smallest_rsa_bits = 2048;

std::unexpected<Error> unusable(std::string_view why) { return fail(Errc::invalid_input, std::string(why)); }

Bytes joined(SignedText text) {
    std::size_t size = 0;
    for (const auto piece : text) size += piece.size();
    Bytes out;
    out.reserve(size);
    for (const auto piece : text) out.append(piece);
    return out;
}

/// Ed25519 (RFC 8032) reads the message twice, so OpenSSL wants it in one piece.
class Ed25519Key final : public SignatureKey {
public:
    Ed25519Key(KeyPtr key, bool can_sign) : key_(std::move(key)), can_sign_(can_sign) {}

    [[nodiscard]] bool accepts(SignedText text, std::span<const Bytes> signatures) const override {
        const Bytes message = joined(text);
        return std::ranges::count_if(signatures, [&](const Bytes& signature) { return is_right(message, signature); }) != 0;
    }

    [[nodiscard]] Result<Bytes> sign(SignedText text) const override {
        if (!can_sign_) return unusable("a public key cannot sign");
        const Bytes message = joined(text);
        const DigestContextPtr context(EVP_MD_CTX_new());
        Bytes signature(ed25519_signature_size, '\0');
        std::size_t size = signature.size();
        if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) != 1 ||
            EVP_DigestSign(context.get(), octets(signature.data()), &size, octets(message.data()), message.size()) != 1)
            return fail(Errc::unavailable, "OpenSSL could not sign");
        return signature;
    }

private:
    [[nodiscard]] bool is_right(const Bytes& message, const Bytes& signature) const {
        const DigestContextPtr context(EVP_MD_CTX_new());
        return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
               EVP_DigestVerify(context.get(), octets(signature.data()), signature.size(), octets(message.data()), message.size()) == 1;
    }

    KeyPtr key_;
    bool can_sign_;
};

/// r || s, 32 bytes each (IEEE P1363), as the DER that OpenSSL reads; empty if the size is wrong.
Bytes p1363_to_der(const Bytes& signature) {
    if (signature.size() != 2 * p256_number_size) return {};
    const EcdsaSignaturePtr numbers(ECDSA_SIG_new());
    BIGNUM* r = BN_bin2bn(octets(signature.data()), p256_number_size, nullptr);
    BIGNUM* s = BN_bin2bn(octets(signature.data()) + p256_number_size, p256_number_size, nullptr);
    if (!numbers || r == nullptr || s == nullptr || ECDSA_SIG_set0(numbers.get(), r, s) != 1) {
        BN_free(r);
        BN_free(s);
        return {};
    }
    std::array<unsigned char, 80> der{};  // at most 72 for P-256
    unsigned char* end = der.data();
    const int size = i2d_ECDSA_SIG(numbers.get(), &end);
    return size <= 0 ? Bytes() : Bytes(reinterpret_cast<const char*>(der.data()), static_cast<std::size_t>(size));
}

/// ECDSA and RSA sign the SHA-256 of the text, which is computed once for all signatures.
class Sha256SignatureKey final : public SignatureKey {
public:
    Sha256SignatureKey(KeyPtr key, Algorithm algorithm) : key_(std::move(key)), algorithm_(algorithm) {}

    [[nodiscard]] bool accepts(SignedText text, std::span<const Bytes> signatures) const override {
        Hash hash{};
        if (!compute(text, hash)) return false;
        return std::ranges::count_if(signatures, [&](const Bytes& signature) {
                   return is_right(hash, algorithm_ == Algorithm::ecdsa_p256_sha256_p1363 ? p1363_to_der(signature) : signature);
               }) != 0;
    }

    [[nodiscard]] Result<Bytes> sign(SignedText) const override {
        return fail(Errc::unsupported, "signing with " + std::string(to_string(algorithm_)) + " is not offered");
    }

private:
    using Hash = std::array<unsigned char, 32>;

    static bool compute(SignedText text, Hash& hash) {
        const DigestContextPtr context(EVP_MD_CTX_new());
        if (!context || EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) != 1) return false;
        for (const auto piece : text)
            if (EVP_DigestUpdate(context.get(), piece.data(), piece.size()) != 1) return false;
        return EVP_DigestFinal_ex(context.get(), hash.data(), nullptr) == 1;
    }

    [[nodiscard]] bool is_right(const Hash& hash, const Bytes& signature) const {
        const KeyContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key_.get(), nullptr));
        if (!context || EVP_PKEY_verify_init(context.get()) != 1) return false;
        if (algorithm_ == Algorithm::rsa_sha256 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) != 1) return false;
        if (EVP_PKEY_CTX_set_signature_md(context.get(), EVP_sha256()) != 1) return false;
        return EVP_PKEY_verify(context.get(), octets(signature.data()), signature.size(), hash.data(), hash.size()) == 1;
    }

    KeyPtr key_;
    Algorithm algorithm_;
};

/// OpenSSL would ask the terminal for the pass phrase of an encrypted key; a server must not wait there.
int no_pass_phrase(char*, int, int, void*) { return -1; }

struct LoadedKey {
    KeyPtr key;
    bool is_private = false;
};

LoadedKey load_pem(BytesView text) {
    const auto open = [&] { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); };
    if (KeyPtr key(PEM_read_bio_PUBKEY(open().get(), nullptr, no_pass_phrase, nullptr)); key) return {std::move(key), false};
    return {KeyPtr(PEM_read_bio_PrivateKey(open().get(), nullptr, no_pass_phrase, nullptr)), true};
}

/// Nothing may follow the key.
LoadedKey load_spki(BytesView der) {
    const unsigned char* position = octets(der.data());
    KeyPtr key(d2i_PUBKEY(nullptr, &position, static_cast<long>(der.size())));
    if (position != octets(der.data()) + der.size()) key.reset();
    return {std::move(key), false};
}

LoadedKey load_raw_public(BytesView bytes) {
    return {KeyPtr(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(bytes.data()), bytes.size())), false};
}

/// Seed and public key: refused when the second is not that of the first.
LoadedKey load_raw_private(BytesView bytes) {
    KeyPtr key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, octets(bytes.data()), ed25519_key_size));
    std::array<char, ed25519_key_size> derived{};
    std::size_t size = derived.size();
    if (!key || EVP_PKEY_get_raw_public_key(key.get(), octets(derived.data()), &size) != 1) return {};
    if (BytesView(derived.data(), size) != bytes.substr(ed25519_key_size)) return {};
    return {std::move(key), true};
}

LoadedKey load(const KeyMaterial& material) {
    const BytesView bytes = material.bytes.reveal();
    switch (material.form) {
        case KeyForm::pem: return load_pem(bytes);
        case KeyForm::spki: return load_spki(bytes);
        case KeyForm::raw_private: return load_raw_private(bytes);
        default: return load_raw_public(bytes);
    }
}

bool is_p256(const EVP_PKEY* key) {
    std::array<char, 64> name{};
    std::size_t size = 0;
    return EVP_PKEY_get_id(key) == EVP_PKEY_EC && EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) == 1 &&
           std::string_view(name.data(), size) == "prime256v1";
}

}  // namespace

Result<std::unique_ptr<SignatureKey>> make_public_key(const KeyMaterial& material) {
    LoadedKey loaded = load(material);
    if (!loaded.key) return unusable("not a key that OpenSSL can read in this encoding");
    if (material.algorithm == Algorithm::ed25519) {
        if (EVP_PKEY_get_id(loaded.key.get()) != EVP_PKEY_ED25519) return unusable("not an Ed25519 key");
        return std::make_unique<Ed25519Key>(std::move(loaded.key), loaded.is_private);
    }
    if (material.algorithm == Algorithm::rsa_sha256) {
        if (EVP_PKEY_get_id(loaded.key.get()) != EVP_PKEY_RSA) return unusable("not an RSA key");
        if (EVP_PKEY_get_bits(loaded.key.get()) < smallest_rsa_bits) return unusable("an RSA key of less than 2048 bits");
    } else if (!is_p256(loaded.key.get())) {
        return unusable("not a key on the curve P-256");
    }
    return std::make_unique<Sha256SignatureKey>(std::move(loaded.key), material.algorithm);
}

}  // namespace tenter::auth
