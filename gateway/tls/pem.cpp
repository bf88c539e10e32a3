#include "gateway/tls/pem.hpp"

#include <ctime>

#include <openssl/err.h>
#include <openssl/pem.h>

namespace tenter::tls {
namespace {

/// In place of OpenSSL's own, which would ask whoever sits at the terminal.
int refuse_passphrase(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

/// As bytes that OpenSSL reads and nobody owns.
BioPtr reader_of(std::string_view text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string text_of(BIO& bio) {
    char* begin = nullptr;
    const long size = BIO_get_mem_data(&bio, &begin);
    return {begin, static_cast<std::size_t>(size)};
}

Result<UnixMillis> time_of(const ASN1_TIME* time) {
    std::tm parts{};
    if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return fail(Errc::invalid_input, "a certificate's time cannot be read");
    return UnixMillis(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    if (code == 0) return "no reason given";
    const char* const reason = ERR_reason_error_string(code);
    return reason != nullptr ? reason : "OpenSSL error " + std::to_string(code);
}

Result<std::vector<CertificatePtr>> read_certificates(std::string_view pem) {
    const BioPtr bio = reader_of(pem);
    std::vector<CertificatePtr> certificates;
    while (X509* const certificate = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) certificates.emplace_back(certificate);
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    const std::string reason = openssl_reason();
    if (certificates.empty() && at_end) return fail(Errc::invalid_input, "holds no certificate in PEM form");
    if (!at_end) return fail(Errc::invalid_input, "certificate " + std::to_string(certificates.size() + 1) + " is damaged: " + reason);
    return certificates;
}

Result<KeyPtr> read_key(std::string_view pem) {
    const BioPtr bio = reader_of(pem);
    bool asked = false;
    KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse_passphrase, &asked));
    const std::string reason = openssl_reason();
    if (key) return key;
    if (asked) return fail(Errc::unsupported, "the private key is under a passphrase; store it without one, readable only by this user");
    return fail(Errc::invalid_input, "holds no private key in PEM form: " + reason);
}

Result<std::string> write_certificate(X509& certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    if (PEM_write_bio_X509(bio.get(), &certificate) != 1) return fail(Errc::unavailable, "write certificate: " + openssl_reason());
    return text_of(*bio);
}

Result<Secret> write_key(EVP_PKEY& key) {
    const BioPtr bio(BIO_new(BIO_s_secmem()));
    if (PEM_write_bio_PKCS8PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr) != 1)
        return fail(Errc::unavailable, "write key: " + openssl_reason());
    return Secret(text_of(*bio));
}

Result<Validity> validity_of(const X509& certificate) {
    const auto begins = time_of(X509_get0_notBefore(&certificate));
    if (!begins) return fail(begins.error());
    const auto ends = time_of(X509_get0_notAfter(&certificate));
    if (!ends) return fail(ends.error());
    return Validity{*begins, *ends};
}

bool is_numeric_address(const std::string& name) {
    ASN1_OCTET_STRING* const address = a2i_IPADDRESS(name.c_str());
    ASN1_OCTET_STRING_free(address);
    ERR_clear_error();
    return address != nullptr;
}

bool covers(X509& certificate, const std::string& name) {
    constexpr unsigned flags = X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_WILDCARDS;
    if (is_numeric_address(name)) return X509_check_ip_asc(&certificate, name.c_str(), flags) == 1;
    return X509_check_host(&certificate, name.data(), name.size(), flags, nullptr) == 1;
}

}  // namespace tenter::tls
