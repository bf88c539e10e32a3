#include "gateway/tls/session.hpp"

#include <algorithm>
#include <climits>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include "gateway/tls/names.hpp"
#include "gateway/tls/openssl.hpp"
#include "gateway/tls/socket_output.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::tls {
namespace {

constexpr unsigned char handshake_record = 22;  // RFC 8446 section 5.1

/// In words that help whoever runs the gateway, for what clients are seen to do wrong.
Error explained(unsigned long code) {
    switch (ERR_GET_REASON(code)) {
        case SSL_R_UNSUPPORTED_PROTOCOL:
        case SSL_R_VERSION_TOO_LOW: return {Errc::unsupported, "the client offers only versions of TLS that are not allowed here"};
        case SSL_R_NO_SHARED_CIPHER: return {Errc::unsupported, "the client offers no cipher that is allowed here"};
        case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
            return {Errc::unauthenticated, "the client does not trust our certificate: it lacks the CA of its connection profile"};
        case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
            return {Errc::unauthenticated, "the client takes our certificate for expired: look at its clock and ours"};
        case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
        case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
            return {Errc::unauthenticated, "the client refuses our certificate: perhaps it lacks the CA, or asks for another name"};
        default: break;
    }
    const char* const reason = ERR_reason_error_string(code);
    return {Errc::invalid_input, std::string("TLS: ") + (reason != nullptr ? reason : "protocol error")};
}

}  // namespace

Session::Session(const ServerContext& context, int socket)
    : output_(std::make_unique<SocketOutput>(socket)), session_(SSL_new(context.native())), socket_(socket) {
    BIO* const input = BIO_new_socket(socket, BIO_NOCLOSE);
    BIO* const output = output_->bio();
    TENTER_ASSERT(session_ != nullptr && input != nullptr && output != nullptr);
    SSL_set_bio(session_, input, output);  // which owns them
    SSL_set_accept_state(session_);
}

Session::~Session() { SSL_free(session_); }

/// OpenSSL's own words for plain text depend on which plain text it is; the first byte tells them all.
Result<void> Session::check_first_byte() {
    unsigned char first = 0;
    const ssize_t got = ::recv(socket_, &first, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got != 1) return {};
    saw_first_byte_ = true;
    if (first == handshake_record) return {};
    if (first >= 'A' && first <= 'Z') return fail(Errc::unsupported, "not TLS: this looks like HTTP, and is the Kafka listener");
    return fail(Errc::unsupported, "not TLS: the client must use security.protocol SASL_SSL");
}

Result<Step> Session::handshake() {
    if (!saw_first_byte_) {
        if (auto checked = check_first_byte(); !checked) return fail(std::move(checked.error()));
    }
    ERR_clear_error();
    return outcome(SSL_do_handshake(session_));
}

Result<Step> Session::read(std::span<char> out) {
    TENTER_ASSERT(!out.empty());
    ERR_clear_error();
    const int result = SSL_read(session_, out.data(), static_cast<int>(std::min<std::size_t>(out.size(), INT_MAX)));
    return result > 0 ? Step{Progress::done, static_cast<std::size_t>(result)} : outcome(result);
}

bool Session::has_buffered() const noexcept { return SSL_has_pending(session_) == 1; }

Result<Step> Session::write(BytesView bytes, Then then) {
    TENTER_ASSERT(!bytes.empty());
    output_->set_more_follows(then == Then::more);
    ERR_clear_error();
    const int result = SSL_write(session_, bytes.data(), static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX)));
    return result > 0 ? Step{Progress::done, static_cast<std::size_t>(result)} : outcome(result);
}

void Session::say_goodbye() noexcept {
    ERR_clear_error();
    output_->set_more_follows(false);
    static_cast<void>(SSL_shutdown(session_));
    ERR_clear_error();
}

std::string Session::server_name() const {
    const char* const name = SSL_get_servername(session_, TLSEXT_NAMETYPE_host_name);
    return name != nullptr && is_dns_name(name) ? name : std::string();
}

Result<Step> Session::outcome(int result) {
    if (result > 0) return Step{};
    switch (SSL_get_error(session_, result)) {
        case SSL_ERROR_WANT_READ: return Step{Progress::wants_read};
        case SSL_ERROR_WANT_WRITE: return Step{Progress::wants_write};
        case SSL_ERROR_ZERO_RETURN: return Step{Progress::closed};
        case SSL_ERROR_SYSCALL: return Step{Progress::closed};  // reset or gone: whatever errno says, there is nobody to talk to
        default: break;
    }
    const unsigned long code = ERR_peek_error();
    ERR_clear_error();
    if (ERR_GET_REASON(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING) return Step{Progress::closed};
    return fail(explained(code));
}

}  // namespace tenter::tls
