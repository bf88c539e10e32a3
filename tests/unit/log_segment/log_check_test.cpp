// Damage that recovery refuses, or that only a reader would meet: found with its place, and repaired by giving up what a person names.
#include "gateway/log_segment/log_check.hpp"

#include <filesystem>

#include "gateway/log_segment/frame.hpp"
#include "gateway/log_segment/layout.hpp"
#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::log::testing {
namespace {

class DamagedLog : public ::testing::Test {
protected:
    /// 40 records of 1,000 bytes in batches of one: three segments of 15, 15 and 10.
    void write_log() {
        const auto log = open_log(env, clock, options);
        const TopicPartition at{*log->ensure_topic("orders", 1), PartitionId{0}};
        for (int i = 0; i < 40; ++i) append(*log, at.topic, std::string(1000, 'a'));
        wait_readable(*log, at, 40);
    }
    /// Appends, and leaves the folder as a kill would: a copy of a running log's files, without its orderly stop.
    void leave_after_kill(int commits) {
        const std::string aside = options.directory + ".killed";
        {
            const auto log = open_log(env, clock, options);
            const TopicPartition at{*log->ensure_topic("orders", 1), PartitionId{0}};
            const std::int64_t before = log->bounds(at)->next.value;
            for (int i = 0; i < commits; ++i) append(*log, at.topic, "value " + std::to_string(i));
            wait_readable(*log, at, before + commits);
            std::filesystem::copy(options.directory, aside, std::filesystem::copy_options::recursive);
        }
        std::filesystem::remove_all(options.directory);
        std::filesystem::rename(aside, options.directory);
    }
    void flip(const std::string& name, std::uint64_t position) {
        auto file = env.open(options.directory + "/" + name, OpenMode::read_write);
        ASSERT_TRUE(file) << file.error().message;
        char byte = 0;
        ASSERT_TRUE(read_exactly(**file, std::span(&byte, 1), position));
        byte = static_cast<char>(byte ^ 0x20);
        ASSERT_TRUE(write_all(**file, BytesView(&byte, 1), position));
    }
    LogCheckReport check() {
        const auto report = check_log(env, options.directory);
        EXPECT_TRUE(report) << report.error().message;
        return report.value_or(LogCheckReport{});
    }
    std::size_t readable_records() {
        const auto log = open_log(env, clock, options);
        if (!log) return 0;
        return values_from(*log, {log->find_topic("orders")->id, PartitionId{0}}).size();
    }

    static constexpr std::string_view second_segment = "topics/orders/0/00000000000000000015.log";
    static constexpr std::string_view third_segment = "topics/orders/0/00000000000000000030.log";

    TemporaryFolder folder;
    PosixEnv env;
    SystemClock clock;
    SegmentLogOptions options = small_options(folder.path() + "/log");
};

TEST_F(DamagedLog, a_sound_log_has_no_faults_and_everything_is_counted) {
    write_log();
    const auto report = check();
    EXPECT_TRUE(report.faults.empty());
    EXPECT_TRUE(report.notes.empty());
    EXPECT_TRUE(report.clean);
    EXPECT_EQ(report.topics, 1U);
    EXPECT_EQ(report.segments, 3U);
    EXPECT_EQ(report.batches, 40U);
    EXPECT_EQ(report.records, 40U);
    EXPECT_EQ(report.bytes_beyond_checkpoint, 0U);
}

TEST_F(DamagedLog, a_log_after_a_kill_is_sound_and_says_what_the_next_start_will_do) {
    leave_after_kill(5);
    const auto report = check();
    EXPECT_TRUE(report.faults.empty());
    EXPECT_FALSE(report.clean);
    EXPECT_EQ(report.journal_frames, 5U);
    EXPECT_GT(report.bytes_beyond_checkpoint, 0U);
    EXPECT_EQ(readable_records(), 5U);
}

TEST_F(DamagedLog, a_log_that_runs_is_not_checked) {
    const auto log = open_log(env, clock, options);
    const auto report = check_log(env, options.directory);
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().code, Errc::overloaded);
}

TEST_F(DamagedLog, a_flipped_byte_in_a_segment_is_found_with_its_batch_and_refused_by_reads) {
    write_log();
    flip(std::string(second_segment), 3500);  // within the fourth batch of that segment: offset 18
    const auto report = check();
    ASSERT_EQ(report.faults.size(), 1U);
    EXPECT_TRUE(report.faults[0].file.ends_with(second_segment));
    EXPECT_EQ(report.faults[0].sound_until, 18);
    EXPECT_EQ(report.faults[0].topic, "orders");
    const auto log = open_log(env, clock, options);
    const auto read = log->read({log->find_topic("orders")->id, PartitionId{0}}, Offset{18}, 1);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::corrupt);
    EXPECT_NE(read.error().message.find(std::string(second_segment) + ": position " + std::to_string(report.faults[0].position)),
              std::string::npos)
        << read.error().message;
}

TEST_F(DamagedLog, repair_keeps_what_is_sound_and_moves_the_rest_aside) {
    write_log();
    flip(std::string(second_segment), 3500);
    const auto repaired = repair_log(env, clock, options, {{{"orders", 0, 18}}, {}});
    ASSERT_TRUE(repaired) << repaired.error().message;
    EXPECT_EQ(repaired->records_given_up, 22);
    ASSERT_EQ(repaired->moved_aside.size(), 2U);
    EXPECT_TRUE(repaired->moved_aside[0].find("/damaged-15-") != std::string::npos) << repaired->moved_aside[0];
    EXPECT_EQ(std::filesystem::file_size(repaired->moved_aside[1]), 10 * std::filesystem::file_size(repaired->moved_aside[0]) / 12);
    EXPECT_TRUE(check().faults.empty());
    EXPECT_EQ(readable_records(), 18U);
    const auto log = open_log(env, clock, options);
    EXPECT_EQ(append(*log, log->find_topic("orders")->id, "next").places[0].offset.value, 18);
}

TEST_F(DamagedLog, repair_refuses_an_offset_beyond_the_damage) {
    write_log();
    flip(std::string(second_segment), 3500);
    const auto repaired = repair_log(env, clock, options, {{{"orders", 0, 20}}, {}});
    ASSERT_FALSE(repaired);
    EXPECT_EQ(repaired.error().code, Errc::invalid_input);
    EXPECT_NE(repaired.error().message.find("up to 18"), std::string::npos) << repaired.error().message;
}

TEST_F(DamagedLog, repair_refuses_an_offset_within_a_batch_and_names_its_neighbours) {
    {
        const auto log = open_log(env, clock, options);
        const TopicId topic = *log->ensure_topic("orders", 1);
        const NewRecord record{topic, std::nullopt, std::nullopt, "x", {}, at_ms(1)};
        const std::vector<NewRecord> five(5, record);
        append_later(*log, five).get();
        append_later(*log, five).get();
    }
    const auto repaired = repair_log(env, clock, options, {{{"orders", 0, 7}}, {}});
    ASSERT_FALSE(repaired);
    EXPECT_NE(repaired.error().message.find("begins at 5, the next at 10"), std::string::npos) << repaired.error().message;
    EXPECT_EQ(readable_records(), 10U);
}

TEST_F(DamagedLog, a_segment_shorter_than_the_checkpoint_stops_the_start_until_it_is_repaired) {
    write_log();
    leave_after_kill(0);  // not a clean start, so the file is looked at
    const std::string path = options.directory + "/" + std::string(third_segment);
    std::filesystem::resize_file(path, 5000);
    const auto refused = SegmentLog::open(env, clock, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::corrupt);
    EXPECT_NE(refused.error().message.find(std::string(third_segment) + ": ends at byte 5000"), std::string::npos)
        << refused.error().message;
    const auto report = check();
    ASSERT_EQ(report.faults.size(), 1U);
    ASSERT_EQ(report.faults[0].sound_until, 34);
    ASSERT_TRUE(repair_log(env, clock, options, {{{"orders", 0, 34}}, {}}));
    EXPECT_EQ(readable_records(), 34U);
}

TEST_F(DamagedLog, a_damaged_commit_with_a_whole_one_behind_it_stops_the_start_until_it_is_repaired) {
    leave_after_kill(5);
    flip("journal/0", 2 * frame_alignment + 40);
    const auto refused = SegmentLog::open(env, clock, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::corrupt);
    EXPECT_NE(refused.error().message.find("journal/0 at byte 8192"), std::string::npos) << refused.error().message;
    const auto report = check();
    ASSERT_EQ(report.faults.size(), 1U);
    EXPECT_EQ(report.faults[0].position, 2 * frame_alignment);
    ASSERT_EQ(report.faults[0].journal_sequence, 2U);
    const auto too_late = repair_log(env, clock, options, {{}, 4});
    ASSERT_FALSE(too_late);
    const auto repaired = repair_log(env, clock, options, {{}, 2});
    ASSERT_TRUE(repaired) << repaired.error().message;
    EXPECT_EQ(repaired->moved_aside.size(), 2U);
    EXPECT_EQ(readable_records(), 2U);
}

TEST_F(DamagedLog, the_last_commit_torn_is_the_end_of_the_log) {
    leave_after_kill(5);
    flip("journal/0", 4 * frame_alignment + 40);
    EXPECT_TRUE(check().faults.empty());
    EXPECT_EQ(readable_records(), 4U);
}

TEST_F(DamagedLog, a_damaged_checkpoint_stops_the_start) {
    write_log();
    flip("checkpoint", 20);
    const auto refused = SegmentLog::open(env, clock, options);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::corrupt);
    EXPECT_EQ(check().faults.size(), 1U);
}

TEST_F(DamagedLog, a_folder_of_another_version_is_not_touched) {
    write_log();
    ASSERT_TRUE(replace_file(env, options.directory + "/VERSION", "tenter-log 2\n"));
    EXPECT_EQ(SegmentLog::open(env, clock, options).error().code, Errc::unsupported);
    EXPECT_EQ(check_log(env, options.directory).error().code, Errc::unsupported);
}

TEST_F(DamagedLog, an_id_that_is_none_is_refused_and_found_and_a_missing_one_is_made) {
    write_log();
    flip("ID", 3);
    EXPECT_EQ(SegmentLog::open(env, clock, options).error().code, Errc::corrupt);
    ASSERT_EQ(check().faults.size(), 1U);
    EXPECT_NE(check().faults[0].file.find("/ID"), std::string::npos);
    std::filesystem::remove(options.directory + "/ID");
    EXPECT_TRUE(check().faults.empty());
    EXPECT_EQ(check().notes.size(), 1U);
    EXPECT_EQ(readable_records(), 40U);
    EXPECT_TRUE(check().notes.empty());
}

TEST_F(DamagedLog, wrong_indexes_are_noted_and_reads_find_their_way_without_them) {
    write_log();
    for (const std::string_view name : {"00000000000000000000.index", "00000000000000000015.timeindex"})
        flip("topics/orders/0/" + std::string(name), 3);
    std::filesystem::remove(options.directory + "/topics/orders/0/00000000000000000015.index");
    EXPECT_TRUE(check().faults.empty());
    EXPECT_EQ(check().notes.size(), 2U);
    const auto log = open_log(env, clock, options);
    const TopicPartition at{log->find_topic("orders")->id, PartitionId{0}};
    for (std::int64_t from = 0; from < 40; ++from) EXPECT_EQ(values_from(*log, at, from).size(), static_cast<std::size_t>(40 - from));
}

}  // namespace
}  // namespace tenter::log::testing
