#pragma once
// gateway/log_segment/segment_index.hpp: the sparse indexes of a segment, in Kafka's own formats, so that Kafka's tools read them.
//
//   .index      (last offset of a batch - base offset) i32 | position of that batch i32            one entry every 4096 bytes or so
//   .timeindex  greatest timestamp so far i64 | (last offset of its batch - base offset) i32      only where the greatest has grown
//
// Both can be rebuilt from the .log file and are never trusted: whoever uses an entry first compares it with the batch that it names.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tenter/base/bytes.hpp"

namespace tenter::log {

struct IndexEntry {
    std::int32_t relative_offset = 0;
    std::int32_t position = 0;
};
struct TimeIndexEntry {
    std::int64_t timestamp = 0;
    std::int32_t relative_offset = 0;
};
inline constexpr std::size_t index_entry_size = 8;
inline constexpr std::size_t time_index_entry_size = 12;

/// What of a batch the indexes need.
struct IndexedBatch {
    std::int64_t last_offset = 0;
    std::int64_t max_timestamp = 0;
    std::uint64_t position = 0;
    std::size_t size = 0;
};

/// Decides, batch by batch, which entries a segment's indexes get. The same for the writer and for a rebuild.
class IndexBuilder {
public:
    IndexBuilder() = default;
    explicit IndexBuilder(std::size_t interval_bytes) : interval_(interval_bytes) {}

    /// A new, empty segment. Entries not taken yet stay.
    void begin_segment(std::int64_t base_offset) noexcept;
    /// Goes on in a segment whose indexes were written before.
    void resume_segment(std::int64_t base_offset, std::int64_t max_timestamp, std::int64_t max_timestamp_offset) noexcept;
    void add(const IndexedBatch& batch);
    /// The segment is complete: its greatest timestamp gets an entry.
    void seal();

    [[nodiscard]] std::int64_t max_timestamp() const noexcept { return max_timestamp_; }
    [[nodiscard]] std::int64_t max_timestamp_offset() const noexcept { return max_timestamp_offset_; }  ///< -1: no batch yet.

    std::vector<IndexEntry> offsets;    ///< Entries made and not taken yet.
    std::vector<TimeIndexEntry> times;  ///< The same.

private:
    void add_time();

    std::size_t interval_ = 4096;
    std::size_t bytes_since_entry_ = 0;
    std::int64_t base_ = 0;
    std::int64_t max_timestamp_ = 0;
    std::int64_t max_timestamp_offset_ = -1;
    std::int64_t last_time_entry_offset_ = -1;
};

[[nodiscard]] Bytes encode_index(const std::vector<IndexEntry>& entries);
[[nodiscard]] Bytes encode_time_index(const std::vector<TimeIndexEntry>& entries);
/// The entries up to the first that cannot be: not rising, or not below the limits.
[[nodiscard]] std::vector<IndexEntry> decode_index(BytesView bytes, std::uint64_t position_limit);
[[nodiscard]] std::vector<TimeIndexEntry> decode_time_index(BytesView bytes, std::int64_t relative_offset_limit);

}  // namespace tenter::log
