#pragma once
// src/auth/openssl.hpp: owners for OpenSSL's objects. Only source files of this room that touch keys include it.

#include <memory>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

namespace tenter::auth {

template <auto Free>
struct OpensslDeleter {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};

using DigestContextPtr = std::unique_ptr<EVP_MD_CTX, OpensslDeleter<EVP_MD_CTX_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using KeyContextPtr = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX_free>>;
using BioPtr = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using EcdsaSignaturePtr = std::unique_ptr<ECDSA_SIG, OpensslDeleter<ECDSA_SIG_free>>;

inline const unsigned char* octets(const char* bytes) noexcept { return reinterpret_cast<const unsigned char*>(bytes); }
inline unsigned char* octets(char* bytes) noexcept { return reinterpret_cast<unsigned char*>(bytes); }

}  // namespace tenter::auth
