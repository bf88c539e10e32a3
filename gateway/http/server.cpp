#include "gateway/http/server.hpp"

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <thread>

#include "gateway/http/connection.hpp"
#include "gateway/http/worker.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using std::chrono::milliseconds;

/// After an accept that failed for want of descriptors or memory: trying at once would only spin.
constexpr milliseconds accept_pause{100};
/// Connections over the limit that are told so; the others are closed without a word, so that a flood is not answered without bound.
constexpr std::size_t max_refused_connections = 256;

/// Deadlines are looked at this often: a small part of the shortest of them.
milliseconds sweep_interval(const ServerOptions& options) {
    const milliseconds shortest =
        std::min({options.header_timeout, options.body_timeout, options.idle_timeout, options.write_timeout, options.linger_timeout});
    return std::clamp(shortest / 8, milliseconds(2), milliseconds(250));
}

std::string address_text(const ListenAddress& address) {
    const bool bracket = address.host.find(':') != std::string::npos;
    return (bracket ? "[" + address.host + "]" : address.host) + ":" + std::to_string(address.port);
}

}  // namespace

// ---- Worker -------------------------------------------------------------------------------------------------------------------------

Worker::Worker(Site& shared_site)
    : site(shared_site),
      inbox(std::make_shared<Inbox>([this] { asio::post(io, [this] { take_answers(); }); })),
      work_(asio::make_work_guard(io)),
      sweep_timer_(io) {}

void Worker::run() {
    inbox->adopt_thread();
    schedule_sweep();
    io.run();
}

void Worker::adopt(Socket socket, bool refused) {
    const auto connection = std::make_shared<Connection>(*this, std::move(socket));
    add(connection);
    refused ? connection->start_refused() : connection->start();
}

void Worker::add(std::shared_ptr<Connection> connection) {
    connection->place = connections_.size();
    connections_.push_back(std::move(connection));
}

void Worker::remove(Connection& connection) {
    TENTER_ASSERT(connections_.at(connection.place).get() == &connection);
    const auto kept_until_return = std::move(connections_[connection.place]);
    if (connection.place + 1 != connections_.size()) {
        connections_[connection.place] = std::move(connections_.back());
        connections_[connection.place]->place = connection.place;
    }
    connections_.pop_back();
    site.connections.fetch_sub(1, std::memory_order_relaxed);
    if (draining) site.notify();
}

void Worker::take_answers() {
    inbox->take_all(answers_);
    for (Answer& answer : answers_) answer.connection->deliver(std::move(answer));
    answers_.clear();
}

void Worker::schedule_sweep() {
    sweep_timer_.expires_after(sweep_interval(site.options));
    sweep_timer_.async_wait([this](const ErrorCode& error) {
        if (error) return;
        sweep();
        schedule_sweep();
    });
}

/// Backwards, because a connection that closes gives its place to the last one.
void Worker::sweep() {
    const Instant now = site.clock.monotonic();
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (i >= connections_.size()) continue;
        const auto connection = connections_[i];
        connection->enforce_deadline(now);
    }
}

void Worker::begin_drain() {
    if (draining) return;
    draining = true;
    for (std::size_t i = connections_.size(); i-- > 0;) {
        const auto connection = connections_[i];
        connection->drain();
    }
    site.draining_workers.fetch_add(1, std::memory_order_relaxed);
    site.notify();
}

std::size_t Worker::abort() {
    std::size_t cut = 0;
    while (!connections_.empty()) {
        const auto connection = connections_.back();
        cut += connection->has_request() ? 1 : 0;
        connection->close();
    }
    inbox->close();
    io.stop();
    return cut;
}

// ---- Listener -----------------------------------------------------------------------------------------------------------------------

namespace {

/// One listening socket. It lives on the first worker's thread and deals out what it accepts.
class Listener {
public:
    Listener(Site& site, std::vector<std::unique_ptr<Worker>>& workers)
        : site_(site), workers_(workers), acceptor_(workers.front()->io), pause_(workers.front()->io) {}

    Result<ListenAddress> open(const ListenAddress& address);
    void accept();
    void close() {
        ErrorCode ignored;
        acceptor_.close(ignored);
        pause_.cancel();
    }

private:
    void on_accept(const ErrorCode& error, Socket socket, Worker& worker);
    void deal(Socket socket, Worker& worker);

    Site& site_;
    std::vector<std::unique_ptr<Worker>>& workers_;
    Acceptor acceptor_;
    Timer pause_;
    std::size_t next_worker_ = 0;
};

/// No SO_REUSEPORT: with it a second server on the same port would silently take half of the connections.
Result<ListenAddress> Listener::open(const ListenAddress& address) {
    ErrorCode error;
    const auto ip = asio::ip::make_address(address.host, error);
    if (error) return fail(Errc::invalid_input, "listen on " + address_text(address) + ": not a numeric address");
    const tcp::endpoint endpoint(ip, address.port);

    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && ip.is_v6()) acceptor_.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) return fail(Errc::unavailable, "listen on " + address_text(address) + ": " + error.message(), error.value());
    return ListenAddress{address.host, acceptor_.local_endpoint().port()};
}

void Listener::accept() {
    Worker& worker = *workers_[next_worker_++ % workers_.size()];
    acceptor_.async_accept(worker.io,
                           [this, &worker](const ErrorCode& error, Socket socket) { on_accept(error, std::move(socket), worker); });
}

void Listener::on_accept(const ErrorCode& error, Socket socket, Worker& worker) {
    if (!acceptor_.is_open()) return;
    if (!error) {
        deal(std::move(socket), worker);
        return accept();
    }
    if (error == asio::error::connection_aborted) return accept();
    site_.report({.peer = {}, .status = 0, .reason = "accept failed: " + error.message()});
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](const ErrorCode& cancelled) {
        if (!cancelled && acceptor_.is_open()) accept();
    });
}

void Listener::deal(Socket socket, Worker& worker) {
    const std::size_t count = site_.connections.fetch_add(1, std::memory_order_relaxed) + 1;
    const std::size_t limit = site_.options.max_connections;
    if (count > limit + max_refused_connections) {
        site_.connections.fetch_sub(1, std::memory_order_relaxed);
        site_.report({.peer = {}, .status = 0, .reason = "too many connections"});
        return;
    }
    const bool refused = count > limit;
    if (worker.inbox->on_own_thread()) return worker.adopt(std::move(socket), refused);
    asio::post(worker.io, [&worker, refused, accepted = std::move(socket)]() mutable { worker.adopt(std::move(accepted), refused); });
}

}  // namespace

// ---- Server -------------------------------------------------------------------------------------------------------------------------

class Server::Impl {
public:
    Impl(ServerOptions options, const Clock& clock, Handler& handler, RejectionListener rejected, RefusalBody refusal_body)
        : site_{.options = std::move(options),
                .clock = clock,
                .handler = handler,
                .rejected = std::move(rejected),
                .refusal_body = std::move(refusal_body)} {
        unsigned threads = site_.options.threads;
        if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
        for (unsigned i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(site_));
    }

    Result<void> start() {
        TENTER_ASSERT(threads_.empty());
        for (const ListenAddress& wanted : site_.options.listen) {
            auto listener = std::make_unique<Listener>(site_, workers_);
            auto bound = listener->open(wanted);
            if (!bound) {
                listeners_.clear();
                addresses_.clear();
                return fail(std::move(bound.error()));
            }
            addresses_.push_back(std::move(*bound));
            listeners_.push_back(std::move(listener));
        }
        for (const auto& listener : listeners_) listener->accept();
        for (const auto& worker : workers_) threads_.emplace_back([&worker] { worker->run(); });
        return {};
    }

    [[nodiscard]] const std::vector<ListenAddress>& addresses() const { return addresses_; }
    [[nodiscard]] milliseconds drain_timeout() const { return site_.options.drain_timeout; }

    void begin_drain() {
        asio::post(workers_.front()->io, [this] {
            for (const auto& listener : listeners_) listener->close();
        });
        for (const auto& worker : workers_) asio::post(worker->io, [&worker] { worker->begin_drain(); });
    }

    std::size_t stop(milliseconds patience) {
        if (threads_.empty()) return 0;
        begin_drain();
        {
            std::unique_lock lock(site_.mutex);
            site_.changed.wait_for(lock, patience, [this] { return is_drained(); });
        }
        std::atomic<std::size_t> cut{0};
        for (const auto& worker : workers_) asio::post(worker->io, [&worker, &cut] { cut += worker->abort(); });
        for (std::thread& thread : threads_) thread.join();
        threads_.clear();
        return cut;
    }

private:
    [[nodiscard]] bool is_drained() const {
        return site_.draining_workers.load(std::memory_order_relaxed) == workers_.size() &&
               site_.connections.load(std::memory_order_relaxed) == 0;
    }

    Site site_;
    std::vector<std::unique_ptr<Worker>> workers_;
    std::vector<std::unique_ptr<Listener>> listeners_;
    std::vector<ListenAddress> addresses_;
    std::vector<std::thread> threads_;
};

Server::Server(ServerOptions options, const Clock& clock, Handler& handler, RejectionListener rejected, RefusalBody refusal_body)
    : impl_(std::make_unique<Impl>(std::move(options), clock, handler, std::move(rejected), std::move(refusal_body))) {}

Server::~Server() { impl_->stop(milliseconds(0)); }

Result<void> Server::start() { return impl_->start(); }
std::vector<ListenAddress> Server::addresses() const { return impl_->addresses(); }
std::size_t Server::stop() { return impl_->stop(impl_->drain_timeout()); }
std::size_t Server::stop(std::chrono::milliseconds at_most) { return impl_->stop(at_most); }

void Server::close_listeners() noexcept {
    try {
        impl_->begin_drain();
    } catch (...) {  // out of memory: `stop`, which follows, closes them
        return;
    }
}

}  // namespace tenter::http
