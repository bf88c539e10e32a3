// Goal: whatever the workers do in whatever order, events of one key keep their order and run one at a time, and never is more committed
// than processed. Method: random scripts with rebalances, losses, failures and random callback times, held against a plain model.
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "tenter/consume/consumer.hpp"
#include "tenter/consume/scripted_consumer.hpp"

namespace tenter::consume {
namespace {

std::uint64_t seed() {
    static const std::uint64_t chosen = [] {
        const auto* const given = std::getenv("TENTER_SEED");
        const auto value = given != nullptr ? std::stoull(given) : std::random_device{}();
        std::printf("seed %llu (TENTER_SEED)\n", static_cast<unsigned long long>(value));
        return value;
    }();
    return chosen;
}

using Lane = std::pair<std::int32_t, std::string>;  // partition and key

ScriptedRecord keyed(std::int32_t partition, std::optional<Bytes> key) {
    auto record = webhook(Method::put, {}, "{}");
    record.partition = partition;
    record.key = std::move(key);
    return record;
}

/// What the callbacks did.
class Model {
public:
    void enter(const WebhookEvent& event) {
        const std::scoped_lock lock(mutex_);
        const auto lane = lane_of(event);
        EXPECT_TRUE(under_way_.insert(lane).second) << "two events of a key at once";
        const auto last = last_[lane];
        EXPECT_GT(event.offset, last.value_or(-1)) << "partition " << event.partition;
    }
    void leave(const WebhookEvent& event, bool succeeded) {
        const std::scoped_lock lock(mutex_);
        const auto lane = lane_of(event);
        under_way_.erase(lane);
        if (!succeeded) return;
        last_[lane] = event.offset;
        ++times_[{event.partition, event.offset}];
    }
    /// After a loss events come again: from then on the order counts anew.
    void forget_order() {
        const std::scoped_lock lock(mutex_);
        last_.clear();
    }
    /// Of a partition: all before `end` were processed.
    void expect_processed(std::int32_t partition, std::int64_t end) {
        const std::scoped_lock lock(mutex_);
        for (std::int64_t offset = 0; offset < end; ++offset)
            EXPECT_GE((times_[{partition, offset}]), 1) << "partition " << partition << " offset " << offset << " is committed";
    }
    void expect_once(std::int32_t partition, std::int64_t end) {
        const std::scoped_lock lock(mutex_);
        for (std::int64_t offset = 0; offset < end; ++offset)
            EXPECT_EQ((times_[{partition, offset}]), 1) << "partition " << partition << " offset " << offset;
    }

private:
    static Lane lane_of(const WebhookEvent& event) { return {event.partition, event.key ? "key " + std::string(*event.key) : "none"}; }

    std::mutex mutex_;
    std::set<Lane> under_way_;
    std::map<Lane, std::optional<std::int64_t>> last_;
    std::map<std::pair<std::int32_t, std::int64_t>, int> times_;
};

class Workers : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Workers, keep_the_order_of_keys_through_rebalances_and_retries_and_skip_nothing) {
    std::mt19937_64 chance(seed() + GetParam());
    ConsumerOptions options;
    options.workers = GetParam();
    options.commit.max_events = 50;
    options.retry = retry::RetryConfig{.max_retries = 100, .initial_delay = std::chrono::milliseconds(10)};
    Model model;
    options.on_notice = [&](const Notice& notice) {
        if (notice.kind == Notice::Kind::revoked) model.forget_order();  // with several workers, what was ahead of a slower one comes again
    };
    ScriptedConsumer consumer(std::move(options));
    constexpr std::int32_t partitions = 3;
    std::map<std::int32_t, std::int64_t> counts;
    for (int i = 0; i < 3000; ++i) {
        const auto partition = static_cast<std::int32_t>(chance() % partitions);
        const auto key = chance() % 20;
        consumer.add(keyed(partition, key == 0 ? std::nullopt : std::optional<Bytes>(std::to_string(key))));
        ++counts[partition];
        if (chance() % 300 == 0) consumer.rebalance();
    }
    std::atomic<std::uint64_t> calls = 0;
    consumer.run([&](const WebhookEvent& event) {
        model.enter(event);
        const auto call = calls++;
        for (auto rounds = call * 7919 % 5; rounds > 0; --rounds) std::this_thread::yield();
        const bool fails = call % 97 == 13;
        model.leave(event, !fails);
        if (fails) throw std::runtime_error("now and then");
    });
    for (const auto& [partition, count] : counts) {
        if (GetParam() == 1) {
            model.expect_once(partition, count);
        } else {
            model.expect_processed(partition, count);
        }
        EXPECT_EQ(consumer.committed("scripted", partition), count);
    }
}

TEST_P(Workers, never_commit_an_event_that_was_not_processed_whatever_ends_them) {
    std::mt19937_64 chance(seed() + 1000 + GetParam());
    for (int round = 0; round < 30; ++round) {
        ConsumerOptions options;
        options.workers = GetParam();
        options.commit.max_events = 1 + static_cast<std::uint32_t>(chance() % 20);
        options.commit.every_event = chance() % 4 == 0;
        ScriptedConsumer consumer(std::move(options));
        std::map<std::int32_t, std::int64_t> counts;
        for (int i = 0; i < 200; ++i) {
            const auto partition = static_cast<std::int32_t>(chance() % 2);
            consumer.add(keyed(partition, std::to_string(chance() % 10)));
            ++counts[partition];
        }
        Model model;
        std::atomic<std::uint64_t> calls = 0;
        const auto last_call = chance() % 200;
        const bool throws = chance() % 2 == 0;
        const auto handle = [&](const WebhookEvent& event) {
            model.enter(event);
            const auto call = calls++;
            for (auto rounds = call * 31 % 7; rounds > 0; --rounds) std::this_thread::yield();
            const bool fails = throws && call == last_call;
            model.leave(event, !fails);
            if (fails) throw std::runtime_error("the end");
            if (call == last_call) consumer.shutdown();
        };
        if (throws) {
            EXPECT_THROW(consumer.run(handle), std::runtime_error);
        } else {
            consumer.run(handle);
        }
        for (const auto& [partition, count] : counts)
            model.expect_processed(partition, consumer.committed("scripted", partition).value_or(0));
        model.forget_order();
        consumer.run([&](const WebhookEvent& event) {
            model.enter(event);
            model.leave(event, true);
        });
        for (const auto& [partition, count] : counts) {
            model.expect_processed(partition, count);
            EXPECT_EQ(consumer.committed("scripted", partition), count);
        }
    }
}

TEST_P(Workers, commit_each_event_and_get_through) {
    ConsumerOptions options;
    options.workers = GetParam();
    options.commit = CommitPolicy::each();
    ScriptedConsumer consumer(std::move(options));
    for (int i = 0; i < 300; ++i) consumer.add(keyed(i % 4, std::to_string(i % 7)));
    std::atomic<int> calls = 0;
    consumer.run([&](const WebhookEvent&) { ++calls; });
    EXPECT_EQ(calls, 300);
    for (std::int32_t partition = 0; partition < 4; ++partition) EXPECT_EQ(consumer.committed("scripted", partition), 75);
}

INSTANTIATE_TEST_SUITE_P(Counts, Workers, ::testing::Values(1, 2, 8));

TEST(WorkersShutDownFromElsewhere, end_however_busy_they_are) {
    ConsumerOptions options;
    options.workers = 4;
    ScriptedConsumer consumer(std::move(options));
    for (int i = 0; i < 20'000; ++i) consumer.add(keyed(0, std::to_string(i)));
    std::atomic<int> calls = 0;
    std::thread other([&] {
        while (calls.load() < 100) std::this_thread::yield();
        consumer.shutdown();
    });
    consumer.run([&](const WebhookEvent&) { ++calls; });
    other.join();
    EXPECT_LE(consumer.committed("scripted", 0).value_or(0), calls.load());
}

}  // namespace
}  // namespace tenter::consume
