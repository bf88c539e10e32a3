#include "src/auth/key_material.hpp"

#include <string>
#include <utility>

#include "tenter/base/encoding.hpp"

namespace tenter::auth {
namespace {

constexpr std::size_t ed25519_key_size = 32;

Result<Secret> decode_text(std::string_view text, SecretEncoding encoding) {
    auto bytes =
        encoding == SecretEncoding::hex ? hex_decode(text) : base64_decode(text, Base64Alphabet::standard, Base64Padding::optional);
    if (!bytes) return fail(std::move(bytes.error()));
    if (bytes->empty()) return fail(Errc::invalid_input, "empty");
    return Secret(std::move(*bytes));
}

Result<KeyMaterial> decode_whpk(std::string_view text) {
    auto bytes = decode_text(text, SecretEncoding::base64);
    if (!bytes) return fail(std::move(bytes.error()));
    if (bytes->reveal().size() != ed25519_key_size) return fail(Errc::invalid_input, "whpk_ is not followed by 32 bytes in base64");
    return KeyMaterial{.algorithm = Algorithm::ed25519, .form = KeyForm::raw_public, .bytes = std::move(*bytes)};
}

/// Seed and public key, 32 bytes each; that they belong together is checked where the key is made (public_key.cpp).
Result<KeyMaterial> decode_whsk(std::string_view text) {
    auto bytes = decode_text(text, SecretEncoding::base64);
    if (!bytes) return fail(std::move(bytes.error()));
    if (bytes->reveal().size() != 2 * ed25519_key_size)
        return fail(Errc::invalid_input, "whsk_ is not followed by 64 bytes in base64 (seed and public key)");
    return KeyMaterial{.algorithm = Algorithm::ed25519, .form = KeyForm::raw_private, .bytes = std::move(*bytes)};
}

Result<KeyMaterial> decode_whsec(Algorithm algorithm, std::string_view text) {
    if (text.starts_with("whpk_")) return decode_whpk(text.substr(5));
    if (text.starts_with("whsk_")) return decode_whsk(text.substr(5));
    if (is_asymmetric(algorithm)) return fail(Errc::invalid_input, "neither whpk_ nor whsk_ is in front");
    if (text.starts_with("whsec_")) text.remove_prefix(6);
    auto bytes = decode_text(text, SecretEncoding::base64);
    if (!bytes) return fail(std::move(bytes.error()));
    return KeyMaterial{.algorithm = algorithm, .form = KeyForm::symmetric, .bytes = std::move(*bytes)};
}

KeyForm form_of(Algorithm algorithm, SecretEncoding encoding) {
    if (encoding == SecretEncoding::pem) return KeyForm::pem;
    if (encoding == SecretEncoding::spki_base64) return KeyForm::spki;
    return is_asymmetric(algorithm) ? KeyForm::raw_public : KeyForm::symmetric;
}

}  // namespace

bool is_asymmetric(Algorithm algorithm) noexcept {
    return algorithm == Algorithm::ed25519 || algorithm == Algorithm::ecdsa_p256_sha256 ||
           algorithm == Algorithm::ecdsa_p256_sha256_p1363 || algorithm == Algorithm::rsa_sha256;
}

Result<KeyMaterial> decode_key(Algorithm algorithm, SecretEncoding encoding, const Secret& secret) {
    if (secret.empty()) return fail(Errc::invalid_input, "empty");
    if (encoding == SecretEncoding::whsec) return decode_whsec(algorithm, secret.reveal());
    const KeyForm form = form_of(algorithm, encoding);
    if (encoding == SecretEncoding::utf8 || encoding == SecretEncoding::pem)
        return KeyMaterial{.algorithm = algorithm, .form = form, .bytes = secret};
    auto bytes = decode_text(secret.reveal(), encoding);
    if (!bytes) return fail(std::move(bytes.error()));
    return KeyMaterial{.algorithm = algorithm, .form = form, .bytes = std::move(*bytes)};
}

}  // namespace tenter::auth
