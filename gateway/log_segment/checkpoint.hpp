#pragma once
// gateway/log_segment/checkpoint.hpp: up to where segments are durable, and where the journal goes on from there.
//
//   0 magic u32 "TCP1" | 4 flags u32 (1: clean stop) | 8 generation u64 | 16 next sequence u64 | 24 journal half u32 | 28 journal position
//   u64 36 CRC of the last covered frame u32 | 40 topics u32 | 44 topics ... | CRC-32C of everything before it u32        all big-endian
//
//   topic: name length u16 | name | partitions u32 | per partition: log start i64 | next offset i64 | segment base offset i64 |
//          segment position u64 | greatest timestamp in that segment i64 | its offset i64 (-1: none)

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log_segment/layout.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// Where the next frame goes, and what it must continue.
struct JournalCursor {
    int half = 0;
    std::uint64_t position = 0;
    std::uint64_t sequence = 0;
    std::uint32_t previous_crc = 0;
};

/// One partition as far as it is durable in its segments.
struct PartitionCheckpoint {
    std::int64_t log_start = 0;
    std::int64_t next_offset = 0;
    std::int64_t segment_base = 0;
    std::uint64_t position = 0;  ///< Bytes of the segment that are durable; recovery cuts it here.
    std::int64_t max_timestamp = 0;
    std::int64_t max_timestamp_offset = -1;
};

struct TopicCheckpoint {
    std::string name;
    std::vector<PartitionCheckpoint> partitions;
};

struct Checkpoint {
    bool clean = false;  ///< Nothing was appended after it.
    std::uint64_t generation = 0;
    JournalCursor cursor;
    std::vector<TopicCheckpoint> topics;
};

/// Encodes a checkpoint without building one: with 10,000 topics the commit thread makes one every 64 MiB.
class CheckpointEncoder {
public:
    CheckpointEncoder(bool clean, std::uint64_t generation, const JournalCursor& cursor);
    void add_topic(std::string_view name, std::uint32_t partition_count);
    /// As often as `add_topic` said.
    void add_partition(const PartitionCheckpoint& partition);
    [[nodiscard]] Bytes finish() &&;

private:
    Bytes out_;
    std::uint32_t topic_count_ = 0;
};

/// `corrupt` names what is wrong.
[[nodiscard]] Result<Checkpoint> decode_checkpoint(BytesView bytes);
[[nodiscard]] Result<Checkpoint> load_checkpoint(Env& env, const Layout& layout);

/// Replaces the checkpoint durably: write, fdatasync, rename, directory fsync. `overloaded`: there was no room to write it, nothing has
/// happened, try again later. Any other failure is final: the sync must not be tried again.
[[nodiscard]] Result<void> store_checkpoint(Env& env, const Layout& layout, BytesView encoded);

}  // namespace tenter::log
