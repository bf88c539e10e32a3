// What `remove_before` leaves on the disk and in the hands of readers, and that a crash at any moment of it does no harm.
#include <fstream>

#include <gmock/gmock.h>

#include "gateway/log_segment/layout.hpp"
#include "gateway/log_segment/log_check.hpp"
#include "gateway/log_segment/log_reader.hpp"
#include "gateway/log_segment/open_segment.hpp"
#include "tenter/base/env_testing.hpp"
#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::log::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Removal : public ::testing::Test {
protected:
    /// `count` records of 1 KB in topic "orders": 15 fit in a segment of 16 KiB, so segments begin at 0, 15, 30, ...
    TopicPartition fill(SegmentLog& log, std::int64_t count) {
        const TopicPartition at{*log.ensure_topic("orders", 1), PartitionId{0}};
        const std::int64_t first = log.bounds(at)->next.value;
        for (std::int64_t i = first; i < first + count; ++i) append(log, at.topic, std::to_string(i) + std::string(1000, 'a'), 1000 + i);
        wait_readable(log, at, first + count);
        return at;
    }
    [[nodiscard]] std::vector<std::int64_t> segments() { return list_segments(env, partition_folder).value(); }
    [[nodiscard]] std::size_t files() const {
        std::size_t count = 0;
        for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(partition_folder)) ++count;
        return count;
    }
    /// Files of the log that this process has open although they are no more.
    [[nodiscard]] std::vector<std::string> open_and_removed() const {
        std::vector<std::string> found;
        for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
            std::error_code gone;
            const auto target = std::filesystem::read_symlink(entry.path(), gone).string();
            if (!gone && target.starts_with(options.directory) && target.ends_with("(deleted)")) found.push_back(target);
        }
        return found;
    }

    TemporaryFolder folder;
    PosixEnv env;
    SystemClock clock;
    SegmentLogOptions options = small_options(folder.path() + "/log");
    std::string partition_folder = options.directory + "/topics/orders/0";
};

TEST_F(Removal, removes_the_files_of_whole_segments_once_a_checkpoint_tells_the_new_start) {
    const auto log = open_log(env, clock, options);
    const auto at = fill(*log, 50);
    ASSERT_TRUE(log->checkpoint());
    ASSERT_THAT(segments(), ElementsAre(0, 15, 30, 45));
    ASSERT_TRUE(log->remove_before(at, Offset{44}));
    EXPECT_THAT(segments(), ElementsAre(0, 15, 30, 45));
    ASSERT_TRUE(log->checkpoint());
    EXPECT_THAT(segments(), ElementsAre(30, 45)) << "offset 44 is in the segment that begins with 30";
    ASSERT_TRUE(log->remove_before(at, Offset{45}));
    ASSERT_TRUE(log->checkpoint());
    EXPECT_THAT(segments(), ElementsAre(45));
    EXPECT_LE(files(), 3U) << "the segment and its indexes";
    EXPECT_EQ(values_from(*log, at, 45).size(), 5U);
}

TEST_F(Removal, keeps_the_segment_that_is_written_to_until_another_one_is) {
    const auto log = open_log(env, clock, options);
    auto at = fill(*log, 10);
    ASSERT_TRUE(log->remove_before(at, Offset{10}));
    ASSERT_TRUE(log->checkpoint());
    EXPECT_THAT(segments(), ElementsAre(0));
    at = fill(*log, 10);
    ASSERT_TRUE(log->checkpoint());
    EXPECT_THAT(segments(), ElementsAre(0, 15));
    ASSERT_TRUE(log->remove_before(at, Offset{15}));
    ASSERT_TRUE(log->checkpoint());
    EXPECT_THAT(segments(), ElementsAre(15)) << "nothing was removed a second time";
}

TEST_F(Removal, gives_the_disk_back_though_its_own_readers_and_writers_had_the_files_open) {
    const auto log = open_log(env, clock, options);
    const auto at = fill(*log, 100);
    EXPECT_EQ(values_from(*log, at).size(), 100U);  // all segments are open for reading now
    ASSERT_TRUE(log->remove_before(at, Offset{100}));
    ASSERT_TRUE(log->checkpoint());
    ASSERT_THAT(segments(), ElementsAre(90));
    EXPECT_THAT(open_and_removed(), ElementsAre());
}

TEST_F(Removal, lets_a_reader_finish_that_has_the_file_open) {
    const auto log = open_log(env, clock, options);
    const auto at = fill(*log, 40);
    const auto held = OpenSegment::open(env, partition_folder, 0, options.index_interval_bytes);
    ASSERT_TRUE(held) << held.error().message;
    ASSERT_TRUE(log->remove_before(at, Offset{30}));
    ASSERT_TRUE(log->checkpoint());
    ASSERT_THAT(segments(), ElementsAre(30));
    std::int64_t next = 0;
    const auto bytes = (*held)->read(0, 40, 1 << 20, next);
    ASSERT_TRUE(bytes) << bytes.error().message;
    EXPECT_EQ(next, 15);
    EXPECT_EQ(decode_batches(*bytes)->size(), 15U);
}

TEST_F(Removal, is_seen_by_a_reader_in_another_process_at_once) {
    const auto log = open_log(env, clock, options);
    const auto at = fill(*log, 50);
    const auto reader = LogReader::open_recovering(env, clock, options);
    ASSERT_TRUE(reader) << reader.error().message;
    const TopicPartition from{(*reader)->find_topic("orders")->id, PartitionId{0}};
    EXPECT_EQ(values_from(**reader, from).size(), 50U);
    const std::uint64_t before = (*reader)->moves();
    ASSERT_TRUE(log->remove_before(at, Offset{20}));
    EXPECT_NE((*reader)->moves(), before);
    EXPECT_EQ((*reader)->bounds(from)->first.value, 20);
    const auto refused = (*reader)->read(from, Offset{19}, 100);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "offset 19 is outside the log, which holds 20 up to, not including, 50");
    ASSERT_TRUE(log->checkpoint());
    ASSERT_THAT(segments(), ElementsAre(15, 30, 45));
    EXPECT_EQ(values_from(**reader, from, 20).size(), 30U);
    EXPECT_EQ((*reader)->offset_for_time(from, at_ms(0))->value(), (TimedOffset{Offset{20}, at_ms(1020)}));
    EXPECT_EQ((*reader)->newest(from)->value(), (TimedOffset{Offset{49}, at_ms(1049)}));
    EXPECT_THAT(open_and_removed(), ElementsAre()) << "the reader let go of what was removed";
}

TEST_F(Removal, never_shows_a_reader_anything_but_the_log_or_that_it_is_too_late) {
    const auto log = open_log(env, clock, options);
    const auto at = fill(*log, 30);
    const auto reader = LogReader::open_recovering(env, clock, options);
    ASSERT_TRUE(reader) << reader.error().message;
    const TopicPartition from{(*reader)->find_topic("orders")->id, PartitionId{0}};
    std::atomic<bool> go_on{true};
    std::atomic<std::uint64_t> reads{0};
    std::string fault;
    std::thread other_process([&] {
        for (std::uint64_t n = 0; go_on && fault.empty(); ++n, ++reads) {
            const auto bounds = (*reader)->bounds(from);
            if (!bounds) fault = bounds.error().message;
            if (!bounds) return;
            // Often where the next removal will be.
            const Offset offset{bounds->first.value + static_cast<std::int64_t>(n % 20)};
            const auto read = (*reader)->read(from, offset, 4096);
            if (!read && read.error().code != Errc::not_found) fault = read.error().message;
            if (!read && read.error().message.find("is outside the log") == std::string::npos) fault = read.error().message;
            const auto timed = (*reader)->offset_for_time(from, at_ms(0));
            if (!timed) fault = timed.error().message;
        }
    });
    for (std::int64_t round = 1; round <= (under_thread_sanitizer ? 10 : 40); ++round) {
        fill(*log, 20);
        EXPECT_TRUE(log->remove_before(at, Offset{round * 20}));
        EXPECT_TRUE(log->checkpoint());
        const std::uint64_t before = reads;
        while (reads == before && fault.empty()) std::this_thread::yield();
    }
    go_on = false;
    other_process.join();
    EXPECT_EQ(fault, "");
}

TEST_F(Removal, that_was_interrupted_is_finished_by_the_next_start) {
    std::filesystem::path kept = folder.path() + "/kept";
    {
        const auto log = open_log(env, clock, options);
        const auto at = fill(*log, 50);
        ASSERT_TRUE(log->checkpoint());
        std::filesystem::copy(partition_folder, kept);
        ASSERT_TRUE(log->remove_before(at, Offset{45}));
    }
    ASSERT_THAT(segments(), ElementsAre(45));
    // As if the power had gone before the folder was synced: some of the removed names are there again.
    for (const auto* name : {"00000000000000000000.log", "00000000000000000030.log", "00000000000000000030.index"})
        std::filesystem::copy(kept / name, partition_folder + "/" + name);
    const auto checked = check_log(env, options.directory);
    ASSERT_TRUE(checked) << checked.error().message;
    EXPECT_TRUE(checked->faults.empty());
    EXPECT_THAT(checked->notes, Contains(HasSubstr("2 segments are below the start of the log")));
    const auto log = open_log(env, clock, options);
    EXPECT_THAT(segments(), ElementsAre(45));
    const TopicPartition at{log->find_topic("orders")->id, PartitionId{0}};
    EXPECT_EQ(log->bounds(at)->first.value, 45);
    EXPECT_EQ(values_from(*log, at, 45).size(), 5U);
}

TEST_F(Removal, that_fails_is_told_and_tried_again_with_the_next_checkpoint) {
    FaultInjectingEnv failing(env);
    std::vector<std::string> notices;
    std::mutex mutex;
    const auto log = open_log(failing, clock, options, {{}, [&](std::string_view notice) {
                                                            const std::lock_guard lock(mutex);
                                                            notices.emplace_back(notice);
                                                        }});
    const auto at = fill(*log, 50);
    ASSERT_TRUE(log->remove_before(at, Offset{45}));
    failing.arm({.fault = Fault::io_error, .nth = 2, .kind = CallKind::remove});
    ASSERT_TRUE(log->checkpoint()) << "the checkpoint itself is fine";
    EXPECT_EQ(log->state(), LogState::accepting);
    EXPECT_THAT(segments(), ElementsAre(0, 15, 30, 45));
    ASSERT_TRUE(log->checkpoint());
    EXPECT_THAT(segments(), ElementsAre(45));
    const std::lock_guard lock(mutex);
    EXPECT_THAT(notices, Contains(HasSubstr("segments could not be removed")));
}

TEST_F(Removal, makes_topics_of_our_own_roll_early_so_that_their_disk_is_given_back) {
    options.segment_bytes = 64 << 20;
    options.journal_bytes = 4 << 20;
    const auto log = open_log(env, clock, options);
    const TopicPartition ours{*log->ensure_topic("__offsets", 1), PartitionId{0}};
    const TopicPartition users{*log->ensure_topic("orders", 1), PartitionId{0}};
    for (int i = 0; i < 9; ++i) {
        ASSERT_FALSE(append(*log, ours.topic, std::string(1 << 20, 'a')).error);
        ASSERT_FALSE(append(*log, users.topic, std::string(1 << 20, 'a')).error);
    }
    wait_readable(*log, ours, 9);
    wait_readable(*log, users, 9);
    EXPECT_THAT(list_segments(env, options.directory + "/topics/__offsets/0").value(), ElementsAre(0, 7));
    EXPECT_THAT(segments(), ElementsAre(0));
}

/// On a disk that can be killed: `doing` with a log of 50 records of which those below 45 were removed; the log again.
class RemovalAndCrash : public ::testing::TestWithParam<bool> {
protected:
    void run(bool checkpointed, std::optional<CallKind> stop_before = std::nullopt) {
        disk.set_hook([&, stop_before](CallKind kind, const std::string& path) {
            if (armed && stop_before == kind && path.find("topics/") != std::string::npos) disk.stop_the_world();
        });
        {
            const auto log = open_log(disk, clock, options);
            at = {*log->ensure_topic("orders", 1), PartitionId{0}};
            for (int i = 0; i < 50; ++i) append(*log, at.topic, std::to_string(i) + std::string(1000, 'a'));
            wait_readable(*log, at, 50);
            ASSERT_TRUE(log->checkpoint());
            ASSERT_TRUE(log->remove_before(at, Offset{45}));
            armed = true;
            if (checkpointed) static_cast<void>(log->checkpoint());
            disk.stop_the_world();
        }
        armed = false;
        if (GetParam()) {
            disk.crash(random);
        } else {
            disk.kill();
        }
        reopened = open_log(disk, clock, options);
        at = {reopened->find_topic("orders")->id, PartitionId{0}};
    }
    [[nodiscard]] std::vector<std::int64_t> segments() { return list_segments(disk, "/data/log/topics/orders/0").value(); }

    CrashSimulatingEnv disk;
    SimulatedClock clock;
    SeededRandom random{5};
    SegmentLogOptions options = small_options("/data/log");
    std::atomic<bool> armed{false};
    std::unique_ptr<SegmentLog> reopened;
    TopicPartition at;
};

TEST_P(RemovalAndCrash, shows_the_records_again_while_no_checkpoint_had_the_new_start) {
    run(false);
    EXPECT_EQ(reopened->bounds(at)->first.value, 0);
    EXPECT_EQ(values_from(*reopened, at).size(), 50U);
}

TEST_P(RemovalAndCrash, has_the_new_start_once_it_was_checkpointed) {
    run(true);
    EXPECT_EQ(reopened->bounds(at)->first.value, 45);
    EXPECT_EQ(values_from(*reopened, at, 45).size(), 5U);
    EXPECT_THAT(segments(), ElementsAre(45));
}

TEST_P(RemovalAndCrash, between_the_checkpoint_and_the_first_removal_leaves_a_file_too_many_for_the_next_start) {
    run(true, CallKind::remove);
    EXPECT_EQ(reopened->bounds(at)->first.value, 45);
    EXPECT_EQ(values_from(*reopened, at, 45).size(), 5U);
    EXPECT_THAT(segments(), ElementsAre(45));
}

INSTANTIATE_TEST_SUITE_P(Killed, RemovalAndCrash, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(PowerCut, RemovalAndCrash, ::testing::Values(true));

}  // namespace
}  // namespace tenter::log::testing
