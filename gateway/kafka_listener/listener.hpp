#pragma once
// gateway/kafka_listener/listener.hpp: the network side of the Kafka listener: sockets, TLS, the sizes of requests, limits and deadlines.
// What requests mean is the broker's.
//
//   TCP --> accept --> TLS handshake --> | size | request | --> Client::handle ~~~> Reply --> TLS records --> TCP
//   <data>/control.sock --> accept ----------------^                (the operator: plain, and already known)
//
// All of it, the broker included, is on one thread of its own: no lock, and the order of things is the order in which they came. Each
// connection does a bounded part of its work, then it is another one's turn.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/broker/client.hpp"
#include "gateway/broker/executor.hpp"
#include "gateway/tls/certificates.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::kafka_listener {

struct ListenerOptions {
    std::vector<broker::Endpoint> listen{};  ///< Numeric addresses; port 0 takes a free one.
    std::string control_folder{};            ///< Where the operator's socket is made; empty: none.
    std::size_t max_connections = 1'000;     ///< Beyond: closed as soon as accepted. The operator's do not count.
    /// Of those above that are not authenticated; beyond, the oldest of them gives way if it had its time, else the new one.
    std::size_t max_strangers = 500;
    std::chrono::milliseconds stranger_time{1'000};          ///< So long nobody is made to give way.
    std::chrono::milliseconds login_timeout{10'000};         ///< From being accepted to being authenticated.
    std::chrono::milliseconds idle_timeout{600'000};         ///< Between an answer and the next request.
    std::chrono::milliseconds request_timeout{30'000};       ///< From a request's first byte to its last.
    std::chrono::milliseconds write_timeout{30'000};         ///< For each 64 KiB of an answer, or its last part.
    std::chrono::milliseconds certificate_interval{60'000};  ///< How often it is asked whether there is a new certificate.
    std::size_t large_requests_bytes = 64 << 20;  ///< What may wait of requests over 64 KiB, of all connections together; beyond: closed.
};

/// A connection that was closed for what it did or did not do. For the operator's log; without secrets and without bytes of the client's.
struct Refusal {
    std::string_view peer;      ///< Its address without port; "operator" for the operator's socket; empty if it is not known.
    std::string_view consumer;  ///< Empty before authentication.
    std::string_view reason;
};

/// What the listener tells its owner. Called on the listener's thread; must not block.
struct Observer {
    std::function<void(const Refusal&)> on_refused{};
    std::function<void(std::string_view)> on_notice{};  ///< Of the listener as a whole: a new certificate, or one that cannot be read.
};

/// What is behind the listener: the broker, or a test's own. Called on the listener's thread only.
class Service {
public:
    Service() = default;
    Service(const Service&) = delete;
    Service& operator=(const Service&) = delete;
    virtual ~Service() = default;

    [[nodiscard]] virtual Result<void> start() = 0;  ///< Before anything else.
    [[nodiscard]] virtual std::unique_ptr<broker::Client> connect(broker::Arrival arrival, broker::CloseConnection close) = 0;
    [[nodiscard]] virtual Instant next_deadline() const = 0;
    virtual void tick() = 0;
};

/// Listens from `start` to `stop`; both, and `executor`'s first use, from one thread.
class Listener {
public:
    /// `certificates` must have been refreshed once. `clock` must outlive the listener.
    Listener(ListenerOptions options, const Clock& clock, tls::Certificates certificates, Observer observer);
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    ~Listener();  ///< Stops.

    /// The way onto the listener's thread. What is posted before `start` runs when the service has started. Lives as long as the listener.
    [[nodiscard]] broker::Executor& executor() noexcept;

    /// Binds every address, starts the service, then begins to accept. Fails, with nothing left running, as they do: a port in use is
    /// `unavailable` and names the address. `service` must live until `stop` has returned.
    [[nodiscard]] Result<void> start(Service& service);
    /// The addresses with the ports that were given; empty before `start`.
    [[nodiscard]] const std::vector<broker::Endpoint>& addresses() const noexcept;
    /// Stops accepting, for a failed log; `stop` still follows. From any thread.
    void close_listeners() noexcept;
    /// Closes every connection, destroys their clients and ends the thread. What was posted and did not run is destroyed.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tenter::kafka_listener
