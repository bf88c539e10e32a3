// A receiver as it would run in production:  ELYTRA_USER=elytra ELYTRA_PASSWORD=... production PORT [FOLDER]      (0: any free port)
//
//   POST --> Basic authentication --> bounded queue --> 200        (503 when the queue is full: Elytra comes again)
//                                         `--> each event once --> by type and operation --> save, with retries
//
// The queue is memory. Where no event may be lost let the gateway, `tenter serve`, take them: its 2xx means that they are on the disk.
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

#include <tenter/adapters/cpp_httplib.hpp>
#include <tenter/dispatch_sqlite/sqlite_idempotency_store.hpp>
#include <tenter/webhooks.hpp>

namespace {

using namespace tenter::webhooks;

struct Product {
    std::string name;
    std::optional<double> price;
};
BOOST_DESCRIBE_STRUCT(Product, (), (name, price))

struct ProductChange {
    std::int64_t objectId = 0;
    Product objectData;
};
BOOST_DESCRIBE_STRUCT(ProductChange, (), (objectId, objectData))

/// Stands for your database, which now and then cannot be reached: here each first attempt fails.
Result<void> save(const ProductChange& change) {
    static std::atomic<unsigned> attempts = 0;
    if (attempts++ % 2 == 0) return std::unexpected(Error{Errc::unavailable, "the database is away", 0});
    std::printf("saved product %lld: %s\n", static_cast<long long>(change.objectId), change.objectData.name.c_str());
    return {};
}

void save_with_retries(const CloudEvent&, const ProductChange& change) {
    static const ExponentialBackoffRetry policy(RetryConfig{.initial_delay = std::chrono::milliseconds(10)});
    value_or_throw(execute_with_retry(save, policy, change));
}

void log_failure(const HandlerFailure& failure) {
    std::fprintf(stderr, "event %s of %s: %s\n", failure.event.id.c_str(), failure.event.source.c_str(), failure.message().c_str());
}

int run(int port, const std::string& folder) {
    // SIGTERM and SIGINT are waited for below; threads made from here on leave them alone.
    sigset_t stop_signals;
    sigemptyset(&stop_signals);
    sigaddset(&stop_signals, SIGTERM);
    sigaddset(&stop_signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

    const WebhookValidator validator(value_or_throw(BasicAuth::from_environment("ELYTRA_USER", "ELYTRA_PASSWORD")));

    WebhookEventDispatcher dispatcher;
    dispatcher.set_error_callback(log_failure);
    dispatcher.register_handler<ProductChange>(save_with_retries, EventType::product);
    dispatcher.register_default_handler([](const CloudEvent& event) { std::printf("not ours: %s\n", event.type.c_str()); });

    const tenter::SystemClock clock;
    const auto store = value_or_throw(tenter::dispatch_sqlite::SqliteIdempotencyStore::open(folder + "/seen.sqlite", {}, clock));
    const IdempotentHandler once(
        [&](const CloudEvent& event) {
            if (dispatcher.dispatch(event).failures > 0) throw std::runtime_error("not done; it may come again");
        },
        *store);
    QueuedDispatcher queue([&](const CloudEvent& event) {
        try {
            once(event);
        } catch (const std::exception& error) {
            std::fprintf(stderr, "event %s: %s\n", event.id.c_str(), error.what());
        }
    });
    const WebhookHandler handler(validator, [&](const CloudEvent& event) { return queue.try_enqueue(event); });

    httplib::Server server;
    server.set_payload_max_length(1 << 20);
    server.Post("/webhook", tenter::adapters::handle_with(handler));
    const int bound = port == 0 ? server.bind_to_any_port("127.0.0.1") : (server.bind_to_port("127.0.0.1", port) ? port : -1);
    if (bound < 0) throw std::runtime_error("port " + std::to_string(port) + " cannot be had");
    std::thread listening([&] { server.listen_after_bind(); });
    while (!server.is_running()) std::this_thread::yield();
    std::printf("listening on http://127.0.0.1:%d\n", bound);

    int signal = 0;
    sigwait(&stop_signals, &signal);
    server.stop();
    listening.join();
    const std::size_t dropped = queue.stop(std::chrono::seconds(30));
    std::printf("stopped, %zu events not done\n", dropped);
    return dropped == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) try {
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    return run(argc > 1 ? std::atoi(argv[1]) : 8000, argc > 2 ? argv[2] : ".");
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
