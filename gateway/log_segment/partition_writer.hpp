#pragma once
// gateway/log_segment/partition_writer.hpp: where the next batch of a partition goes: tracked here, never asked of the file system.

#include <cstdint>
#include <span>
#include <string>

#include "gateway/log_segment/checkpoint.hpp"
#include "gateway/log_segment/segment_files.hpp"
#include "gateway/log_segment/segment_index.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// A finished batch within a frame.
struct PlacedBatch {
    std::size_t at = 0;  ///< In the frame's buffer.
    std::size_t size = 0;
    std::int64_t base_offset = 0;
    std::int64_t last_offset = 0;
    std::int64_t max_timestamp = 0;
};

/// Belongs to the commit thread.
class PartitionWriter {
public:
    PartitionWriter(std::string directory, std::uint64_t segment_bytes, std::size_t index_interval_bytes)
        : directory_(std::move(directory)), segment_bytes_(segment_bytes), index_(index_interval_bytes) {}

    /// Goes on where a checkpoint says.
    void resume(const PartitionCheckpoint& from) noexcept;
    /// But for the log's start, which is not the writer's.
    [[nodiscard]] PartitionCheckpoint checkpoint() const noexcept;
    [[nodiscard]] const std::string& directory() const noexcept { return directory_; }
    /// The offset behind the last batch that is in a segment.
    [[nodiscard]] std::int64_t next_offset() const noexcept { return next_offset_; }

    /// Writes batches[done..] of `frame`, rolling where needed; `done` counts those that are written, so that a failed call can be made
    /// again. Batches must follow each other and `next_offset()`.
    [[nodiscard]] Result<void> write(SegmentFiles& files, BytesView frame, std::span<const PlacedBatch> batches, std::size_t& done);
    /// Gives the index entries made since the last call to `files`.
    void hand_over_indexes(SegmentFiles& files);

private:
    void roll(SegmentFiles& files, std::int64_t base_offset);
    /// How many batches from the front are contiguous in the frame and fit in this segment.
    [[nodiscard]] std::size_t run_length(std::span<const PlacedBatch> batches) const noexcept;

    const std::string directory_;
    const std::uint64_t segment_bytes_;
    std::int64_t next_offset_ = 0;
    std::int64_t base_ = 0;
    std::uint64_t position_ = 0;
    IndexBuilder index_;
};

}  // namespace tenter::log
