#include "gateway/tls/server_context.hpp"

#include <utility>

#include <openssl/ssl.h>

#include "gateway/tls/pem.hpp"

namespace tenter::tls {
namespace {

using ContextPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;

/// AES-128 before AES-256: as safe for what it protects, and a quarter cheaper, which a reader of a whole log feels.
constexpr const char* tls_1_3_ciphers = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* tls_1_2_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

/// Says that the name was heard; which one it was is for who asks the session.
int accept_server_name(SSL*, int*, void*) { return SSL_TLSEXT_ERR_OK; }

bool set_manners(SSL_CTX* context, ServerOptions options) {
    // IGNORE_UNEXPECTED_EOF: clients close without a word, and the protocol above has lengths that tell a cut-off message.
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
    // RELEASE_BUFFERS: an idle session keeps none of its two buffers of 16 KiB.
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_read_ahead(context, 1);  // a record's head and body with one read
    SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, reinterpret_cast<void (*)()>(accept_server_name));
    const int lowest = options.allow_tls_1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
    return SSL_CTX_set_min_proto_version(context, lowest) == 1 && SSL_CTX_set_num_tickets(context, 0) == 1 &&
           SSL_CTX_set_ciphersuites(context, tls_1_3_ciphers) == 1 && SSL_CTX_set_cipher_list(context, tls_1_2_ciphers) == 1;
}

Result<void> set_identity(SSL_CTX* context, const Identity& identity) {
    const auto certificates = read_certificates(identity.certificates);
    if (!certificates) return fail(certificates.error());
    const auto key = read_key(identity.key.reveal());
    if (!key) return fail(key.error());
    if (SSL_CTX_use_certificate(context, certificates->front().get()) != 1)
        return fail(Errc::invalid_input, "the certificate cannot be used: " + openssl_reason());
    for (std::size_t i = 1; i < certificates->size(); ++i)
        if (SSL_CTX_add1_chain_cert(context, (*certificates)[i].get()) != 1)
            return fail(Errc::invalid_input, "certificate " + std::to_string(i + 1) + " cannot be used: " + openssl_reason());
    if (SSL_CTX_use_PrivateKey(context, key->get()) != 1)
        return fail(Errc::invalid_input, "the private key cannot be used: " + openssl_reason());
    return {};
}

}  // namespace

Result<std::shared_ptr<const ServerContext>> ServerContext::make(const Identity& identity, ServerOptions options) {
    ContextPtr context(SSL_CTX_new(TLS_server_method()));
    if (!context || !set_manners(context.get(), options)) return fail(Errc::unavailable, "TLS cannot be set up: " + openssl_reason());
    if (auto set = set_identity(context.get(), identity); !set) return fail(std::move(set.error()));
    return std::shared_ptr<const ServerContext>(new ServerContext(context.release()));
}

ServerContext::~ServerContext() { SSL_CTX_free(context_); }

}  // namespace tenter::tls
