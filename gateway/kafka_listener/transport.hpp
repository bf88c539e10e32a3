#pragma once
// gateway/kafka_listener/transport.hpp: bytes in and out of a socket that never waits: through TLS, or plain where only the operator comes
// in. Private to this room.

#include <optional>
#include <span>
#include <string>

#include "gateway/tls/session.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_listener {

/// As `tls::Session`, which it is but for the operator's socket. Borrows the socket.
class Transport {
public:
    /// Without a context: plain.
    Transport(const tls::ServerContext* context, int socket) : socket_(socket) {
        if (context != nullptr) session_.emplace(*context, socket);
    }

    [[nodiscard]] Result<tls::Step> handshake() { return session_ ? session_->handshake() : Result<tls::Step>(tls::Step{}); }
    [[nodiscard]] Result<tls::Step> read(std::span<char> out) { return session_ ? session_->read(out) : plain_read(out); }
    [[nodiscard]] Result<tls::Step> write(BytesView bytes, tls::Then then) {
        return session_ ? session_->write(bytes, then) : plain_write(bytes, then);
    }
    [[nodiscard]] bool has_buffered() const noexcept { return session_ && session_->has_buffered(); }
    void say_goodbye() noexcept {
        if (session_) session_->say_goodbye();
    }
    [[nodiscard]] std::string server_name() const { return session_ ? session_->server_name() : std::string(); }

private:
    [[nodiscard]] Result<tls::Step> plain_read(std::span<char> out) const;
    [[nodiscard]] Result<tls::Step> plain_write(BytesView bytes, tls::Then then) const;

    int socket_;
    std::optional<tls::Session> session_;
};

}  // namespace tenter::kafka_listener
