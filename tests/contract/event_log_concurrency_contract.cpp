// Many threads at once: what every EventLog keeps while it is written to, read, followed and extended at the same time. Run under TSan too.
#include <atomic>
#include <memory>
#include <thread>

#include "tests/contract/event_log_contract.hpp"

namespace tenter::log::testing {
namespace {

/// Runs `work(0) ... work(count - 1)`, each in a thread of its own, and waits for all.
template <class Work>
void run_threads(int count, const Work& work) {
    std::vector<std::thread> threads;
    for (int i = 0; i < count; ++i) threads.emplace_back([&work, i] { work(i); });
    for (auto& thread : threads) thread.join();
}

TEST_P(EventLogContract, shows_readers_beside_writers_a_whole_beginning_that_only_grows) {
    constexpr int records = 400;
    const TopicPartition at = partition(topic("orders"), 0);
    std::thread writer([&] {
        for (int i = 0; i < records; ++i) EXPECT_FALSE(append_value(at, std::to_string(i)).error);
    });
    run_threads(3, [&](int reader) {
        std::vector<std::string> values;
        std::int64_t high_watermark = 0;
        while (values.size() < records && !HasFailure()) {
            const auto bounds = log().bounds(at);
            ASSERT_TRUE(bounds) << bounds.error().message;
            EXPECT_GE(bounds->next.value, high_watermark) << "the end went back";
            high_watermark = bounds->next.value;
            const std::size_t max_bytes = reader == 0 ? 1 : 4096;
            const auto more = values_from(at, static_cast<std::int64_t>(values.size()), max_bytes);
            EXPECT_GE(values.size() + more.size(), static_cast<std::size_t>(high_watermark)) << "what was shown once can be read";
            values.insert(values.end(), more.begin(), more.end());
        }
        for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], std::to_string(i));
    });
    writer.join();
}

TEST_P(EventLogContract, ends_subscriptions_while_records_come) {
    const TopicPartition at = partition(topic("orders"), 0);
    std::atomic<bool> go_on{true};
    std::thread writer([&] {
        while (go_on) EXPECT_FALSE(append_value(at, "x").error);
    });
    run_threads(3, [&](int) {
        for (int i = 0; i < 200; ++i) {
            auto high = std::make_unique<std::atomic<std::int64_t>>(0);  // gone when a late call would come: ASan and TSan see it
            auto subscription = log().follow(at, [&high = *high](Offset moved) { high = moved.value; });
            ASSERT_TRUE(subscription) << subscription.error().message;
            if (i % 20 == 0) {
                while (*high == 0 && !HasFailure()) std::this_thread::yield();
            }
            subscription->reset();
            high.reset();
        }
    });
    go_on = false;
    writer.join();
}

TEST_P(EventLogContract, opens_a_topic_once_though_many_ask_while_others_are_written) {
    constexpr int topics = 20;
    const TopicPartition busy = partition(topic("busy"), 0);
    std::vector<std::vector<TopicId>> ids(4);
    run_threads(4, [&](int thread) {
        for (int i = 0; i < topics; ++i) {
            const TopicId id = topic("topic-" + std::to_string(i), 2);
            ids[static_cast<std::size_t>(thread)].push_back(id);
            const Outcome outcome = append_value(partition(id, 1), std::to_string(thread));
            ASSERT_FALSE(outcome.error) << outcome.error->message;
            EXPECT_FALSE(append_value(busy, "x").error);
        }
    });
    EXPECT_EQ(log().topics().size(), std::size_t{topics} + 1);
    for (std::size_t thread = 1; thread < ids.size(); ++thread) EXPECT_EQ(ids[thread], ids[0]);
    for (const TopicId id : ids[0]) {
        wait_until_readable(partition(id, 1), 4);
        EXPECT_EQ(records_from(partition(id, 1)).size(), 4U);
        EXPECT_EQ(log().bounds(partition(id, 0))->next.value, 0);
    }
}

}  // namespace
}  // namespace tenter::log::testing
