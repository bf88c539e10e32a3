// Goal: a dead letter counts as stored only when it is. Method: the mock cluster answers with each error there is, and with one that makes
// librdkafka 2.0.2 believe in a batch that was refused.
#include "src/consume/kafka_dead_letters.hpp"

#include <future>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/consume/mock_records.hpp"

namespace tenter::consume {
namespace {

using kafka_client::testing::Api;
using kafka_client::testing::MockCluster;
using std::chrono_literals::operator""ms;

class OneRecord final : public RecordBatch {
public:
    explicit OneRecord(std::string value) : value_(std::move(value)) {}
    [[nodiscard]] std::size_t size() const noexcept override { return 1; }
    [[nodiscard]] Record record(std::size_t) const override { return {.offset = 7, .timestamp = {}, .key = std::nullopt, .value = value_}; }
    [[nodiscard]] std::optional<RecordHeaders::Entry> header(std::size_t, std::size_t) const override { return std::nullopt; }

private:
    const std::string value_;
};

class DeadLettersOfAMockCluster : public ::testing::Test {
protected:
    DeadLettersOfAMockCluster() {
        mock_.make_topic("dead", 1);
        testing::PlainSettings settings(mock_);
        settings.set("retry.backoff.ms", 10);
        settings.set("topic.metadata.refresh.interval.ms", 200);
        auto made = KafkaDeadLetters::make(std::move(settings), "dead");
        EXPECT_TRUE(made) << made.error().message;
        letters_ = std::move(*made);
    }

    [[nodiscard]] Result<void> send(const std::string& value) {
        const OneRecord batch(value);
        return letters_->send({.batch = batch, .index = 0, .from = {.topic = "orders", .partition = 0}, .reason = "poison"},
                              [] { return false; });
    }

    MockCluster mock_;
    std::unique_ptr<KafkaDeadLetters> letters_;
};

TEST_F(DeadLettersOfAMockCluster, are_stored_although_the_first_of_two_on_their_way_is_refused) {
    ASSERT_TRUE(send("before"));
    mock_.set_round_trip(200);
    mock_.fail_next(Api::produce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
    auto first = std::async(std::launch::async, [&] { return send("first"); });
    ASSERT_EQ(first.wait_for(100ms), std::future_status::timeout);  // on its way, so that the second is a batch of its own
    const auto second = send("second");
    const auto outcome = first.get();
    mock_.set_round_trip(0);
    EXPECT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(second) << second.error().message;
    const auto stored = testing::values_of(mock_, "dead");
    EXPECT_GE(std::ranges::count(stored, "first"), 1);
    EXPECT_GE(std::ranges::count(stored, "second"), 1);
}

TEST_F(DeadLettersOfAMockCluster, that_are_said_to_be_stored_are_whatever_the_broker_answers) {
    std::vector<std::string> acknowledged;
    for (const auto code : testing::codes_of_brokers()) {
        mock_.fail_next(Api::produce, {code});
        const std::string name = rd_kafka_err2name(code);
        if (send(name)) acknowledged.push_back(name);
        bool recovered = false;  // what is about rights is kept by librdkafka for a while
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!recovered && std::chrono::steady_clock::now() < deadline) recovered = send("after " + name).has_value();
        ASSERT_TRUE(recovered) << "no recovery from " << name;
        acknowledged.push_back("after " + name);
    }
    const auto stored = testing::values_of(mock_, "dead");
    for (const auto& value : acknowledged) EXPECT_GE(std::ranges::count(stored, value), 1) << value;
}

}  // namespace
}  // namespace tenter::consume
