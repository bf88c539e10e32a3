// Goal: whatever a cluster answers, what can pass is waited for and nothing is lost, and what cannot pass ends `run` with its reason.
// Method: librdkafka's mock cluster, made to fail; all errors that it can answer
// with are in every_error_test.cpp. What needs a real broker is in tests/interop/consume.
#include "src/consume/kafka_source.hpp"

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/consume/engine.hpp"
#include "tenter/base/exception.hpp"
#include "tests/unit/consume/mock_records.hpp"

namespace tenter::consume {
namespace {

using kafka_client::testing::Api;
using kafka_client::testing::MockCluster;
using std::chrono_literals::operator""ms;
using ::testing::HasSubstr;

constexpr std::chrono::seconds deadline{20};

class ConsumerOfAMockCluster : public ::testing::Test {
protected:
    ConsumerOfAMockCluster() {
        options_.session_timeout = 6000ms;
        options_.connect_timeout = 5000ms;
        options_.close_timeout = 2000ms;
        options_.commit.interval = 50ms;
        options_.on_notice = [this](const Notice& notice) {
            const std::scoped_lock lock(mutex_);
            notices_.push_back(notice);
            changed_.notify_all();
        };
    }
    ~ConsumerOfAMockCluster() override { stop(); }

    void produce(const std::string& topic, std::int32_t partition, int count) { testing::produce_webhooks(mock_, topic, partition, count); }

    KafkaPlan plan(std::vector<std::string> topics) const {
        return {.cluster = {.bootstrap = mock_.bootstrap()},
                .topics = std::move(topics),
                .group = "group",
                .start = options_.start,
                .more_properties = {{"security.protocol", "plaintext"},
                                    {"retry.backoff.ms", "10"},
                                    {"fetch.error.backoff.ms", "10"},
                                    {"heartbeat.interval.ms", "50"}}};
    }

    /// Consumes in a thread until `stop`.
    void start(std::vector<std::string> topics) {
        thread_ = std::thread([this, given = plan(std::move(topics))] {
            KafkaSource source(given, options_);
            const Callback callback = [this](const WebhookEvent& event) {
                const std::scoped_lock lock(mutex_);
                seen_.push_back(event.place());
                changed_.notify_all();
            };
            EngineTime time;
            Engine engine(source, options_, callback, time, [this] { return stopped_.load(); });
            try {
                engine.run();
            } catch (const Exception& thrown) {
                const std::scoped_lock lock(mutex_);
                error_ = thrown.error();
            }
            const std::scoped_lock lock(mutex_);
            ended_ = true;
            changed_.notify_all();
        });
    }
    void stop() {
        stopped_ = true;
        if (thread_.joinable()) thread_.join();
    }

    [[nodiscard]] bool wait_for(const std::function<bool()>& condition) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, deadline, condition);
    }
    [[nodiscard]] bool wait_for_events(std::size_t count) {
        return wait_for([&] { return seen_.size() >= count || ended_; }) && seen_.size() >= count;
    }
    void expect_each_once_in_order(std::int32_t partitions, std::int64_t each) {
        std::map<std::int32_t, std::int64_t> next;
        for (const auto& place : seen_) EXPECT_EQ(place.offset, next[place.partition]++) << "partition " << place.partition;
        for (std::int32_t partition = 0; partition < partitions; ++partition) EXPECT_EQ(next[partition], each) << "partition " << partition;
    }
    [[nodiscard]] std::int64_t committed(const std::string& topic, std::int32_t partition) const {
        return testing::committed_of(mock_, topic, partition);
    }

    MockCluster mock_;
    ConsumerOptions options_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<RecordPlace> seen_;
    std::vector<Notice> notices_;
    std::optional<Error> error_;
    bool ended_ = false;
    std::atomic<bool> stopped_ = false;
    std::thread thread_;
};

TEST_F(ConsumerOfAMockCluster, gets_every_event_in_order_and_commits_them_when_it_stops) {
    mock_.make_topic("orders", 3);
    for (std::int32_t partition = 0; partition < 3; ++partition) produce("orders", partition, 1000);
    start({"orders"});
    ASSERT_TRUE(wait_for_events(3000));
    stop();
    EXPECT_FALSE(error_);
    expect_each_once_in_order(3, 1000);
    for (std::int32_t partition = 0; partition < 3; ++partition) EXPECT_EQ(committed("orders", partition), 1000);
}

TEST_F(ConsumerOfAMockCluster, reads_without_a_group_and_commits_nothing) {
    mock_.make_topic("orders", 2);
    for (std::int32_t partition = 0; partition < 2; ++partition) produce("orders", partition, 100);
    options_.group = ConsumerGroup::none();
    start({"orders"});
    ASSERT_TRUE(wait_for_events(200));
    stop();
    expect_each_once_in_order(2, 100);
    EXPECT_EQ(committed("orders", 0), RD_KAFKA_OFFSET_INVALID);
}

TEST_F(ConsumerOfAMockCluster, survives_every_passing_error_of_fetches_and_loses_nothing) {
    mock_.make_topic("orders", 1);
    options_.group = ConsumerGroup::none();
    start({"orders"});
    std::size_t expected = 0;
    for (const auto code :
         {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_UNKNOWN,
          RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
          RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE,
          RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, RD_KAFKA_RESP_ERR_INVALID_MSG,
          RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}) {
        mock_.fail_next(Api::fetch, {code, code});
        produce("orders", 0, 5);
        expected += 5;
        ASSERT_TRUE(wait_for_events(expected)) << rd_kafka_err2name(code) << (error_ ? error_->message : "");
    }
    stop();
    EXPECT_FALSE(error_);
    expect_each_once_in_order(1, static_cast<std::int64_t>(expected));
}

TEST_F(ConsumerOfAMockCluster, ends_with_the_reason_when_the_group_cannot_be_joined) {
    mock_.make_topic("orders", 1);
    for (const auto code : {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL,
                            RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, RD_KAFKA_RESP_ERR_INVALID_GROUP_ID}) {
        mock_.fail_next(Api::join_group, std::vector<rd_kafka_resp_err_t>{code});
        start({"orders"});
        ASSERT_TRUE(wait_for([&] { return ended_; })) << rd_kafka_err2name(code);
        stop();
        ASSERT_TRUE(error_) << rd_kafka_err2name(code);
        EXPECT_THAT(error_->message, HasSubstr(rd_kafka_err2str(code)));
        stopped_ = ended_ = false;
        error_.reset();
    }
}

TEST_F(ConsumerOfAMockCluster, tells_of_a_lost_broker_and_goes_on_when_it_is_back) {
    mock_.make_topic("orders", 1);
    options_.group = ConsumerGroup::none();
    produce("orders", 0, 10);
    start({"orders"});
    ASSERT_TRUE(wait_for_events(10));
    mock_.set_down();
    ASSERT_TRUE(wait_for([&] { return !notices_.empty() && notices_.back().kind == Notice::Kind::disconnected; }));
    mock_.set_up();
    ASSERT_TRUE(wait_for([&] { return notices_.back().kind == Notice::Kind::connected; }));
    produce("orders", 0, 10);
    ASSERT_TRUE(wait_for_events(20));
    stop();
    EXPECT_FALSE(error_);
    expect_each_once_in_order(1, 20);
}

}  // namespace
}  // namespace tenter::consume
