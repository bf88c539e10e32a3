#pragma once
// gateway/broker/client.hpp: one connection as the broker sees it: frames in, answers out. Whoever has the socket drives it.
//
//   connect(Arrival) --> Client --handle(frame)--> ... --respond(Reply)--> write, then the next frame
//                                                        Reply.close: write, then close

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/kafka_protocol/frame.hpp"
#include "tenter/base/bytes.hpp"

namespace tenter::broker {

struct Endpoint {
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// How a connection came.
struct Arrival {
    std::string peer;          ///< The other side's numeric address, without its port.
    Endpoint reached;          ///< Our side's address and port.
    std::string server_name;   ///< What the client asked for in TLS (SNI); or empty.
    bool is_operator = false;  ///< By the operator's socket in the data folder: no authentication, sees everything.
};

/// The answer to one request.
struct Reply {
    kafka_protocol::Frame frame;       ///< Empty: nothing is to be sent.
    std::optional<std::string> close;  ///< Close the connection when the frame is written. Why, for the operator's log; without secrets.
};

/// Called once, on the broker's thread, maybe before `handle` returns. Must not throw, and must not call the broker or any of its clients
/// nor destroy one: whoever wants that does it afterwards.
using Respond = std::move_only_function<void(Reply)>;

/// Called at most once, on the broker's thread: this connection shall end, for the reason given. Bound as `Respond`.
using CloseConnection = std::move_only_function<void(std::string_view reason)>;

/// One connection, until it is destroyed: then nothing that it waits for is answered any more. Must not outlive its broker.
class Client {
public:
    Client() = default;
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;
    virtual ~Client() = default;

    /// Takes one request: a frame without its size. The next only after `respond` was called for the one before, and none after a reply
    /// that closes. `frame` must live until this returns. Any bytes may come; what is no request is a reply that closes.
    virtual void handle(BytesView frame, Respond respond) = 0;

    /// A greater frame need not be read: the connection may be closed at its size. Small until the client is authenticated.
    [[nodiscard]] virtual std::size_t max_frame_bytes() const noexcept = 0;
    /// True from the start for the operator.
    [[nodiscard]] virtual bool is_authenticated() const noexcept = 0;
    /// Who it is; empty before authentication and for the operator. Valid while the client lives.
    [[nodiscard]] virtual std::string_view consumer() const noexcept = 0;
};

}  // namespace tenter::broker
