#include "gateway/kafka_listener/listener.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "gateway/kafka_listener/acceptor.hpp"
#include "gateway/kafka_listener/site.hpp"
#include "gateway/kafka_listener/sockets.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::kafka_listener {
namespace {

using std::chrono::milliseconds;

/// Deadlines are looked at this often: a small part of the shortest of them.
milliseconds sweep_interval(const ListenerOptions& options) {
    const milliseconds shortest = std::min({options.login_timeout, options.idle_timeout, options.request_timeout, options.write_timeout});
    return std::clamp(shortest / 8, milliseconds(2), milliseconds(500));
}

}  // namespace

class Listener::Impl {
public:
    Impl(ListenerOptions options, const Clock& clock, tls::Certificates certificates, Observer observer)
        : site_(std::move(options), clock, std::move(certificates), std::move(observer)) {}

    [[nodiscard]] EventLoop& loop() noexcept { return site_.loop; }
    [[nodiscard]] const std::vector<broker::Endpoint>& addresses() const noexcept { return addresses_; }

    Result<void> start(Service& service) {
        TENTER_ASSERT(!thread_.joinable());
        site_.service = &service;
        if (auto bound = bind(); !bound) {
            release();
            return bound;
        }
        std::promise<Result<void>> started;
        auto outcome = started.get_future();
        thread_ = std::thread([this, promise = std::move(started)]() mutable { run(std::move(promise)); });
        auto result = outcome.get();
        if (!result) {
            thread_.join();
            release();
        }
        return result;
    }

    void stop() {
        if (thread_.joinable()) {
            stopping_.store(true, std::memory_order_relaxed);
            site_.loop.wake();
            thread_.join();
            release();
        }
        site_.loop.close();
    }

    void close_listeners() {
        site_.loop.post([this] { acceptors_.clear(); });
    }

private:
    Result<void> bind() {
        for (const broker::Endpoint& endpoint : site_.options.listen) {
            auto listening = listen_on(endpoint);
            if (!listening) return fail(std::move(listening.error()));
            addresses_.push_back(std::move(listening->endpoint));
            acceptors_.push_back(std::make_unique<Acceptor>(site_, std::move(listening->descriptor), false));
        }
        if (site_.options.control_folder.empty()) return {};
        auto control = listen_for_operator(site_.options.control_folder);
        if (!control) return fail(std::move(control.error()));
        has_operator_socket_ = true;
        acceptors_.push_back(std::make_unique<Acceptor>(site_, std::move(*control), true));
        return {};
    }

    void release() {
        acceptors_.clear();
        addresses_.clear();
        if (std::exchange(has_operator_socket_, false)) remove_operator_socket(site_.options.control_folder);
    }

    void run(std::promise<Result<void>> started) {
        site_.now = site_.clock.monotonic();
        auto result = site_.service->start();
        for (const auto& acceptor : acceptors_)
            if (result && !acceptor->start()) result = fail(Errc::unavailable, "the kernel has no memory for another listening socket");
        const bool is_running = result.has_value();
        started.set_value(std::move(result));
        if (!is_running) return;
        next_sweep_ = next_refresh_ = site_.now;
        while (!stopping_.load(std::memory_order_relaxed)) turn();
        site_.close_all();
    }

    void turn() {
        site_.loop.wait(site_.now, next_deadline());
        site_.now = site_.clock.monotonic();
        site_.handshakes_left = Site::handshakes_per_turn;
        site_.loop.dispatch();
        if (site_.now >= site_.service->next_deadline()) site_.service->tick();
        site_.run_waiting();
        sweep();
        site_.bury();
    }

    [[nodiscard]] Instant next_deadline() const {
        if (site_.has_waiting()) return site_.now;
        Instant next = std::min(site_.service->next_deadline(), next_refresh_);
        if (site_.has_connections()) next = std::min(next, next_sweep_);
        for (const auto& acceptor : acceptors_) next = std::min(next, acceptor->paused_until());
        return next;
    }

    void sweep() {
        for (const auto& acceptor : acceptors_) acceptor->end_pause();
        if (site_.now >= next_sweep_) {
            next_sweep_ = site_.now + sweep_interval(site_.options);
            site_.enforce_deadlines();
        }
        if (site_.now >= next_refresh_) {
            next_refresh_ = site_.now + site_.options.certificate_interval;
            refresh_certificates();
        }
    }

    /// A fault is told once, and again when it is another one.
    void refresh_certificates() {
        const auto refreshed = site_.certificates.refresh();
        std::string fault = refreshed ? std::string() : "certificate not renewed: " + refreshed.error().message;
        const bool is_news = !fault.empty() && fault != last_fault_;
        last_fault_ = std::move(fault);
        if (!site_.observer.on_notice) return;
        if (is_news) site_.observer.on_notice(last_fault_);
        if (refreshed && *refreshed) site_.observer.on_notice("new connections have a new certificate");
    }

    Site site_;
    std::vector<broker::Endpoint> addresses_;
    std::vector<std::unique_ptr<Acceptor>> acceptors_;
    bool has_operator_socket_ = false;
    std::atomic<bool> stopping_{false};
    Instant next_sweep_{};
    Instant next_refresh_{};
    std::string last_fault_;
    std::thread thread_;
};

Listener::Listener(ListenerOptions options, const Clock& clock, tls::Certificates certificates, Observer observer)
    : impl_(std::make_unique<Impl>(std::move(options), clock, std::move(certificates), std::move(observer))) {}

Listener::~Listener() { impl_->stop(); }

broker::Executor& Listener::executor() noexcept { return impl_->loop(); }
Result<void> Listener::start(Service& service) { return impl_->start(service); }
const std::vector<broker::Endpoint>& Listener::addresses() const noexcept { return impl_->addresses(); }
void Listener::stop() { impl_->stop(); }

void Listener::close_listeners() noexcept {
    try {
        impl_->close_listeners();
    } catch (...) {  // out of memory: `stop`, which follows, closes them
        return;
    }
}

}  // namespace tenter::kafka_listener
