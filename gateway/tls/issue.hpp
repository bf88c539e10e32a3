#pragma once
// gateway/tls/issue.hpp: makes keys and signs certificates (RFC 5280), as data: no files. Private to this room.
//
//   authority   CA:TRUE, pathlen:0   keyCertSign, cRLSign            its own subject key id
//   server      CA:FALSE             digitalSignature, serverAuth    subject key id, the authority's key id, alternative names

#include <string>
#include <vector>

#include "gateway/tls/openssl.hpp"
#include "gateway/tls/pem.hpp"
#include "tenter/base/result.hpp"

namespace tenter::tls {

struct KeyPair {
    KeyPtr key;
    CertificatePtr certificate;
};

/// A new P-256 key and its self-signed certificate. Its subject's name is random in part, so that several gateways' authorities can stand
/// in one trust store.
[[nodiscard]] Result<KeyPair> issue_authority(Validity validity);

/// A new P-256 key and a certificate that `authority` signs. `names`: DNS names and numeric addresses, at least one; `invalid_input` names
/// the one that is neither.
[[nodiscard]] Result<KeyPair> issue_server(const KeyPair& authority, const std::vector<std::string>& names, Validity validity);

}  // namespace tenter::tls
