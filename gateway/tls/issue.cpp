#include "gateway/tls/issue.hpp"

#include <algorithm>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/rand.h>

#include "gateway/tls/names.hpp"
#include "tenter/base/encoding.hpp"

namespace tenter::tls {
namespace {

using NumberPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;
using NamePtr = std::unique_ptr<GENERAL_NAME, OpensslDeleter<GENERAL_NAME_free>>;

std::unexpected<Error> failed(std::string_view step) { return fail(Errc::unavailable, std::string(step) + ": " + openssl_reason()); }

/// Random and positive, of at most 127 bits: no authority of ours gives one twice (RFC 5280 section 4.1.2.2).
bool set_serial(X509& certificate) {
    const NumberPtr number(BN_new());
    return number && BN_rand(number.get(), 127, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
           BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool set_validity(X509& certificate, Validity validity) {
    const auto set = [](ASN1_TIME* out, UnixMillis time) {
        return ASN1_TIME_set(out, std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count()) != nullptr;
    };
    return set(X509_getm_notBefore(&certificate), validity.begins) && set(X509_getm_notAfter(&certificate), validity.ends);
}

bool set_subject(X509& certificate, const std::string& common_name) {
    return X509_NAME_add_entry_by_txt(X509_get_subject_name(&certificate), "CN", MBSTRING_UTF8,
                                      reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0) == 1;
}

/// An extension in the words of openssl's configuration files (x509v3_config(5)). The context is for key ids.
bool add_extension(X509& certificate, X509& issuer, int id, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
    X509V3_set_ctx_nodb(&context);
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, id, value));
    return extension && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

/// Built from objects and not from a text, in which a comma in a name would begin another.
bool add_names(X509& certificate, const std::vector<std::string>& names) {
    const NamesPtr list(sk_GENERAL_NAME_new_null());
    for (const std::string& name : names) {
        const int kind = is_numeric_address(name) ? GEN_IPADD : GEN_DNS;
        NamePtr entry(a2i_GENERAL_NAME(nullptr, nullptr, nullptr, kind, name.c_str(), 0));
        if (!list || !entry || sk_GENERAL_NAME_push(list.get(), entry.get()) == 0) return false;
        static_cast<void>(entry.release());
    }
    return X509_add1_ext_i2d(&certificate, NID_subject_alt_name, list.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

/// A key and a certificate for it that lacks its extensions and its signature.
Result<KeyPair> begin(const std::string& common_name, Validity validity) {
    KeyPair made{.key = KeyPtr(EVP_EC_gen("P-256")), .certificate = CertificatePtr(X509_new())};
    if (!made.key || !made.certificate) return failed("make a key");
    X509& certificate = *made.certificate;
    if (X509_set_version(&certificate, X509_VERSION_3) != 1 || !set_serial(certificate) || !set_validity(certificate, validity) ||
        !set_subject(certificate, common_name) || X509_set_pubkey(&certificate, made.key.get()) != 1)
        return failed("make a certificate");
    return made;
}

Result<std::string> random_suffix() {
    std::string bytes(4, '\0');
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) return failed("random bytes");
    return hex_encode(bytes);
}

}  // namespace

Result<KeyPair> issue_authority(Validity validity) {
    const auto suffix = random_suffix();
    if (!suffix) return fail(suffix.error());
    auto made = begin("Tenter CA " + *suffix, validity);
    if (!made) return made;
    X509& certificate = *made->certificate;
    const bool done = X509_set_issuer_name(&certificate, X509_get_subject_name(&certificate)) == 1 &&
                      add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                      add_extension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                      add_extension(certificate, certificate, NID_subject_key_identifier, "hash") &&
                      X509_sign(&certificate, made->key.get(), EVP_sha256()) > 0;
    if (!done) return failed("sign the authority's certificate");
    return made;
}

Result<KeyPair> issue_server(const KeyPair& authority, const std::vector<std::string>& names, Validity validity) {
    for (const std::string& name : names)
        if (!is_numeric_address(name) && !is_dns_name(name))
            return fail(Errc::invalid_input, "\"" + name + "\" is neither a DNS name nor an address");
    auto made = begin("Tenter", validity);
    if (!made) return made;
    X509& certificate = *made->certificate;
    X509& issuer = *authority.certificate;
    const bool done = X509_set_issuer_name(&certificate, X509_get_subject_name(&issuer)) == 1 &&
                      add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:FALSE") &&
                      add_extension(certificate, issuer, NID_key_usage, "critical,digitalSignature") &&
                      add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth") &&
                      add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
                      add_extension(certificate, issuer, NID_authority_key_identifier, "keyid:always") && add_names(certificate, names) &&
                      X509_sign(&certificate, authority.key.get(), nullptr) > 0;
    if (!done) return failed("sign the server's certificate");
    return made;
}

}  // namespace tenter::tls
