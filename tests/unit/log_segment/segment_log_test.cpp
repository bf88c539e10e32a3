// What a user of the embedded log sees, on the machine's own file system.
#include "gateway/log_segment/segment_log.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "tenter/base/env_testing.hpp"
#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::log::testing {
namespace {

class SegmentLogOnDisk : public ::testing::Test {
protected:
    std::unique_ptr<SegmentLog> open() { return open_log(env, clock, options); }
    TopicPartition make_topic(SegmentLog& log, std::string_view name, std::int32_t partitions = 1) {
        const auto id = log.ensure_topic(name, partitions);
        EXPECT_TRUE(id) << id.error().message;
        return {*id, PartitionId{0}};
    }

    TemporaryFolder folder;
    PosixEnv env;
    SystemClock clock;
    SegmentLogOptions options = small_options(folder.path() + "/log");
};

TEST_F(SegmentLogOnDisk, returns_what_was_appended) {
    const auto log = open();
    const auto at = make_topic(*log, "orders");
    for (int i = 0; i < 10; ++i) EXPECT_EQ(append(*log, at.topic, "value " + std::to_string(i)).places[0].offset.value, i);
    wait_readable(*log, at, 10);
    const auto values = values_from(*log, at);
    ASSERT_EQ(values.size(), 10U);
    EXPECT_EQ(values[7], "value 7");
}

TEST_F(SegmentLogOnDisk, reads_a_batch_that_is_greater_than_what_was_asked_for_and_none_after_it) {
    const auto log = open();
    const auto at = make_topic(*log, "orders");
    ASSERT_FALSE(append(*log, at.topic, std::string(1500, 'a')).error);
    ASSERT_FALSE(append(*log, at.topic, "small").error);
    wait_readable(*log, at, 2);
    for (const std::size_t max_bytes : {1, 1000, 1500}) {  // see OpenSegment::read_some
        const auto first = log->read(at, Offset{0}, max_bytes);
        ASSERT_TRUE(first) << first.error().message;
        EXPECT_EQ(first->next_offset.value, 1) << max_bytes;
    }
    EXPECT_EQ(log->read(at, Offset{0}, 4000)->next_offset.value, 2);
}

TEST_F(SegmentLogOnDisk, has_everything_after_an_orderly_stop_and_replays_nothing) {
    {
        const auto log = open();
        const auto at = make_topic(*log, "orders");
        for (int i = 0; i < 300; ++i) ASSERT_FALSE(append(*log, at.topic, std::string(1000, 'a') + std::to_string(i)).error);
        EXPECT_TRUE(log->stop());
    }
    const auto log = open();
    EXPECT_TRUE(log->recovery_report().clean);
    EXPECT_EQ(log->recovery_report().frames_replayed, 0U);
    const auto topic = log->find_topic("orders");
    ASSERT_TRUE(topic);
    const TopicPartition at{topic->id, PartitionId{0}};
    const auto values = values_from(*log, at);
    ASSERT_EQ(values.size(), 300U);
    EXPECT_EQ(values[299], std::string(1000, 'a') + "299");
    EXPECT_EQ(append(*log, at.topic, "next").places[0].offset.value, 300);
}

TEST_F(SegmentLogOnDisk, has_one_id_for_its_whole_life_and_no_other_log_has_it) {
    const auto id_of = [&](const std::string& directory) {
        SegmentLogOptions its_options = options;
        its_options.directory = directory;
        const auto id = open_log(env, clock, its_options)->id();
        EXPECT_TRUE(id) << id.error().message;
        return id->to_string();
    };
    const std::string first = id_of(options.directory);
    EXPECT_EQ(id_of(options.directory), first);
    EXPECT_NE(id_of(folder.path() + "/other"), first);
    EXPECT_EQ(read_file(env, options.directory + "/ID", 100).value_or(""), first + "\n");
}

TEST_F(SegmentLogOnDisk, a_log_of_an_earlier_version_gets_an_id_once_there_is_room_for_it) {
    open().reset();
    std::filesystem::remove(options.directory + "/ID");
    FaultInjectingEnv full(env);
    full.arm({.fault = Fault::no_space, .from_then_on = true, .path_contains = "/ID.new"});
    options.retry_interval = std::chrono::milliseconds(1);
    const auto log = open_log(full, clock, options);
    EXPECT_EQ(log->state(), LogState::disk_full);
    EXPECT_EQ(log->id().error().code, Errc::overloaded);
    EXPECT_FALSE(log->is_recovered());
    full.disarm();
    while (log->state() != LogState::accepting) std::this_thread::yield();
    EXPECT_TRUE(log->is_recovered());
    EXPECT_TRUE(log->id());
}

TEST_F(SegmentLogOnDisk, keeps_half_of_a_small_reserve_for_topics_of_our_own) {
    FaultInjectingEnv disk(env);
    options.reserve_bytes = 1'000'000;
    options.reserve_at_most_five_percent = false;
    disk.set_space(FileSystemSpace{.total_bytes = 100'000'000, .available_bytes = 2'000'000});
    const auto log = open_log(disk, clock, options);
    const auto events = *log->ensure_topic("orders", 1);
    const auto offsets = *log->ensure_topic("__offsets", 1);
    const auto wait_for = [&](LogState state) {
        while (log->state() != state) std::this_thread::yield();
    };
    wait_for(LogState::accepting);
    disk.set_space(FileSystemSpace{.total_bytes = 100'000'000, .available_bytes = 600'000});
    while (!append(*log, events, "x").error) std::this_thread::yield();  // it looks now and then
    EXPECT_FALSE(append(*log, offsets, "x").error);
    disk.set_space(FileSystemSpace{.total_bytes = 100'000'000, .available_bytes = 400'000});
    EXPECT_TRUE(append(*log, offsets, "x").error);
    disk.set_space(FileSystemSpace{.total_bytes = 100'000'000, .available_bytes = 2'000'000});
    wait_for(LogState::accepting);
    EXPECT_FALSE(append(*log, events, "x").error);
}

TEST_F(SegmentLogOnDisk, keeps_the_folder_to_its_owner) {
    const auto log = open();
    const auto at = make_topic(*log, "orders");
    append(*log, at.topic, "x");
    wait_readable(*log, at, 1);
    struct stat status{};
    for (const auto& entry : std::filesystem::recursive_directory_iterator(options.directory)) {
        ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, entry.is_directory() ? 0700U : 0600U) << entry.path();
    }
}

TEST_F(SegmentLogOnDisk, refuses_a_folder_that_another_log_has_open) {
    const auto log = open();
    const auto second = SegmentLog::open(env, clock, options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::overloaded);
    EXPECT_TRUE(log->stop());
    EXPECT_TRUE(SegmentLog::open(env, clock, options));
}

TEST_F(SegmentLogOnDisk, rolls_to_a_new_segment_named_by_its_first_offset) {
    const auto log = open();
    const auto at = make_topic(*log, "orders");
    for (int i = 0; i < 40; ++i) append(*log, at.topic, std::string(1000, 'a'));
    wait_readable(*log, at, 40);
    // A batch of one such record takes 61 + 1 + 1 + 1 + 1 + 1 + 2 + 1000 + 1 bytes or so: 15 fit in 16 KiB.
    EXPECT_TRUE(std::filesystem::exists(options.directory + "/topics/orders/0/00000000000000000000.log"));
    EXPECT_TRUE(std::filesystem::exists(options.directory + "/topics/orders/0/00000000000000000015.log"));
    EXPECT_TRUE(std::filesystem::exists(options.directory + "/topics/orders/0/00000000000000000030.log"));
    EXPECT_EQ(values_from(*log, at, 13).size(), 27U);
}

TEST_F(SegmentLogOnDisk, goes_on_in_the_other_half_of_the_journal_many_times) {
    const auto log = open();
    const auto at = make_topic(*log, "orders");
    for (int i = 0; i < 400; ++i) ASSERT_FALSE(append(*log, at.topic, std::string(2000, 'a')).error) << i;  // > 1.6 MB through 256 KiB
    wait_readable(*log, at, 400);
    EXPECT_EQ(values_from(*log, at).size(), 400U);
}

TEST_F(SegmentLogOnDisk, answers_offset_for_time_exactly_though_timestamps_go_back_and_forth) {
    const auto log = open();
    const auto at = make_topic(*log, "orders");
    const std::vector<std::int64_t> times = {50, 10, 70, 20, 60, 90, 30};
    std::vector<std::int64_t> all;
    for (int round = 0; round < 60; ++round) {
        for (const auto t : times) all.push_back(t + round * 40);
    }
    for (const auto t : all) append(*log, at.topic, std::string(500, 'a'), t);
    wait_readable(*log, at, static_cast<std::int64_t>(all.size()));
    for (std::int64_t t = 0; t < 2600; t += 7) {
        const auto expected = std::ranges::find_if(all, [t](std::int64_t have) { return have >= t; });
        const auto found = log->offset_for_time(at, at_ms(t));
        ASSERT_TRUE(found) << found.error().message;
        ASSERT_EQ(found->has_value(), expected != all.end()) << t;
        if (*found) {
            EXPECT_EQ(**found, (TimedOffset{Offset{expected - all.begin()}, at_ms(*expected)})) << t;
        }
    }
}

}  // namespace
}  // namespace tenter::log::testing
