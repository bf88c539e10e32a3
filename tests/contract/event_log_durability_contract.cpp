// Stopping, reopening and being killed: what every EventLog promises about its end.
#include <gmock/gmock.h>

#include <atomic>
#include <map>
#include <thread>

#include "tests/contract/event_log_contract.hpp"

namespace tenter::log::testing {
namespace {

using ::testing::ElementsAre;

TEST_P(EventLogContract, completes_what_is_queued_when_it_stops_and_refuses_what_comes_later) {
    const TopicPartition at = partition(topic("orders"), 0);
    std::vector<std::future<Outcome>> outcomes;
    const std::string value(1000, 'x');
    const NewRecord record{at.topic, at.partition, std::nullopt, value, {}, ms(1)};
    for (int i = 0; i < 100; ++i) outcomes.push_back(append_later({&record, 1}));
    EXPECT_EQ(log().state(), LogState::accepting);
    ASSERT_TRUE(log().stop());
    EXPECT_EQ(log().state(), LogState::stopped);
    for (auto& outcome : outcomes) {
        ASSERT_EQ(outcome.wait_for(std::chrono::seconds(0)), std::future_status::ready);
        EXPECT_FALSE(outcome.get().error);
    }
    const Outcome late = append({&record, 1});
    ASSERT_TRUE(late.error);
    EXPECT_EQ(late.error->code, Errc::unavailable);
    EXPECT_TRUE(log().stop()) << "stop is idempotent";
}

TEST_P(EventLogContract, answers_each_append_once_though_it_stops_meanwhile) {
    const TopicPartition at = partition(topic("orders"), 0);
    std::atomic<int> asked{0};
    std::atomic<int> answered{0};
    std::atomic<bool> go_on{true};
    std::promise<void> some_done;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            const NewRecord record{at.topic, at.partition, std::nullopt, BytesView("x"), {}, ms(1)};
            while (go_on && asked < 20'000) {
                ++asked;
                log().append({&record, 1}, [&](AppendResult) {
                    if (++answered == 100) some_done.set_value();
                });
            }
        });
    }
    some_done.get_future().wait();
    EXPECT_TRUE(log().stop());
    go_on = false;
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(answered, asked);
}

TEST_P(EventLogContract, has_everything_after_it_was_opened_again) {
    TopicPartition at = partition(topic("orders", 2), 1);
    for (int i = 0; i < 30; ++i) ASSERT_FALSE(append_value(at, std::to_string(i), 1000 - i).error);
    if (!under_test().reopen()) GTEST_SKIP() << "keeps nothing";
    const auto info = log().find_topic("orders");
    ASSERT_TRUE(info) << info.error().message;
    EXPECT_EQ(info->partition_count, 2);
    at = partition(info->id, 1);
    EXPECT_EQ(log().bounds(at)->next.value, 30);
    const auto values = values_from(at);
    ASSERT_EQ(values.size(), 30U);
    for (int i = 0; i < 30; ++i) EXPECT_EQ(values[static_cast<std::size_t>(i)], std::to_string(i));
    EXPECT_EQ(log().offset_for_time(at, ms(1000)).value(), (TimedOffset{Offset{0}, ms(1000)}));
    EXPECT_EQ(append_value(at, "next").places.at(0).offset.value, 30);
    if (log().capabilities().owns_topics) {
        EXPECT_EQ(topic("orders", 5), info->id) << "partitions grow at a restart";
    }
}

TEST_P(EventLogContract, has_every_acknowledged_record_after_a_kill) {
    if (!log().capabilities().survives_kill) GTEST_SKIP() << "not declared";
    std::vector<std::string> expected;
    for (int round = 0; round < 5; ++round) {
        const TopicPartition at = partition(topic("orders"), 0);
        for (int i = 0; i < 40; ++i) {
            expected.push_back(std::to_string(round) + "." + std::to_string(i) + std::string(500, 'x'));
            const Outcome outcome = append_value(at, expected.back());
            ASSERT_FALSE(outcome.error) << outcome.error->message;
            ASSERT_EQ(outcome.places.at(0).offset.value, static_cast<std::int64_t>(expected.size()) - 1);
        }
        under_test().kill_and_reopen();
        const auto info = log().find_topic("orders");
        ASSERT_TRUE(info) << info.error().message;
        EXPECT_EQ(values_from(partition(info->id, 0)), expected);
    }
}

}  // namespace
}  // namespace tenter::log::testing
