// The topic of offsets over a log in memory: order, refusals, snapshots and what they remove.
#include "gateway/broker/offsets_topic.hpp"

#include <gmock/gmock.h>

#include <future>
#include <map>

#include "tests/contract/in_memory_event_log.hpp"
#include "tests/unit/broker/broker_thread.hpp"

namespace tenter::broker::testing {
namespace {

using groups::StoredRecord;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

/// What has been stored, by key: as the coordinator would have it.
using State = std::map<std::string, std::string>;

void apply(State& state, const StoredRecord& record) {
    if (record.value) {
        state[record.key] = *record.value;
    } else {
        state.erase(record.key);
    }
}

class OffsetsTopicInMemory : public ::testing::Test {
protected:
    OffsetsTopicInMemory() { open(); }
    ~OffsetsTopicInMemory() override { static_cast<void>(log.stop()); }

    void open() {
        auto opened = OffsetsTopic::open(options, log, thread, clock, [this](std::string_view notice) { notices.emplace_back(notice); });
        ASSERT_TRUE(opened) << opened.error().message;
        topic = std::move(*opened);
        place = {log.find_topic("__offsets")->id, log::PartitionId{0}};
    }
    void start_snapshots() {
        topic->start_snapshots([this] {
            ++snapshots;
            std::vector<StoredRecord> records;
            for (const auto& [key, value] : state) records.push_back({Bytes(key), Bytes(value)});
            return records;
        });
    }
    void store(std::vector<StoredRecord> records) {
        for (const auto& record : records) apply(state, record);
        topic->store(std::move(records), [this, number = ++stored](bool is_durable) { done.emplace_back(number, is_durable); });
    }
    void store_and_wait(std::string key, std::optional<std::string> value) {
        const std::size_t before = done.size();
        store({{Bytes(std::move(key)), std::move(value)}});
        ASSERT_TRUE(thread.run_until([&] { return done.size() > before; }));
    }
    /// The log's start is `first` and nothing is under way.
    void run_until_trimmed_to(std::int64_t first) {
        EXPECT_TRUE(thread.run_until([&] { return log.bounds(place)->first.value >= first; }));
        EXPECT_EQ(log.bounds(place)->first.value, first);
    }
    /// Everything that is acknowledged can be read when something behind it is.
    void wait_until_readable() {
        const log::NewRecord record{*log.ensure_topic("behind", 1), std::nullopt, std::nullopt, BytesView("x"), {}, clock.now()};
        std::promise<void> appended;
        log.append({&record, 1}, [&](const log::AppendResult&) { appended.set_value(); });
        appended.get_future().wait();
    }
    [[nodiscard]] State replayed() {
        wait_until_readable();
        State found;
        open();
        const auto read = topic->replay([&](const StoredRecord& record) -> Result<void> {
            apply(found, record);
            return {};
        });
        EXPECT_TRUE(read) << read.error().message;
        return found;
    }

    OffsetsTopicOptions options{.snapshot_at_least = 100, .append_bytes = 40};
    BrokerThread thread;
    SimulatedClock clock;
    log::testing::InMemoryEventLog log;
    std::vector<std::string> notices;
    std::vector<std::pair<int, bool>> done;
    int stored = 0;
    int snapshots = 0;
    State state;
    log::TopicPartition place;
    std::unique_ptr<OffsetsTopic> topic;  // last: what the log completes later goes to `thread`
};

TEST_F(OffsetsTopicInMemory, completes_in_the_order_of_the_calls_though_a_refusal_comes_at_once) {
    log.hold(true);
    store({{"a", "1"}});
    log.refuse_next(Error{Errc::overloaded, "full", 0});
    store({{"b", "1"}});
    store({});
    store({{"c", "1"}});
    ASSERT_TRUE(thread.wait_for_tasks(1));
    thread.run_waiting();
    EXPECT_THAT(done, IsEmpty()) << "the first is not durable yet";
    log.hold(false);
    ASSERT_TRUE(thread.run_until([&] { return done.size() == 4; }));
    EXPECT_THAT(done, ElementsAre(Pair(1, true), Pair(2, false), Pair(3, true), Pair(4, true)));
}

TEST_F(OffsetsTopicInMemory, completes_nothing_within_the_call_that_stores) {
    log.refuse_next(Error{Errc::overloaded, "full", 0});
    store({{"a", "1"}});
    store({});
    EXPECT_THAT(done, IsEmpty());
    ASSERT_TRUE(thread.run_until([&] { return done.size() == 2; }));
    EXPECT_THAT(done, ElementsAre(Pair(1, false), Pair(2, true)));
}

TEST_F(OffsetsTopicInMemory, replays_what_was_stored_in_its_order) {
    store_and_wait("a", "1");
    store_and_wait("b", "2");
    store_and_wait("a", "3");
    store_and_wait("b", std::nullopt);
    store_and_wait("empty", "");
    EXPECT_EQ(replayed(), (State{{"a", "3"}, {"empty", ""}}));
}

TEST_F(OffsetsTopicInMemory, says_at_which_offset_a_record_could_not_be_taken) {
    store_and_wait("a", "1");
    store_and_wait("b", "1");
    wait_until_readable();
    open();
    const auto read = topic->replay([](const StoredRecord& record) -> Result<void> {
        if (record.key == "b") return fail(Errc::unsupported, "from the future");
        return {};
    });
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::unsupported);
    EXPECT_EQ(read.error().message, "__offsets: offset 1: from the future");
}

TEST_F(OffsetsTopicInMemory, puts_a_snapshot_in_the_place_of_all_that_was_stored_before) {
    start_snapshots();
    for (int i = 0; i < 5; ++i) store_and_wait("key", std::string(20, 'v'));  // 5 times 23 bytes are more than 100
    run_until_trimmed_to(5);
    EXPECT_EQ(snapshots, 1);
    wait_until_readable();
    EXPECT_EQ(log.bounds(place)->next.value, 6) << "one record, the snapshot";
    EXPECT_EQ(replayed(), state);
}

TEST_F(OffsetsTopicInMemory, makes_the_next_one_when_several_times_as_much_as_the_last_was_stored) {
    start_snapshots();
    for (int i = 0; i < 6; ++i) store_and_wait("key" + std::to_string(i), std::string(16, 'v'));
    run_until_trimmed_to(6);
    ASSERT_EQ(snapshots, 1) << "of 120 bytes";
    for (int i = 0; i < 24; ++i) store_and_wait("key0", std::string(16, 'v'));
    EXPECT_EQ(snapshots, 1) << "480 bytes are four times as much, not more";
    store_and_wait("key0", std::string(16, 'v'));
    EXPECT_EQ(snapshots, 2);
}

TEST_F(OffsetsTopicInMemory, removes_nothing_before_every_part_of_a_snapshot_is_durable) {
    for (int i = 0; i < 6; ++i) store_and_wait("key" + std::to_string(i), std::string(20, 'v'));
    log.hold(true);
    start_snapshots();
    thread.run_waiting();  // begins it: six records of 24 bytes in appends of 40, so six appends
    ASSERT_EQ(snapshots, 1);
    EXPECT_EQ(log.bounds(place)->first.value, 0);
    log.hold(false);
    ASSERT_TRUE(thread.wait_for_tasks(6));
    EXPECT_EQ(log.bounds(place)->first.value, 0) << "nobody has heard of it yet";
    run_until_trimmed_to(6);
    EXPECT_EQ(replayed(), state);
}

TEST_F(OffsetsTopicInMemory, keeps_what_was_stored_behind_a_snapshot_that_is_on_its_way) {
    for (int i = 0; i < 6; ++i) store_and_wait("key" + std::to_string(i), std::string(20, 'v'));
    log.hold(true);
    start_snapshots();
    thread.run_waiting();
    store({{"key0", "newer"}});
    store({{"key1", std::nullopt}});
    log.hold(false);
    ASSERT_TRUE(thread.run_until([&] { return done.size() == 8; }));
    run_until_trimmed_to(6);
    EXPECT_EQ(replayed(), state);
    EXPECT_EQ(state.at("key0"), "newer");
    EXPECT_THAT(state, SizeIs(5));
}

TEST_F(OffsetsTopicInMemory, keeps_everything_where_a_part_of_a_snapshot_was_refused_and_tries_again_later) {
    for (int i = 0; i < 6; ++i) store_and_wait("key" + std::to_string(i), std::string(20, 'v'));
    log.refuse_next(Error{Errc::overloaded, "full", 0});
    start_snapshots();
    ASSERT_TRUE(thread.run_until([&] { return !notices.empty(); }));
    EXPECT_THAT(notices, ElementsAre("__offsets: a snapshot could not be stored; the records before it are kept"));
    EXPECT_EQ(log.bounds(place)->first.value, 0);
    const State before = state;
    EXPECT_EQ(replayed(), before);
    start_snapshots();
    for (int i = 0; snapshots < 2; ++i) store_and_wait("key0", std::string(20, 'w'));
    ASSERT_TRUE(thread.run_until([&] { return log.bounds(place)->first.value > 0; }));
    EXPECT_EQ(replayed(), state);
}

TEST_F(OffsetsTopicInMemory, removes_everything_where_nothing_is_left) {
    start_snapshots();
    store_and_wait("key", std::string(45, 'v'));
    store_and_wait("key", std::nullopt);
    store_and_wait("key", std::string(45, 'v'));
    store_and_wait("key", std::nullopt);  // 48, 3, 48 and 3 bytes are more than 100
    run_until_trimmed_to(4);
    EXPECT_EQ(log.bounds(place)->next.value, 4) << "no record stands for nothing";
    EXPECT_EQ(replayed(), State{});
}

TEST_F(OffsetsTopicInMemory, makes_one_soon_after_a_start_that_had_much_to_replay) {
    for (int i = 0; i < 20; ++i) store_and_wait("key", std::string(20, 'v'));
    EXPECT_EQ(replayed(), state);
    start_snapshots();
    run_until_trimmed_to(20);
    EXPECT_EQ(snapshots, 1);
}

TEST_F(OffsetsTopicInMemory, calls_nobody_after_its_end) {
    log.hold(true);
    start_snapshots();
    store({{"a", std::string(200, 'v')}});
    topic.reset();
    log.hold(false);
    ASSERT_TRUE(thread.wait_for_tasks(1));
    static_cast<void>(log.stop());
    thread.run_waiting();
    EXPECT_THAT(done, IsEmpty());
    EXPECT_EQ(snapshots, 0);
}

}  // namespace
}  // namespace tenter::broker::testing
