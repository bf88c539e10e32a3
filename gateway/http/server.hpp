#pragma once
// gateway/http/server.hpp: the HTTP/1.1 listener. It frames requests strictly (RFC 9112, RFC 9110), bounds what they may cost, and hands
// each whole request to a handler, which may answer at once or later from any thread.
//
//   accept --> [head: own check, then Beast's push parser] --> [body] --> Handler::handle --> Responder::send --> write --> next request
//
// One thread per core runs an io_context; a connection belongs to one of them. Requests of one connection are handled one after the other
// (pipelined ones wait in the buffer), so answers keep their order. Asio and Beast stay behind this header.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::http {

/// Where to listen: a numeric address and a port; port 0 takes a free one.
struct ListenAddress {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
};

struct ServerOptions {
    std::vector<ListenAddress> listen{};
    std::size_t max_body_bytes = 1024 * 1024;          ///< Beyond: 413.
    std::size_t max_header_bytes = 16 * 1024;          ///< Request line and headers together; beyond: 431 (414 if the line alone).
    std::size_t max_connections = 10'000;              ///< Beyond: accepted, answered 503 and closed.
    std::chrono::milliseconds header_timeout{30'000};  ///< From the first byte of a request to the end of its head; beyond: 408.
    std::chrono::milliseconds body_timeout{30'000};    ///< From the end of the head to the end of the body; beyond: 408.
    std::chrono::milliseconds idle_timeout{75'000};    ///< Between requests; beyond: closed without a word.
    std::chrono::milliseconds write_timeout{30'000};   ///< From an answer that the socket does not take whole to its end; beyond: cut.
    std::chrono::milliseconds linger_timeout{
        2'000};  ///< How long input is discarded after a last answer, so that it arrives (RFC 9112 9.6).
    std::chrono::milliseconds drain_timeout{30'000};  ///< How long `stop` waits for requests under way.
    unsigned threads = 0;                             ///< 0: one per core.
};

/// What goes back. `Content-Length`, `Date` and `Connection` are written by the server.
struct Response {
    unsigned status = 200;
    std::string body;
    std::string content_type;     ///< Left out when empty.
    std::vector<Header> headers;  ///< Further ones, e.g. Retry-After, Allow.
};

/// The right to answer one request, once, from any thread. Dropped without `send`, it answers 500. Movable, small; may outlive the server
/// (the answer then goes nowhere).
class Responder {
public:
    /// Where answers go: a connection, or a test's own. Both members from any thread, at most one of them per request, once.
    class Target {
    public:
        Target() = default;
        Target(const Target&) = delete;
        Target& operator=(const Target&) = delete;
        virtual ~Target() = default;

        virtual void answer(std::uint64_t request, Response&& response) = 0;
        virtual void abandon(std::uint64_t request) = 0;  ///< The Responder was dropped.
    };

    /// `request` tells the requests of one target apart: an answer to another than the present one goes nowhere.
    explicit Responder(std::shared_ptr<Target> target, std::uint64_t request = 0) noexcept
        : target_(std::move(target)), request_(request) {}
    Responder(Responder&&) noexcept = default;
    Responder& operator=(Responder&&) = delete;
    Responder(const Responder&) = delete;
    Responder& operator=(const Responder&) = delete;
    ~Responder();

    void send(Response response) &&;

private:
    std::shared_ptr<Target> target_;
    std::uint64_t request_ = 0;
};

/// A whole request. Views live until `Handler::handle` returns. The target begins with '/', whatever form it had on the wire, or is "*" for
/// OPTIONS; `origin` is empty: what Host says is for who trusts it.
struct Request {
    HttpRequestView message;
    std::string_view peer;   ///< The other side's address without port: "203.0.113.7".
    UnixMillis received_at;  ///< When its head was complete.
};

/// What the gateway does with requests. Called on the io threads, several at once; must not block and must not throw.
class Handler {
public:
    Handler() = default;
    Handler(const Handler&) = delete;
    Handler& operator=(const Handler&) = delete;
    virtual ~Handler() = default;

    virtual void handle(const Request& request, Responder responder) = 0;
};

/// A request that the server itself refused, or a connection that it cut, with the reason, for the operator's log. Called on the io
/// threads.
struct Rejection {
    std::string_view peer;
    unsigned status = 0;      ///< 0: closed without an answer.
    std::string_view reason;  ///< "Content-Length together with Transfer-Encoding"; never holds the request's own bytes.
};
using RejectionListener = std::function<void(const Rejection&)>;

/// Writes the body of refusals that the server makes itself, so that they look like everybody else's.
using RefusalBody = std::function<std::string(unsigned status, std::string_view reason)>;

/// Listens from `start` to `stop`. `start` and `stop` from one thread.
class Server {
public:
    Server(ServerOptions options, const Clock& clock, Handler& handler, RejectionListener rejected, RefusalBody refusal_body);
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    ~Server();  ///< Stops without draining if still running.

    /// Binds every address, then begins to accept. A port in use is `unavailable` and names the address.
    [[nodiscard]] Result<void> start();
    /// The addresses with the ports that were given.
    [[nodiscard]] std::vector<ListenAddress> addresses() const;
    /// Stops accepting at once; idle connections are closed, requests under way are answered with `Connection: close`, for at most
    /// `drain_timeout`; then everything is closed and the threads end. Returns the number of requests that were cut off.
    std::size_t stop();
    /// The same with another bound than `drain_timeout`: for who must end soon.
    std::size_t stop(std::chrono::milliseconds at_most);
    /// Stops accepting and closes idle connections without waiting; for a failed log (`stop` still follows). From any thread.
    void close_listeners() noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenter::http
