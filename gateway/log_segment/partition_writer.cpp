#include "gateway/log_segment/partition_writer.hpp"

#include <utility>

#include "tenter/base/assert.hpp"

namespace tenter::log {

void PartitionWriter::resume(const PartitionCheckpoint& from) noexcept {
    next_offset_ = from.next_offset;
    base_ = from.segment_base;
    position_ = from.position;
    index_.resume_segment(base_, from.max_timestamp, from.max_timestamp_offset);
}

PartitionCheckpoint PartitionWriter::checkpoint() const noexcept {
    return {0, next_offset_, base_, position_, index_.max_timestamp(), index_.max_timestamp_offset()};
}

Result<void> PartitionWriter::write(SegmentFiles& files, BytesView frame, std::span<const PlacedBatch> batches, std::size_t& done) {
    while (done < batches.size()) {
        const PlacedBatch& first = batches[done];
        TENTER_ASSERT(first.base_offset == next_offset_);
        if (position_ > 0 && position_ + first.size > segment_bytes_) roll(files, first.base_offset);
        const std::size_t count = run_length(batches.subspan(done));
        const PlacedBatch& last = batches[done + count - 1];
        const BytesView bytes = frame.substr(first.at, last.at + last.size - first.at);
        if (auto written = files.write(directory_, base_, bytes, position_); !written) return written;
        for (const auto& batch : batches.subspan(done, count)) {
            index_.add({batch.last_offset, batch.max_timestamp, position_, batch.size});
            position_ += batch.size;
        }
        next_offset_ = last.last_offset + 1;
        done += count;
    }
    return {};
}

std::size_t PartitionWriter::run_length(std::span<const PlacedBatch> batches) const noexcept {
    std::size_t count = 1;
    std::uint64_t end = position_ + batches[0].size;
    while (count < batches.size() && batches[count].at == batches[count - 1].at + batches[count - 1].size &&
           end + batches[count].size <= segment_bytes_) {
        end += batches[count].size;
        ++count;
    }
    return count;
}

void PartitionWriter::roll(SegmentFiles& files, std::int64_t base_offset) {
    index_.seal();
    hand_over_indexes(files);
    base_ = base_offset;
    position_ = 0;
    index_.begin_segment(base_);
}

void PartitionWriter::hand_over_indexes(SegmentFiles& files) {
    if (index_.offsets.empty() && index_.times.empty()) return;
    files.add_indexes({directory_, base_, std::exchange(index_.offsets, {}), std::exchange(index_.times, {})});
}

}  // namespace tenter::log
