#pragma once
// gateway/tls/socket_output.hpp: what a session's records are written to: a socket that is told whether more follows. Private to this room.
//
// A record is 16 KiB, what goes through the network stack at once can be 64 KiB: most of what sending costs is paid for each such part, not
// for each octet. So the kernel holds back what does not fill one while it knows that more comes (MSG_MORE, tcp(7)).

#include "gateway/tls/openssl.hpp"

namespace tenter::tls {

/// Of one session. Borrows the socket, which must not block; does neither copy nor move, for its `bio` points to it.
class SocketOutput {
public:
    explicit SocketOutput(int socket) noexcept : socket_(socket) {}
    SocketOutput(const SocketOutput&) = delete;
    SocketOutput& operator=(const SocketOutput&) = delete;
    ~SocketOutput() = default;

    /// A new one, which must not outlive this; null: no memory.
    [[nodiscard]] BIO* bio();
    /// Of what is written from now on.
    void set_more_follows(bool more_follows) noexcept { more_follows_ = more_follows; }

private:
    static int write(BIO* bio, const char* data, int size);

    int socket_;
    bool more_follows_ = false;
};

}  // namespace tenter::tls
