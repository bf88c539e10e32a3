#pragma once
// gateway/tls/pem.hpp: certificates and keys between PEM and OpenSSL. Private to this room.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/tls/openssl.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"

namespace tenter::tls {

/// Every certificate of the text, in its order; other blocks are passed over. `invalid_input` if there is none or one is damaged.
[[nodiscard]] Result<std::vector<CertificatePtr>> read_certificates(std::string_view pem);
/// The first private key of the text, of whatever kind. One under a passphrase is `unsupported`: nobody is there to type it.
[[nodiscard]] Result<KeyPtr> read_key(std::string_view pem);

[[nodiscard]] Result<std::string> write_certificate(X509& certificate);
[[nodiscard]] Result<Secret> write_key(EVP_PKEY& key);  ///< PKCS #8.

/// First and last second in which the certificate holds.
struct Validity {
    UnixMillis begins;
    UnixMillis ends;
};
[[nodiscard]] Result<Validity> validity_of(const X509& certificate);
/// Whether the certificate's alternative names hold it: a DNS name (no wildcards) or a numeric address.
[[nodiscard]] bool covers(X509& certificate, const std::string& name);
[[nodiscard]] bool is_numeric_address(const std::string& name);

}  // namespace tenter::tls
