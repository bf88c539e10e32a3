// The files, cut at every byte and with every byte turned over; and many topics through few open files.
#include <algorithm>

#include "gateway/log_segment/checkpoint.hpp"
#include "gateway/log_segment/frame.hpp"
#include "gateway/log_segment/segment_index.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/env_testing.hpp"
#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::log::testing {
namespace {

Bytes frame_of(std::string_view content) {
    Bytes bytes;
    FrameBuilder frame(bytes);
    frame.begin_entry("orders", 3);
    bytes.append(content);
    frame.end_entry();
    frame.finish({0x0102030405060708, 9, 0xAABBCCDD});
    return bytes;
}

TEST(Frame, has_the_bytes_that_the_format_says) {
    const Bytes bytes = frame_of("xyz");
    EXPECT_EQ(bytes.size(), 4096U);
    // Put together by hand from docs/formats/log.md.
    EXPECT_EQ(hex_encode(BytesView(bytes).substr(0, 47)),
              "544a4631"
              "0102030405060708"
              "0000000000000009"
              "00000013"
              "aabbccdd"
              "0006"
              "6f7264657273"
              "00000003"
              "00000003"
              "78797a");
}

TEST(Frame, is_refused_cut_at_any_byte) {
    const Bytes bytes = frame_of("some batches");
    const std::size_t end = frame_overhead + frame_entry_overhead(6) + 12;
    for (std::size_t size = 0; size < end; ++size) EXPECT_FALSE(check_frame(BytesView(bytes).substr(0, size))) << size;
    EXPECT_TRUE(check_frame(BytesView(bytes).substr(0, end)));
}

TEST(Frame, is_refused_with_any_byte_turned_over) {
    Bytes bytes = frame_of("some batches");
    const std::size_t end = frame_overhead + frame_entry_overhead(6) + 12;
    for (std::size_t at = 0; at < end; ++at) {
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
        EXPECT_FALSE(check_frame(bytes)) << at;
        bytes[at] = static_cast<char>(bytes[at] ^ 1);
    }
}

TEST(Frame, a_body_is_corrupt_cut_anywhere_but_behind_an_entry) {
    const Bytes bytes = frame_of("some batches");
    const auto body = check_frame(bytes)->body;
    for (std::size_t size = 1; size < body.size(); ++size) EXPECT_FALSE(parse_frame_body(body.substr(0, size))) << size;
    EXPECT_EQ(parse_frame_body(body)->front().batches, "some batches");
}

TEST(CheckpointFile, is_refused_cut_at_any_byte_or_with_any_byte_turned_over) {
    CheckpointEncoder encoder(true, 7, {1, 8192, 42, 99});
    encoder.add_topic("orders", 1);
    encoder.add_partition({1, 5, 3, 400, 1000, 4});
    Bytes bytes = std::move(encoder).finish();
    const auto decoded = decode_checkpoint(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->topics[0].partitions[0].position, 400U);
    EXPECT_EQ(decoded->cursor.sequence, 42U);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        EXPECT_FALSE(decode_checkpoint(BytesView(bytes).substr(0, at))) << at;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
        EXPECT_FALSE(decode_checkpoint(bytes)) << at;
        bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
    }
}

TEST(Indexes, keep_what_comes_before_an_entry_that_cannot_be) {
    const Bytes good = encode_index({{5, 100}, {9, 300}, {20, 700}});
    EXPECT_EQ(hex_encode(good),
              "0000000500000064"
              "000000090000012c"
              "00000014000002bc");
    EXPECT_EQ(decode_index(good, 700).size(), 2U);  // beyond the file
    EXPECT_EQ(decode_index(encode_index({{5, 100}, {4, 300}, {20, 700}}), 1000).size(), 1U);
    EXPECT_EQ(decode_index(Bytes(24, '\0'), 1000).size(), 1U);
    for (std::size_t size = 0; size <= good.size(); ++size) EXPECT_EQ(decode_index(BytesView(good).substr(0, size), 1000).size(), size / 8);
    EXPECT_EQ(decode_time_index(encode_time_index({{10, 1}, {30, 5}, {20, 9}}), 100).size(), 2U);
}

class CutFiles : public ::testing::Test {
protected:
    /// Three commits, killed before any of them was checkpointed.
    void SetUp() override {
        options.journal_bytes = 64 * 1024;
        const auto log = open_log(disk, clock, options);
        const TopicPartition at{*log->ensure_topic("orders", 1), PartitionId{0}};
        for (const std::string_view value : {"one", "two", "three"}) append(*log, at.topic, value);
        wait_readable(*log, at, 3);
        disk.stop_the_world();
    }
    void write(const std::string& name, BytesView content) {
        auto file = disk.open("/data/log/" + name, OpenMode::create);
        ASSERT_TRUE(file);
        ASSERT_TRUE((*file)->truncate(0));
        ASSERT_TRUE(write_all(**file, content, 0));
    }
    std::size_t records() {
        const auto log = open_log(disk, clock, options);
        return log ? values_from(*log, {log->find_topic("orders")->id, PartitionId{0}}).size() : 99;
    }
    CrashSimulatingEnv disk;
    SimulatedClock clock;
    SegmentLogOptions options = small_options("/data/log");
};

TEST_F(CutFiles, a_journal_cut_or_torn_at_any_byte_of_its_last_frame_ends_before_it) {
    disk.kill();
    const Bytes journal = *read_file(disk, "/data/log/journal/0", 1 << 20);
    const Bytes checkpoint = *read_file(disk, "/data/log/checkpoint", 1 << 20);
    const std::size_t last = 2 * frame_alignment;
    const std::size_t end = last + frame_overhead + check_frame(BytesView(journal).substr(last))->body.size();
    for (std::size_t cut = last; cut < end; ++cut) {
        Bytes torn = journal.substr(0, cut);
        torn.resize(journal.size(), '\0');  // the rest was never written
        if (torn == journal) continue;      // it was zeros
        write("journal/0", torn);
        write("checkpoint", checkpoint);
        ASSERT_EQ(records(), 2U) << cut;
    }
    write("journal/0", journal);
    write("checkpoint", checkpoint);
    EXPECT_EQ(records(), 3U);
}

TEST_F(CutFiles, a_segment_cut_at_any_byte_beyond_the_checkpoint_is_written_again) {
    disk.kill();
    const Bytes checkpoint = *read_file(disk, "/data/log/checkpoint", 1 << 20);
    const std::string name = "topics/orders/0/00000000000000000000.log";
    const Bytes segment = *read_file(disk, "/data/log/" + name, 1 << 20);
    const Bytes journal = *read_file(disk, "/data/log/journal/0", 1 << 20);
    for (std::size_t cut = 0; cut <= segment.size(); ++cut) {
        write(name, BytesView(segment).substr(0, cut));
        write("checkpoint", checkpoint);
        write("journal/0", journal);
        ASSERT_EQ(records(), 3U) << cut;
        ASSERT_EQ(*read_file(disk, "/data/log/" + name, 1 << 20), segment) << cut;
    }
}

TEST_F(CutFiles, a_segment_cut_at_any_byte_below_the_checkpoint_stops_the_start) {
    disk.kill();
    EXPECT_EQ(records(), 3U);  // all is checkpointed now
    {
        const auto log = open_log(disk, clock, options);
        disk.stop_the_world();
    }
    disk.kill();
    const std::string name = "topics/orders/0/00000000000000000000.log";
    const Bytes segment = *read_file(disk, "/data/log/" + name, 1 << 20);
    for (std::size_t cut = 0; cut < segment.size(); ++cut) {
        write(name, BytesView(segment).substr(0, cut));
        const auto log = SegmentLog::open(disk, clock, options);
        ASSERT_FALSE(log) << cut;
        ASSERT_EQ(log.error().code, Errc::corrupt) << cut;
    }
    write(name, segment);
    EXPECT_EQ(records(), 3U);
}

TEST(ManyTopics, ten_thousand_go_through_few_open_files_and_open_again) {
    const TemporaryFolder folder;
    PosixEnv env;
    const SystemClock clock;
    SegmentLogOptions options = small_options(folder.path() + "/log");
    options.journal_bytes = 4 << 20;
    options.max_open_write_files = 64;
    options.max_open_read_files = 16;
    constexpr int count = under_thread_sanitizer ? 1'000 : 10'000;
    {
        const auto log = open_log(env, clock, options);
        std::vector<NewRecord> records;
        for (int i = 0; i < count; ++i) {
            records.push_back({*log->ensure_topic("topic-" + std::to_string(i), 1), std::nullopt, std::nullopt, "x", {}, at_ms(i)});
        }
        for (int i = 0; i < count; i += 1000) {
            const auto done = append_later(*log, std::span(records).subspan(static_cast<std::size_t>(i), 1000)).get();
            ASSERT_FALSE(done.error) << done.error->message;
        }
        ASSERT_TRUE(log->stop());
    }
    const auto log = open_log(env, clock, options);
    EXPECT_TRUE(log->recovery_report().clean);
    EXPECT_EQ(log->topics().size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; i += 37) {
        const TopicPartition at{log->find_topic("topic-" + std::to_string(i))->id, PartitionId{0}};
        ASSERT_EQ(values_from(*log, at).size(), 1U) << i;
    }
}

}  // namespace
}  // namespace tenter::log::testing
