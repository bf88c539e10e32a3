// Goal: no record that somebody waits for stays unnoticed, whatever the commit thread and the broker's thread do at the same time. Method:
// two real threads and a log in memory; readers that wait for the next record, thousands of times, under ThreadSanitizer too.

#include <atomic>
#include <thread>

#include "gateway/broker/growth.hpp"
#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

using Threads = BrokerTest;

TEST_F(Threads, miss_no_growth_that_is_watched_for) {
    const log::TopicPartition at{log.find_topic("demo")->id, {0}};
    std::int64_t told = 0;
    Growth growth(log, executor,
                  [&](std::span<const log::TopicPartition> partitions) { told += static_cast<std::int64_t>(partitions.size()); });
    constexpr std::int64_t rounds = 2'000;
    for (std::int64_t round = 0; round < rounds; ++round) {
        log::NewRecord record{};
        record.topic = at.topic;
        record.partition = at.partition;
        record.value = "x";
        log.append(std::span(&record, 1), [](log::AppendResult) {});
        // Either the growth is seen here, or it is told later; what is told may be an earlier one, too.
        for (;;) {
            const auto before = told;
            ASSERT_TRUE(growth.watch(at));
            if (log.bounds(at)->next.value > round) break;
            ASSERT_TRUE(executor.run_until([&] { return told > before; })) << "in round " << round;
        }
    }
}

TEST_F(Threads, wake_readers_of_several_partitions_while_the_log_grows) {
    constexpr int readers = 4;
    constexpr std::int64_t records = 500;
    std::vector<std::unique_ptr<TestClient>> clients;
    std::vector<std::int64_t> offsets_of(readers);
    for (int i = 0; i < readers; ++i) clients.push_back(login());
    std::jthread writer([&] {
        const auto shop = log.find_topic("shop")->id;
        for (std::int64_t i = 0; i < records; ++i) {
            for (std::int32_t partition = 0; partition < readers; ++partition) {
                log::NewRecord record{};
                record.topic = shop;
                record.partition = log::PartitionId{partition};
                record.value = "x";
                log.append(std::span(&record, 1), [](log::AppendResult) {});
            }
        }
    });
    for (int i = 0; i < readers; ++i) clients[static_cast<std::size_t>(i)]->send(fetch_of("incoming.shop", i, 0), 11);
    const auto take = [&](std::size_t i) {
        if (!clients[i]->is_answered() || offsets_of[i] == records) return;
        const auto response = clients[i]->answer<FetchResponse>(11);
        const auto read = log::decode_batches(bytes_of(only(response).records));
        ASSERT_TRUE(read && !read->empty()) << "the clock stands still, so nobody is answered for time";
        EXPECT_EQ(read->front().offset.value, offsets_of[i]);
        offsets_of[i] = read->back().offset.value + 1;
        if (offsets_of[i] < records) clients[i]->send(fetch_of("incoming.shop", static_cast<std::int32_t>(i), offsets_of[i]), 11);
    };
    const auto all_read = [&] {
        for (std::size_t i = 0; i < readers; ++i) take(i);
        return std::ranges::all_of(offsets_of, [](auto offset) { return offset == records; });
    };
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (!all_read()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
        executor.run();
        std::this_thread::yield();
    }
}

}  // namespace
}  // namespace tenter::broker
