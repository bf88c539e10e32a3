// A consumer as it would run in production:  consume_typed TOPIC PROFILE DEAD_LETTER_TOPIC
//
//   topic --> 4 threads, the events of one key in their order --> your own type --> save, tried again when it fails
//               `--> what cannot be read, and what cannot be saved: to the dead-letter topic, with the reason
//
// Ctrl-C or SIGTERM ends it: the events under way are finished, and all that is done is committed.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>

#include <tenter/mister_webhooks.hpp>

namespace {

using namespace std::chrono_literals;
using namespace tenter::mister_webhooks;

struct Order {
    std::string id;
    double total = 0;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, total))

/// Stands for your database, which now and then cannot be reached: here at each first attempt. One order it never takes.
void save(const Order& order, unsigned attempt) {
    if (attempt == 0) throw std::runtime_error("the database is away");
    if (order.total < 0) throw std::runtime_error("a negative total");
    std::printf("saved %s: %.2f\n", order.id.c_str(), order.total);
}

void tell(const Notice& notice) {
    if (notice.kind == Notice::Kind::retrying) return;
    const auto kind = to_string(notice.kind);
    std::fprintf(stderr, "%.*s %s\n", static_cast<int>(kind.size()), kind.data(), notice.message.c_str());
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 4) throw std::invalid_argument("usage: consume_typed TOPIC PROFILE DEAD_LETTER_TOPIC");
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    WebhookConsumer consumer(argv[1], ConnectionProfile::from_file(argv[2]),
                             {.workers = 4,
                              .retry = RetryConfig{.max_retries = 3, .initial_delay = 20ms},
                              .dead_letter_topic = argv[3],
                              .on_undecodable = [](const UndecodableRecord&) { return Undecodable::dead_letter; },
                              .on_notice = tell,
                              .stop_on_signals = true});
    consumer.run([](const WebhookEvent& event) { save(event.payload_as<Order>(), event.attempt); });
    std::printf("stopped\n");
} catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
}
