// The broker goes, comes back, or is slow: what waits, what is refused, what the state says, and that all of it ends by itself.
#include <gmock/gmock.h>

#include "tests/unit/log_kafka/log_kafka_testing.hpp"

namespace tenter::log::testing {
namespace {

using kafka_client::testing::Api;
using ::testing::HasSubstr;

TEST_F(KafkaLogTest, delivers_what_waited_when_the_broker_comes_back_in_time) {
    auto how = options();
    how.delivery_timeout = patience;
    open(std::move(how));
    EXPECT_EQ(append("before"), std::nullopt);
    mock.set_down();
    auto waiting = append_later("during");
    EXPECT_TRUE(eventually([&] { return log->state() == LogState::unreachable; }));
    EXPECT_EQ(waiting.wait_for(0s), std::future_status::timeout);
    mock.set_up();
    EXPECT_EQ(waiting.get(), std::nullopt);
    EXPECT_TRUE(eventually([&] { return log->state() == LogState::accepting; }));
    EXPECT_TRUE(was_noticed("does not answer"));
    EXPECT_TRUE(was_noticed("answers again"));
    EXPECT_THAT(stored(), ::testing::ElementsAre("before", "during"));
}

TEST_F(KafkaLogTest, answers_what_waits_for_too_long_and_sends_it_never_again) {
    open(options());
    mock.set_down();
    const auto outcome = append("given up");
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->code, Errc::unavailable);
    mock.set_up();
    ASSERT_TRUE(eventually([&] { return !append("after"); }));
    EXPECT_TRUE(eventually([&] { return log->state() == LogState::accepting; }));
    for (const auto& value : stored()) EXPECT_EQ(value, "after");
}

TEST_F(KafkaLogTest, notices_without_an_append_that_the_broker_is_away_and_back) {
    open(options());
    mock.set_down();
    EXPECT_TRUE(eventually([&] { return log->state() == LogState::unreachable; }));
    mock.set_up();
    EXPECT_TRUE(eventually([&] { return log->state() == LogState::accepting; }));
}

TEST_F(KafkaLogTest, refuses_at_once_what_is_over_the_queue) {
    auto how = options();
    how.queue_bytes = 10'000;
    how.delivery_timeout = patience;
    open(std::move(how));
    mock.set_down();
    const std::string value(2'000, 'x');
    std::vector<std::future<Outcome>> waiting;
    for (int i = 0; i < 3; ++i) waiting.push_back(append_later(value));
    auto refused = append_later(std::string(5'000, 'y'));
    ASSERT_EQ(refused.wait_for(0s), std::future_status::ready);
    EXPECT_EQ(refused.get()->code, Errc::overloaded);
    mock.set_up();
    for (auto& one : waiting) EXPECT_EQ(one.get(), std::nullopt);
    EXPECT_EQ(append(std::string(20'000, 'z')), std::nullopt) << "one alone may be larger: else it could never be stored";
}

TEST_F(KafkaLogTest, waits_for_a_slow_broker) {
    auto how = options();
    how.delivery_timeout = patience;
    open(std::move(how));
    mock.set_round_trip(200);
    EXPECT_EQ(append("slow"), std::nullopt);
}

TEST_F(KafkaLogTest, stops_within_its_time_though_the_broker_is_away) {
    open(options());
    mock.set_down();
    auto waiting = append_later("never");
    const auto before = std::chrono::steady_clock::now();
    EXPECT_TRUE(log->stop());
    EXPECT_LT(std::chrono::steady_clock::now() - before, patience / 2);
    ASSERT_EQ(waiting.wait_for(0s), std::future_status::ready);
    EXPECT_EQ(waiting.get()->code, Errc::unavailable);
    EXPECT_EQ(log->state(), LogState::stopped);
    EXPECT_EQ(append("late")->code, Errc::unavailable);
}

TEST_F(KafkaLogTest, makes_another_producer_where_kafka_refuses_one) {
    open(options());
    ASSERT_EQ(append("first"), std::nullopt);
    mock.fail_next(Api::produce, {RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER});  // of the only batch under way: fatal to librdkafka
    const auto outcome = append("refused");
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->code, Errc::unavailable);
    ASSERT_TRUE(eventually([&] { return !append("next"); }));
    EXPECT_TRUE(was_noticed("refused the producer"));
    const auto all = stored();
    EXPECT_EQ(all.front(), "first");
    EXPECT_EQ(all.back(), "next");
}

}  // namespace
}  // namespace tenter::log::testing
