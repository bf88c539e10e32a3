#pragma once
// gateway/tls/openssl.hpp: owners for OpenSSL's objects, and its words for what went wrong. Private to this room.

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

namespace tenter::tls {

template <auto Free>
struct OpensslDeleter {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using CertificatePtr = std::unique_ptr<X509, OpensslDeleter<X509_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;

/// What OpenSSL says about the call that has just failed: "no start line". Empties its queue of errors.
[[nodiscard]] std::string openssl_reason();

}  // namespace tenter::tls
