// How fast webhooks are consumed from Kafka: consume_bench HOW PROFILE TOPIC COUNT GROUP reads COUNT records of TOPIC from the start.
//
//   bare     librdkafka alone: whole batches, every record looked at, none decoded; what the others are held against
//   events   WebhookConsumer, headers and payload left as they are
//   value    ... the payload as a Boost.JSON value
//   struct   ... the payload as a struct
//   order    prints the payload and ends
//
// Prints one JSON object: records, the seconds from the first record to the last, and the CPU time of this process in between.
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/resource.h>

#include <librdkafka/rdkafka.h>
#include <boost/json/value.hpp>

#include "bench/order.hpp"
#include "tenter/consume/consumer.hpp"
#include "tenter/consume/payload_as.hpp"
#include "tenter/kafka_client/client.hpp"

namespace {

using namespace tenter;

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) { return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

/// Counts records; its time begins with the first, since joining a group and the first fetch are the broker's matter.
class Meter {
public:
    explicit Meter(std::size_t wanted) : wanted_(wanted) {}

    /// True once all are there.
    bool count(std::size_t records) {
        if (counted_ == 0) {
            begin_ = std::chrono::steady_clock::now();
            cpu_begin_ = cpu_seconds();
        }
        counted_ += records;
        return counted_ >= wanted_;
    }
    void print(std::size_t sink) const {
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
        std::printf("{\"records\":%zu,\"seconds\":%.6f,\"cpu_seconds\":%.6f,\"sink\":%zu}\n", counted_, seconds.count(),
                    cpu_seconds() - cpu_begin_, sink % 10);
    }

private:
    std::size_t wanted_;
    std::size_t counted_ = 0;
    std::chrono::steady_clock::time_point begin_;
    double cpu_begin_ = 0;
};

[[noreturn]] void give_up(const std::string& reason) {
    std::fprintf(stderr, "consume_bench: %s\n", reason.c_str());
    std::exit(1);
}

void consume_bare(const consume::ConnectionProfile& profile, const std::string& topic, const std::string& group, std::size_t wanted) {
    kafka_client::Settings settings({profile.kafka_bootstrap, profile.consumer_name, profile.auth_secret, profile.kafka_ca});
    settings.set("group.id", group);
    settings.set("auto.offset.reset", "earliest");
    auto made = std::move(settings).make_consumer();
    if (!made) give_up(made.error().message);
    auto* const consumer = made->get();
    rd_kafka_poll_set_consumer(consumer);
    auto* const topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, topic.c_str(), RD_KAFKA_PARTITION_UA);
    rd_kafka_subscribe(consumer, topics);
    rd_kafka_topic_partition_list_destroy(topics);
    auto* const queue = rd_kafka_queue_get_consumer(consumer);
    Meter meter(wanted);
    std::size_t sink = 0;
    std::array<rd_kafka_message_t*, 1000> messages{};
    for (bool done = false; !done;) {
        const auto got = rd_kafka_consume_batch_queue(queue, 100, messages.data(), messages.size());
        std::size_t records = 0;
        for (ssize_t i = 0; i < got; ++i) {
            auto* const message = messages.at(static_cast<std::size_t>(i));
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                ++records;
                sink += message->len;
            }
            rd_kafka_message_destroy(message);
        }
        if (records > 0) done = meter.count(records);
    }
    meter.print(sink);
    rd_kafka_queue_destroy(queue);
    rd_kafka_consumer_close(consumer);
}

template <class Use>
void consume_events(const consume::ConnectionProfile& profile, const std::string& topic, const std::string& group, std::size_t wanted,
                    Use use) {
    consume::ConsumerOptions options;
    options.group = consume::ConsumerGroup::named(group);
    consume::WebhookConsumer consumer(topic, profile, std::move(options));
    Meter meter(wanted);
    std::size_t sink = 0;
    bool done = false;
    consumer.run([&](const consume::WebhookEvent& event) {
        if (done) return;  // some more may be under way
        sink += use(event);
        done = meter.count(1);
        if (!done) return;
        meter.print(sink);
        consumer.shutdown();
    });
}

}  // namespace

int main(int argc, char** argv) {
    const std::string_view how = argc > 1 ? argv[1] : "";
    if (how == "order") {
        std::puts(bench::order_json().c_str());
        return 0;
    }
    if (argc != 6) give_up("usage: consume_bench bare|events|value|struct PROFILE TOPIC COUNT GROUP");
    const auto profile = consume::ConnectionProfile::from_file(argv[2]);
    const std::string topic = argv[3];
    const std::string group = argv[5];
    const auto wanted = static_cast<std::size_t>(std::strtoull(argv[4], nullptr, 10));
    if (how == "bare") {
        consume_bare(profile, topic, group, wanted);
    } else if (how == "events") {
        consume_events(profile, topic, group, wanted, [](const consume::WebhookEvent& event) { return event.payload_bytes.size(); });
    } else if (how == "value") {
        consume_events(profile, topic, group, wanted,
                       [](const consume::WebhookEvent& event) { return event.payload().as_object().size(); });
    } else if (how == "struct") {
        consume_events(profile, topic, group, wanted,
                       [](const consume::WebhookEvent& event) { return event.payload_as<bench::Order>().lines.size(); });
    } else {
        give_up("unknown: " + std::string(how));
    }
}
