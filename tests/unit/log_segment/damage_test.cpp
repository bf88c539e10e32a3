// Goal: no reader is ever given a damaged record. Method: every byte of a stored segment is turned over in turn, with the log open and, for
// the bytes that Kafka's checksum does not cover, opened anew; each read says `corrupt` or gives what was appended.
#include <filesystem>
#include <fstream>
#include <set>

#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::log::testing {
namespace {

constexpr int batch_count = 9;
constexpr int records_in_batch = 3;

std::string value_of(std::int64_t offset) {
    return "value " + std::to_string(offset) + std::string(static_cast<std::size_t>(offset % 7), '.');
}

class Damage : public ::testing::Test {
protected:
    Damage() {
        options.index_interval_bytes = 300;
        open();
        for (int batch = 0; batch < batch_count; ++batch) append_batch(batch);
        EXPECT_TRUE(log->stop());
        open();
        file.open(segment, std::ios::binary | std::ios::in | std::ios::out);
        bytes.assign(std::istreambuf_iterator<char>(file), {});
        file.clear();
    }

    void open() {
        log.reset();
        log = open_log(env, clock, options);
        at = {log->ensure_topic("orders", 1).value(), PartitionId{0}};
    }
    void append_batch(int batch) {
        std::vector<std::string> values;
        for (int i = 0; i < records_in_batch; ++i) values.push_back(value_of(batch * records_in_batch + i));
        std::vector<NewRecord> records;
        for (const auto& value : values) records.push_back({at.topic, at.partition, std::nullopt, value, {}, at_ms(1000)});
        ASSERT_FALSE(append_later(*log, records).get().error);
    }
    void write_byte(std::size_t position, char byte) {
        file.seekp(static_cast<std::streamoff>(position));
        file.put(byte).flush();
    }
    /// Whether a damaged batch was seen between `from` and the end; what is read before it must be right.
    bool sees_damage(std::int64_t from, std::size_t max_bytes) {
        for (std::int64_t next = from;;) {
            const auto batches = log->read(at, Offset{next}, max_bytes);
            if (!batches) {
                EXPECT_EQ(batches.error().code, Errc::corrupt) << batches.error().message;
                EXPECT_NE(batches.error().message.find(partition_folder), std::string::npos) << batches.error().message;
                return true;
            }
            if (batches->bytes.empty()) {
                EXPECT_EQ(next, batch_count * records_in_batch) << "ended early";
                return false;
            }
            const auto records = decode_batches(batches->bytes);
            EXPECT_TRUE(records) << "a damaged batch was handed out: " << records.error().message;
            if (!records) return true;
            for (const auto& record : *records) {
                if (record.offset.value < next) continue;
                EXPECT_EQ(record.offset.value, next);
                EXPECT_EQ(record.value, value_of(next++));
            }
            if (HasFailure()) return true;
        }
    }

    TemporaryFolder folder;
    PosixEnv env;
    SystemClock clock;
    SegmentLogOptions options = small_options(folder.path() + "/log");
    std::unique_ptr<SegmentLog> log;
    TopicPartition at{};
    std::string partition_folder = folder.path() + "/log/topics/orders/0";
    std::string segment = partition_folder + "/00000000000000000000.log";
    std::fstream file;
    Bytes bytes;
};

/// The position of each byte's batch.
std::vector<std::size_t> batch_of_byte(const Bytes& bytes) {
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < bytes.size();) {
        const auto header = check_batch(BytesView(bytes).substr(at));
        EXPECT_TRUE(header) << header.error().message;
        if (!header) break;
        starts.insert(starts.end(), header->total_size, at);
        at += header->total_size;
    }
    return starts;
}

TEST_F(Damage, hides_nothing_of_what_is_before_it_however_much_is_asked_for) {
    const auto starts = batch_of_byte(bytes);
    const auto damaged_at = std::ranges::find_if(starts, [&](std::size_t start) { return start > bytes.size() / 2; });
    ASSERT_NE(damaged_at, starts.end());
    const std::size_t start = *damaged_at;
    const auto whole = log->read(at, Offset{0}, start);
    ASSERT_TRUE(whole);
    ASSERT_EQ(whole->bytes.size(), start);
    // Of a header the base offset, the size, the magic; of the rest what the checksum covers.
    for (const std::size_t in_batch : {0U, 8U, 16U, 61U, 70U}) {
        SCOPED_TRACE("byte " + std::to_string(in_batch) + " of the batch");
        write_byte(start + in_batch, static_cast<char>(bytes[start + in_batch] ^ 1));
        const auto read = log->read(at, Offset{0}, 1 << 20);
        ASSERT_TRUE(read) << read.error().message;
        EXPECT_EQ(read->bytes, whole->bytes);
        EXPECT_EQ(read->next_offset, whole->next_offset);
        const auto refused = log->read(at, read->next_offset, 1 << 20);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::corrupt);
        write_byte(start + in_batch, bytes[start + in_batch]);
    }
}

TEST_F(Damage, of_any_byte_of_a_segment_reaches_no_reader) {
    const auto starts = batch_of_byte(bytes);
    ASSERT_EQ(starts.size(), bytes.size());
    ASSERT_EQ(static_cast<int>(std::set<std::size_t>(starts.begin(), starts.end()).size()), batch_count);
    for (std::size_t position = 0; position < bytes.size() && !HasFailure(); ++position) {
        SCOPED_TRACE("byte " + std::to_string(position));
        write_byte(position, static_cast<char>(bytes[position] ^ (1 << position % 8)));
        const std::size_t in_batch = position - starts[position];
        const bool is_leader_epoch = in_batch >= 12 && in_batch < 16;  // brokers change it, so Kafka's checksum leaves it out
        EXPECT_EQ(sees_damage(0, 1 << 20), !is_leader_epoch);
        if (in_batch < batch_header_size) {
            EXPECT_EQ(sees_damage(0, 1), !is_leader_epoch) << "batch by batch";
        }
        (void)sees_damage(batch_count * records_in_batch / 2, 1 << 20);  // may lie behind the damage
        write_byte(position, bytes[position]);
    }
    EXPECT_FALSE(sees_damage(0, 4096)) << "whole again, all of it is read";
}

TEST_F(Damage, of_what_the_checksum_does_not_cover_is_seen_by_a_log_that_was_just_opened) {
    const auto starts = batch_of_byte(bytes);
    ASSERT_EQ(starts.size(), bytes.size());
    const std::size_t middle = starts[bytes.size() / 2];
    const std::int64_t first = check_batch(BytesView(bytes).substr(middle))->base_offset.value;
    for (std::size_t in_batch = 0; in_batch < 12 && !HasFailure(); ++in_batch) {  // base offset, length
        SCOPED_TRACE("byte " + std::to_string(in_batch));
        write_byte(middle + in_batch, static_cast<char>(bytes[middle + in_batch] ^ 1));
        for (const std::int64_t from : {first, first + 1, first - 1, std::int64_t{0}}) {
            open();
            EXPECT_TRUE(sees_damage(from, 1)) << "from " << from;
        }
        write_byte(middle + in_batch, bytes[middle + in_batch]);
    }
}

}  // namespace
}  // namespace tenter::log::testing
