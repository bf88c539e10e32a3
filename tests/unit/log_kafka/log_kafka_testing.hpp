#pragma once
// tests/unit/log_kafka/log_kafka_testing.hpp: a KafkaLog on librdkafka's mock cluster, and what its appends came to.

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/log/record_batch.hpp"
#include "gateway/log_kafka/kafka_log.hpp"
#include "tests/unit/kafka_client/mock_cluster.hpp"

namespace tenter::log::testing {

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

inline constexpr std::chrono::seconds patience{20};

/// Polls; every condition here becomes true by other threads, within a fraction of a second.
[[nodiscard]] inline bool eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

/// An append's end: nothing, or the error.
using Outcome = std::optional<Error>;

class KafkaLogTest : public ::testing::Test {
protected:
    KafkaLogOptions options() const {
        KafkaLogOptions options;
        options.cluster = {.bootstrap = mock.bootstrap(), .username = "tenter", .password = Secret("secret")};
        options.topics = {{"orders", 1}};
        options.limits_timeout = 100ms;  // the mock cluster knows none
        options.delivery_timeout = 1s;
        options.unreachable_after = 300ms;
        options.properties = {{"security.protocol", "plaintext"}, {"reconnect.backoff.max.ms", "200"}, {"fetch.wait.max.ms", "10"}};
        return options;
    }
    void open(KafkaLogOptions how) {
        auto opened = KafkaLog::open(clock, std::move(how), {[this](std::string_view text) {
                                         const std::scoped_lock lock(notices_mutex);
                                         notices.emplace_back(text);
                                     }});
        ASSERT_TRUE(opened) << opened.error().message;
        log = std::move(*opened);
        orders = log->find_topic("orders")->id;
    }

    std::future<Outcome> append_later(std::string_view value) {
        const NewRecord record{orders, PartitionId{0}, std::nullopt, value, {}, UnixMillis(1ms)};
        auto promise = std::make_shared<std::promise<Outcome>>();
        auto future = promise->get_future();
        log->append({&record, 1}, [promise](AppendResult result) {
            promise->set_value(result ? Outcome{} : Outcome{result.error()});  // throws if it is called twice
        });
        return future;
    }
    Outcome append(std::string_view value) { return append_later(value).get(); }

    std::vector<std::string> stored() {
        std::vector<std::string> values;
        for (Offset next{0};;) {
            const auto batches = log->read({orders, PartitionId{0}}, next, 1 << 20);
            EXPECT_TRUE(batches) << batches.error().message;
            if (!batches || batches->next_offset == next) return values;
            const auto records = decode_batches(batches->bytes);
            EXPECT_TRUE(records) << records.error().message;
            if (!records) return values;
            for (const auto& record : *records) values.emplace_back(*record.value);
            next = batches->next_offset;
        }
    }
    bool was_noticed(std::string_view part) {
        const std::scoped_lock lock(notices_mutex);
        for (const auto& notice : notices)
            if (notice.find(part) != std::string::npos) return true;
        return false;
    }

    KafkaLogTest() { mock.make_topic("orders", 1); }

    kafka_client::testing::MockCluster mock;
    SystemClock clock;
    std::mutex notices_mutex;
    std::vector<std::string> notices;
    std::unique_ptr<KafkaLog> log;
    TopicId orders;
};

}  // namespace tenter::log::testing
