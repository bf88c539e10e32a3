#pragma once
// tests/unit/forward/forward_testing.hpp: the words in which the tests of forwarding are written.

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/forward/forwarder.hpp"
#include "tests/contract/in_memory_event_log.hpp"
#include "tests/unit/kafka_client/mock_cluster.hpp"

namespace tenter::forward::testing {

using std::chrono_literals::operator""ms;

/// What the operator was told. Thread safe.
class Notices {
public:
    void add(Severity severity, std::string_view text) {
        const std::scoped_lock lock(mutex_);
        told_.emplace_back(severity, text);
    }
    [[nodiscard]] std::size_t count(std::string_view part) const {
        const std::scoped_lock lock(mutex_);
        return static_cast<std::size_t>(
            std::ranges::count_if(told_, [part](const auto& one) { return one.second.find(part) != one.second.npos; }));
    }
    [[nodiscard]] std::string all() const {
        const std::scoped_lock lock(mutex_);
        std::string text;
        for (const auto& one : told_) text += one.second + "\n";
        return text;
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::pair<Severity, std::string>> told_;
};

/// Looks again every few milliseconds until it is so, at most 20 s.
inline bool eventually(const std::function<bool()>& so) {
    std::mutex mutex;
    std::condition_variable never;
    std::unique_lock lock(mutex);
    return never.wait_for(lock, 0ms, so) || [&] {
        for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
             std::chrono::steady_clock::now() < deadline;)
            if (never.wait_for(lock, 3ms, so)) return true;
        return false;
    }();
}

struct KafkaRecord {
    std::int32_t partition = 0;
    std::optional<std::string> key{};
    std::optional<std::string> value{};
    std::int64_t timestamp = 0;
    std::vector<std::pair<std::string, std::string>> headers{};

    [[nodiscard]] std::string header(std::string_view name) const {
        for (const auto& [key_of, value_of] : headers)
            if (key_of == name) return value_of;
        return "";
    }
};

inline KafkaRecord record_of(const rd_kafka_message_t& message) {
    const auto text = [](const void* data, std::size_t size) {
        return data == nullptr ? std::optional<std::string>{} : std::string(static_cast<const char*>(data), size);
    };
    KafkaRecord record{message.partition,
                       text(message.key, message.key_len),
                       text(message.payload, message.len),
                       rd_kafka_message_timestamp(&message, nullptr),
                       {}};
    rd_kafka_headers_t* headers = nullptr;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        record.headers.emplace_back(name, text(value, size).value_or("(null)"));
    return record;
}

/// All records of a partition of the mock cluster.
inline std::vector<KafkaRecord> read_kafka(const std::string& bootstrap, const std::string& topic_name, std::int32_t partition) {
    auto* const conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap.c_str(), nullptr, 0);
    rd_kafka_conf_set(conf, "enable.partition.eof", "true", nullptr, 0);
    rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", nullptr, 0);  // else the end is seen half a second late
    rd_kafka_conf_set(conf, "message.max.bytes", "10000000", nullptr, 0);
    rd_kafka_conf_set(conf, "fetch.message.max.bytes", "10000000", nullptr, 0);
    auto* const client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
    auto* const topic = rd_kafka_topic_new(client, topic_name.c_str(), nullptr);
    rd_kafka_consume_start(topic, partition, 0);  // asking for the beginning is tried again only after 500 ms
    std::vector<KafkaRecord> records;
    for (int idle = 0; idle < 100;) {
        auto* const message = rd_kafka_consume(topic, partition, 100);
        if (message == nullptr) {
            ++idle;
            continue;
        }
        const bool end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) records.push_back(record_of(*message));
        rd_kafka_message_destroy(message);
        if (end) break;
    }
    rd_kafka_consume_stop(topic, partition);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    return records;
}

inline constexpr std::string_view log_id = "01a2093d-fec5-7000-b2ba-95d9f3ecc26b";

/// A local log with topic "orders" of two partitions, and a Kafka in this process that has the same.
class Forwarding : public ::testing::Test {
protected:
    Forwarding() {
        mock.make_topic("orders", 2);
        EXPECT_TRUE(local.ensure_topic("orders", 2));
    }

    ForwarderOptions options() {
        ForwarderOptions options;
        options.link.cluster.bootstrap = mock.bootstrap();
        options.link.adjust = [](kafka_client::Settings& settings) {
            settings.set("security.protocol", "plaintext");
            settings.set("reconnect.backoff.max.ms", 200);
            settings.set("fetch.wait.max.ms", 10);  // the mock cluster always waits for so long at the end
        };
        options.log_id = [] { return std::string(log_id); };
        options.routes = {{"orders", "orders"}};
        options.max_message_bytes = [](const std::string&) { return std::size_t{1'048'588}; };  // the mock cluster does not say
        options.grace = 300ms;
        options.backlog_interval = 20ms;
        options.first_backoff = 5ms;
        options.longest_backoff = 50ms;
        options.transaction_timeout = 30'000ms;
        return options;
    }
    std::unique_ptr<Forwarder> make(ForwarderOptions its_options) {
        return std::make_unique<Forwarder>(local, clock, std::move(its_options),
                                           [this](Severity severity, std::string_view text) { notices.add(severity, text); });
    }
    std::unique_ptr<Forwarder> start(ForwarderOptions its_options) {
        auto forwarder = make(std::move(its_options));
        const auto started = forwarder->start();
        EXPECT_TRUE(started) << started.error().message;
        return forwarder;
    }
    std::unique_ptr<Forwarder> start() { return start(options()); }

    void append(log::EventLog& log, std::int32_t partition, std::string_view value) {
        const log::RecordHeaderView header{"envelope", BytesView("\x80")};
        const log::NewRecord record{*log.ensure_topic("orders", 2),
                                    log::PartitionId{partition},
                                    BytesView("key"),
                                    value,
                                    {&header, 1},
                                    UnixMillis(std::chrono::milliseconds(1'700'000'000'000))};
        log.append({&record, 1}, [](const log::AppendResult& result) { EXPECT_TRUE(result) << result.error().message; });
    }
    void append(std::int32_t partition, std::string_view value) { append(local, partition, value); }
    void append_many(std::int32_t partition, int count, const std::string& prefix = "value ") {
        for (int i = 0; i < count; ++i) append(partition, prefix + std::to_string(i));
    }

    static bool reaches(const Forwarder& forwarder, std::int32_t partition, std::int64_t next) {
        return eventually([&] { return forwarder.positions()[static_cast<std::size_t>(partition)].next.value >= next; });
    }
    std::vector<std::string> values(std::int32_t partition) {
        std::vector<std::string> found;
        for (const auto& record : read_kafka(mock.bootstrap(), "orders", partition)) found.push_back(record.value.value_or("(null)"));
        return found;
    }

    kafka_client::testing::MockCluster mock;
    log::testing::InMemoryEventLog local;
    SystemClock clock;
    Notices notices;
};

}  // namespace tenter::forward::testing
