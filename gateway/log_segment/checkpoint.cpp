#include "gateway/log_segment/checkpoint.hpp"

#include "gateway/log_segment/big_endian.hpp"
#include "tenter/base/crc32c.hpp"

namespace tenter::log {
namespace {

constexpr std::uint32_t checkpoint_magic = 0x54435031;  // "TCP1"
constexpr std::uint32_t clean_flag = 1;
constexpr std::size_t topic_count_at = 40;
constexpr std::size_t fixed_size = 44;
constexpr std::size_t max_checkpoint_size = 1ULL << 30;

Result<PartitionCheckpoint> take_partition(BigEndianReader& in) {
    PartitionCheckpoint partition;
    partition.log_start = in.take<std::int64_t>();
    partition.next_offset = in.take<std::int64_t>();
    partition.segment_base = in.take<std::int64_t>();
    partition.position = in.take<std::uint64_t>();
    partition.max_timestamp = in.take<std::int64_t>();
    partition.max_timestamp_offset = in.take<std::int64_t>();
    const bool ordered = partition.log_start >= 0 && partition.log_start <= partition.next_offset && partition.segment_base >= 0 &&
                         partition.segment_base <= partition.next_offset;
    if (in.failed() || !ordered) return fail(Errc::corrupt, "checkpoint: a partition's offsets are impossible");
    return partition;
}

Result<TopicCheckpoint> take_topic(BigEndianReader& in) {
    TopicCheckpoint topic;
    topic.name = in.take_bytes(in.take<std::uint16_t>());
    const auto count = in.take<std::uint32_t>();
    if (in.failed() || topic.name.empty() || count == 0 || count > 10'000) return fail(Errc::corrupt, "checkpoint: a topic is cut off");
    for (std::uint32_t i = 0; i < count; ++i) {
        auto partition = take_partition(in);
        if (!partition) return fail(std::move(partition.error()));
        topic.partitions.push_back(*partition);
    }
    return topic;
}

/// A failed sync must not look like a lack of room, which is tried again.
Result<void> final_failure(Result<void> result) {
    if (!result) result.error().code = Errc::unavailable;
    return result;
}

}  // namespace

CheckpointEncoder::CheckpointEncoder(bool clean, std::uint64_t generation, const JournalCursor& cursor) {
    append_big_endian(out_, checkpoint_magic);
    append_big_endian(out_, clean ? clean_flag : 0U);
    append_big_endian(out_, generation);
    append_big_endian(out_, cursor.sequence);
    append_big_endian(out_, static_cast<std::uint32_t>(cursor.half));
    append_big_endian(out_, cursor.position);
    append_big_endian(out_, cursor.previous_crc);
    append_big_endian(out_, topic_count_);
}

void CheckpointEncoder::add_topic(std::string_view name, std::uint32_t partition_count) {
    append_big_endian(out_, static_cast<std::uint16_t>(name.size()));
    out_.append(name);
    append_big_endian(out_, partition_count);
    ++topic_count_;
}

void CheckpointEncoder::add_partition(const PartitionCheckpoint& partition) {
    append_big_endian(out_, partition.log_start);
    append_big_endian(out_, partition.next_offset);
    append_big_endian(out_, partition.segment_base);
    append_big_endian(out_, partition.position);
    append_big_endian(out_, partition.max_timestamp);
    append_big_endian(out_, partition.max_timestamp_offset);
}

Bytes CheckpointEncoder::finish() && {
    store_big_endian(out_.data() + topic_count_at, topic_count_);
    append_big_endian(out_, crc32c(out_));
    return std::move(out_);
}

Result<Checkpoint> decode_checkpoint(BytesView bytes) {
    if (bytes.size() < fixed_size + 4) return fail(Errc::corrupt, "checkpoint: " + std::to_string(bytes.size()) + " bytes are too few");
    const BytesView covered = bytes.substr(0, bytes.size() - 4);
    if (crc32c(covered) != load_big_endian<std::uint32_t>(bytes.data() + covered.size())) {
        return fail(Errc::corrupt, "checkpoint: its checksum is wrong");
    }
    BigEndianReader in(covered);
    if (in.take<std::uint32_t>() != checkpoint_magic) return fail(Errc::corrupt, "checkpoint: it does not begin with TCP1");
    Checkpoint checkpoint;
    checkpoint.clean = (in.take<std::uint32_t>() & clean_flag) != 0;
    checkpoint.generation = in.take<std::uint64_t>();
    checkpoint.cursor.sequence = in.take<std::uint64_t>();
    const auto half = in.take<std::uint32_t>();
    checkpoint.cursor.position = in.take<std::uint64_t>();
    checkpoint.cursor.previous_crc = in.take<std::uint32_t>();
    const auto topic_count = in.take<std::uint32_t>();
    if (half > 1) return fail(Errc::corrupt, "checkpoint: journal half " + std::to_string(half) + " does not exist");
    checkpoint.cursor.half = static_cast<int>(half);
    for (std::uint32_t i = 0; i < topic_count; ++i) {
        auto topic = take_topic(in);
        if (!topic) return fail(std::move(topic.error()));
        checkpoint.topics.push_back(std::move(*topic));
    }
    if (!in.at_end()) return fail(Errc::corrupt, "checkpoint: bytes are left over behind its topics");
    return checkpoint;
}

Result<Checkpoint> load_checkpoint(Env& env, const Layout& layout) {
    const auto bytes = read_file(env, layout.checkpoint(), max_checkpoint_size);
    if (!bytes) return fail(bytes.error());
    auto checkpoint = decode_checkpoint(*bytes);
    if (!checkpoint) return fail(std::move(checkpoint.error()).within(layout.checkpoint()));
    return checkpoint;
}

Result<void> store_checkpoint(Env& env, const Layout& layout, BytesView encoded) {
    const std::string temporary = layout.checkpoint() + ".new";
    {
        auto file = env.open(temporary, OpenMode::create);
        if (!file) return fail(std::move(file.error()));
        if (auto cut = (*file)->truncate(0); !cut) return cut;
        if (auto written = write_all(**file, encoded, 0); !written) return written;
        if (auto synced = (*file)->sync_data(); !synced) return final_failure(std::move(synced));
    }
    if (auto renamed = env.rename(temporary, layout.checkpoint()); !renamed) return final_failure(std::move(renamed));
    return final_failure(env.sync_directory(layout.root()));
}

}  // namespace tenter::log
