#include "gateway/tls/identity.hpp"

#include "gateway/tls/pem.hpp"

namespace tenter::tls {
namespace {

/// Chains of more than a few certificates, and keys of more than 16,384 bits, are a mistake.
constexpr std::size_t largest_file = 256 * 1024;

Result<std::string> read(Env& env, const std::string& path) { return read_file(env, path, largest_file); }

}  // namespace

Result<Identity> read_identity(Env& env, const IdentityFiles& files) {
    auto certificates = read(env, files.certificate);
    if (!certificates) return fail(std::move(certificates.error()));
    const auto chain = read_certificates(*certificates);
    if (!chain) return fail(Error(chain.error()).within(files.certificate));

    auto key_text = read(env, files.key);
    if (!key_text) return fail(std::move(key_text.error()));
    Secret key(std::move(*key_text));
    const auto parsed = read_key(key.reveal());
    if (!parsed) return fail(Error(parsed.error()).within(files.key));
    if (X509_check_private_key(chain->front().get(), parsed->get()) != 1) {
        static_cast<void>(openssl_reason());
        return fail(Errc::invalid_input, files.key + ": is not the key of the first certificate in " + files.certificate);
    }

    std::string authority;
    if (!files.authority.empty()) {
        auto text = read(env, files.authority);
        if (!text) return fail(std::move(text.error()));
        if (const auto parsed_authority = read_certificates(*text); !parsed_authority)
            return fail(Error(parsed_authority.error()).within(files.authority));
        authority = std::move(*text);
    }
    return Identity{std::move(*certificates), std::move(key), std::move(authority)};
}

Result<UnixMillis> expiry_of(const Identity& identity) {
    const auto certificates = read_certificates(identity.certificates);
    if (!certificates) return fail(certificates.error());
    const auto validity = validity_of(*certificates->front());
    if (!validity) return fail(validity.error());
    return validity->ends;
}

}  // namespace tenter::tls
