// Goal: however run ends and partitions move, several workers leave nothing processed that is not committed, but for what is behind a
// failing event of its partition. Method: random scripts, completion orders and failing events, held against a plain model; then each
// promise of options.hpp that is about time, with callbacks that wait for each other.
#include <future>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/consume/scripted_consumer.hpp"

namespace tenter::consume {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::uint64_t seed() {
    static const std::uint64_t chosen = [] {
        const auto* const given = std::getenv("TENTER_SEED");
        const auto value = given != nullptr ? std::stoull(given) : std::random_device{}();
        std::printf("seed %llu (TENTER_SEED)\n", static_cast<unsigned long long>(value));
        return value;
    }();
    return chosen;
}

struct Failed : std::runtime_error {
    explicit Failed(RecordPlace where) : std::runtime_error(to_string(where)), place(std::move(where)) {}
    RecordPlace place;
};

ScriptedRecord keyed(std::int32_t partition, Bytes key) {
    auto record = webhook(Method::put, {}, "{}");
    record.partition = partition;
    record.key = std::move(key);
    return record;
}

/// What the callbacks of one run did.
struct OfRun {
    std::map<std::int32_t, std::int64_t> highest_begun;
    std::map<std::int32_t, std::int64_t> lowest_failed;
};

class Model {
public:
    /// Whether the event is to fail.
    bool begin(const WebhookEvent& event) {
        const std::scoped_lock lock(mutex_);
        auto& highest = of_run.highest_begun.try_emplace(event.partition, -1).first->second;
        highest = std::max(highest, event.offset);
        if (failing.erase({event.partition, event.offset}) == 0) return false;
        auto& lowest = of_run.lowest_failed.try_emplace(event.partition, event.offset).first->second;
        lowest = std::min(lowest, event.offset);
        return true;
    }
    void end(const WebhookEvent& event) {
        const std::scoped_lock lock(mutex_);
        ++times[{event.partition, event.offset}];
    }

    OfRun of_run;
    std::set<std::pair<std::int32_t, std::int64_t>> failing;
    std::map<std::pair<std::int32_t, std::int64_t>, int> times;

private:
    std::mutex mutex_;
};

class Drains : public ::testing::TestWithParam<std::size_t> {};

TEST_P(Drains, commit_everything_that_was_processed_but_what_is_behind_a_failing_event) {
    std::mt19937_64 chance(seed() + GetParam());
    constexpr std::int32_t partitions = 3;
    int failed_runs = 0;
    for (int round = 0; round < 40; ++round) {
        ConsumerOptions options;
        options.workers = GetParam();
        options.commit.max_events = 1 + static_cast<std::uint32_t>(chance() % 30);
        options.commit.every_event = chance() % 5 == 0;
        options.max_buffered_events = 20 + chance() % 200;
        ScriptedConsumer consumer(std::move(options));
        Model model;
        std::map<std::int32_t, std::int64_t> counts;
        const bool rebalances = chance() % 2 == 0;
        for (int i = 0; i < 400; ++i) {
            const auto partition = static_cast<std::int32_t>(chance() % partitions);
            if (chance() % 100 == 0) model.failing.insert({partition, counts[partition]});
            consumer.add(keyed(partition, std::to_string(chance() % 12)));
            ++counts[partition];
            if (rebalances && chance() % 80 == 0) consumer.rebalance();
        }
        const auto shut_down_at = chance() % 400;
        std::map<std::int32_t, std::int64_t> begin;
        std::map<std::pair<std::int32_t, std::int64_t>, int> excused;  // how often it came again, as is allowed
        std::atomic<std::uint64_t> calls = 0;
        for (int run = 0;; ++run) {
            ASSERT_LT(run, 100);
            model.of_run = {};
            std::optional<RecordPlace> thrown;
            try {
                consumer.run([&](const WebhookEvent& event) {
                    const bool fails = model.begin(event);
                    const auto call = calls++;
                    for (auto rounds = call * 7919 % 11; rounds > 0; --rounds) std::this_thread::yield();
                    if (fails) throw Failed(event.place());
                    model.end(event);
                    if (call == shut_down_at) consumer.shutdown();
                });
            } catch (const Failed& failed) {
                thrown = failed.place;
                ++failed_runs;
            }
            EXPECT_EQ(thrown.has_value(), !model.of_run.lowest_failed.empty());
            for (const auto& [partition, highest] : model.of_run.highest_begun) {
                const auto failed = model.of_run.lowest_failed.find(partition);
                const auto expected = failed == model.of_run.lowest_failed.end() ? highest + 1 : failed->second;
                EXPECT_EQ(consumer.committed("scripted", partition).value_or(0), expected) << "round " << round << " run " << run;
                for (auto offset = begin[partition]; offset < expected; ++offset)
                    EXPECT_EQ((model.times[{partition, offset}]), 1 + (excused[{partition, offset}])) << partition << "@" << offset;
                for (auto offset = expected; offset < counts[partition]; ++offset)
                    excused[{partition, offset}] = model.times[{partition, offset}];
                begin[partition] = expected;
            }
            if (begin == counts) break;
        }
    }
    EXPECT_GT(failed_runs, 40);
}

INSTANTIATE_TEST_SUITE_P(Workers, Drains, ::testing::Values(1, 2, 8));

/// Two keys of which two workers have one each, found by experiment: the second is begun while the first waits.
class TwoWorkers : public ::testing::Test {
protected:
    TwoWorkers() {
        options_.workers = 2;
        options_.commit.interval = std::chrono::hours(1);
    }

    /// Events 0 and 2 of one worker, 1 and 3 to 9 of the other.
    void fill(ScriptedConsumer& consumer) {
        const auto lane_of = [](const std::string& key) { return std::hash<std::string_view>()(key) % 2; };
        const std::string slow = "slow";
        std::string fast = "a";
        while (lane_of(fast) == lane_of(slow)) fast += "a";
        for (int i = 0; i < 10; ++i) consumer.add(keyed(0, i == 0 || i == 2 ? slow : fast));
    }

    ConsumerOptions options_;
};

TEST_F(TwoWorkers, finish_what_is_before_the_last_event_begun_when_another_throws) {
    ScriptedConsumer consumer(options_);
    fill(consumer);
    std::promise<void> seven;
    std::vector<std::int64_t> slow_ones;
    EXPECT_THROW(consumer.run([&](const WebhookEvent& event) {
        if (event.key == "slow") {
            slow_ones.push_back(event.offset);
            if (event.offset == 0) seven.get_future().wait();
            return;
        }
        if (event.offset == 7) {
            seven.set_value();
            throw Failed(event.place());
        }
    }),
                 Failed);
    EXPECT_THAT(slow_ones, ElementsAre(0, 2));
    EXPECT_EQ(consumer.committed("scripted", 0), 7);
}

TEST_F(TwoWorkers, begin_nothing_more_once_the_time_for_that_is_over) {
    options_.drain_timeout = 0ms;
    ScriptedConsumer consumer(options_);
    fill(consumer);
    std::promise<void> slow_has_begun;
    auto begun = slow_has_begun.get_future();
    std::promise<void> go_on;
    std::vector<std::int64_t> slow_ones;
    consumer.run([&](const WebhookEvent& event) {
        if (event.key == "slow") {
            slow_ones.push_back(event.offset);
            if (event.offset != 0) return;
            slow_has_begun.set_value();
            go_on.get_future().wait_for(300ms);
        } else if (event.offset == 1) {
            begun.wait();
        } else if (event.offset == 7) {
            consumer.shutdown();
        }
    });
    EXPECT_THAT(slow_ones, ElementsAre(0));
    EXPECT_EQ(consumer.committed("scripted", 0), 2);
}

TEST_F(TwoWorkers, commit_nothing_behind_an_event_that_waits_for_its_retry) {
    options_.retry = retry::RetryConfig{.max_retries = 5, .initial_delay = std::chrono::hours(1), .max_delay = std::chrono::hours(1)};
    std::promise<void> waits;
    options_.on_notice = [&](const Notice& notice) {
        if (notice.kind == Notice::Kind::retrying) waits.set_value();
    };
    ScriptedConsumer consumer(options_);
    fill(consumer);
    int calls = 0;
    consumer.run([&](const WebhookEvent& event) {
        if (event.offset == 2 && ++calls == 1) throw Failed(event.place());
        if (event.offset == 1) waits.get_future().wait();
        if (event.offset == 5) consumer.shutdown();
    });
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(consumer.committed("scripted", 0), 2);
}

TEST_F(TwoWorkers, dead_letter_what_cannot_be_read_while_they_finish) {
    options_.dead_letter_topic = "dead";
    options_.on_undecodable = [](const UndecodableRecord&) { return Undecodable::dead_letter; };
    ScriptedConsumer consumer(options_);
    for (int i = 0; i < 10; ++i) {
        auto record = keyed(0, "slow");
        if (i == 5) record.headers.clear();
        consumer.add(std::move(record));
    }
    std::string fast = "a";
    while (std::hash<std::string_view>()(fast) % 2 == std::hash<std::string_view>()("slow") % 2) fast += "a";
    consumer.add(keyed(0, fast));
    std::promise<void> thrown;
    const auto run = [&] {
        consumer.run([&](const WebhookEvent& event) {
            if (event.offset == 0) thrown.get_future().wait();
            if (event.offset != 10) return;
            thrown.set_value();
            throw Failed(event.place());
        });
    };
    EXPECT_THROW(run(), Failed);
    EXPECT_EQ(consumer.dead_lettered().size(), 1u);
    EXPECT_EQ(consumer.committed("scripted", 0), 10);
}

TEST(RunsThatProcessedNothing, commit_nothing) {
    for (const std::size_t workers : {1, 4}) {
        ConsumerOptions options;
        options.workers = workers;
        ScriptedConsumer consumer(options);
        consumer.add(keyed(0, "a"));
        EXPECT_THROW(consumer.run([&](const WebhookEvent& event) { throw Failed(event.place()); }), Failed);
        EXPECT_EQ(consumer.committed("scripted", 0), std::nullopt);
        consumer.rebalance();
        consumer.run([](const WebhookEvent&) { throw StopConsuming(); });
        EXPECT_EQ(consumer.committed("scripted", 0), std::nullopt);
    }
}

}  // namespace
}  // namespace tenter::consume
