#pragma once
// gateway/tls/session.hpp: the server's side of TLS on one connection, as a machine that never waits: whoever has the socket says when it
// may be read or written, and this says what it waits for.
//
//   handshake() --done--> read() / write() ...
//        |                   |
//        `--- wants_read, wants_write: again when the socket is ready; closed: the end; Error: the end, with a reason for people

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "gateway/tls/server_context.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

struct ssl_st;

namespace tenter::tls {

enum class Progress : std::uint8_t {
    done,         ///< `bytes` were read or written; of a handshake: it is over.
    wants_read,   ///< Nothing until the socket is readable.
    wants_write,  ///< Nothing until the socket is writable.
    closed,       ///< The other side has gone, with a word or without.
};

struct Step {
    Progress progress = Progress::done;
    std::size_t bytes = 0;
};

/// What comes after what is written.
enum class Then : std::uint8_t {
    nothing,  ///< It goes out at once.
    more,     ///< At once, too: the kernel may hold this back until there is enough for a large part, at most 0.2 s (MSG_MORE, tcp(7)).
};

class SocketOutput;

/// Belongs to one thread. Borrows the socket, which must be non-blocking and outlive it. After `closed` or an Error only the destructor.
class Session {
public:
    Session(const ServerContext& context, int socket);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session();

    /// Errors: `unsupported` for what is not TLS or too old a TLS, `unauthenticated` where the client refuses our certificate,
    /// `invalid_input` for the rest. The message is for the operator's log and holds nothing that the client wrote.
    [[nodiscard]] Result<Step> handshake();
    /// Up to a record's worth of what came, at least one byte when `done`. `out` must not be empty.
    [[nodiscard]] Result<Step> read(std::span<char> out);
    /// Whether `read` has something without the socket being readable: bytes that came with those before.
    [[nodiscard]] bool has_buffered() const noexcept;
    /// Writes a record's worth (16 KiB) or less, two where one had to wait. After `wants_*` the next call must begin with the same bytes,
    /// which may lie elsewhere.
    [[nodiscard]] Result<Step> write(BytesView bytes, Then then = Then::nothing);
    /// Says that nothing more will come from our side (close_notify), if the socket takes it. After a whole handshake only.
    void say_goodbye() noexcept;

    /// The name that the client asked for (SNI), once the handshake is over; empty if it named none, or none that is a DNS name.
    [[nodiscard]] std::string server_name() const;

private:
    [[nodiscard]] Result<Step> outcome(int result);
    [[nodiscard]] Result<void> check_first_byte();

    std::unique_ptr<SocketOutput> output_;
    ssl_st* session_;
    int socket_;
    bool saw_first_byte_ = false;
};

}  // namespace tenter::tls
