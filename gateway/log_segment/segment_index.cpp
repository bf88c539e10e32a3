#include "gateway/log_segment/segment_index.hpp"

#include "gateway/log_segment/big_endian.hpp"

namespace tenter::log {

void IndexBuilder::begin_segment(std::int64_t base_offset) noexcept { resume_segment(base_offset, 0, -1); }

void IndexBuilder::resume_segment(std::int64_t base_offset, std::int64_t max_timestamp, std::int64_t max_timestamp_offset) noexcept {
    base_ = base_offset;
    bytes_since_entry_ = 0;
    max_timestamp_ = max_timestamp;
    max_timestamp_offset_ = max_timestamp_offset;
    last_time_entry_offset_ = max_timestamp_offset;
}

void IndexBuilder::add(const IndexedBatch& batch) {
    if (max_timestamp_offset_ < 0 || batch.max_timestamp > max_timestamp_) {
        max_timestamp_ = batch.max_timestamp;
        max_timestamp_offset_ = batch.last_offset;
    }
    if (bytes_since_entry_ > interval_) {
        offsets.push_back({static_cast<std::int32_t>(batch.last_offset - base_), static_cast<std::int32_t>(batch.position)});
        add_time();
        bytes_since_entry_ = 0;
    }
    bytes_since_entry_ += batch.size;
}

void IndexBuilder::seal() {
    if (max_timestamp_offset_ >= 0) add_time();
}

void IndexBuilder::add_time() {
    if (max_timestamp_offset_ <= last_time_entry_offset_) return;
    times.push_back({max_timestamp_, static_cast<std::int32_t>(max_timestamp_offset_ - base_)});
    last_time_entry_offset_ = max_timestamp_offset_;
}

Bytes encode_index(const std::vector<IndexEntry>& entries) {
    Bytes out;
    out.reserve(entries.size() * index_entry_size);
    for (const auto& entry : entries) {
        append_big_endian(out, entry.relative_offset);
        append_big_endian(out, entry.position);
    }
    return out;
}

Bytes encode_time_index(const std::vector<TimeIndexEntry>& entries) {
    Bytes out;
    out.reserve(entries.size() * time_index_entry_size);
    for (const auto& entry : entries) {
        append_big_endian(out, entry.timestamp);
        append_big_endian(out, entry.relative_offset);
    }
    return out;
}

std::vector<IndexEntry> decode_index(BytesView bytes, std::uint64_t position_limit) {
    std::vector<IndexEntry> entries;
    IndexEntry last{-1, -1};
    for (std::size_t at = 0; at + index_entry_size <= bytes.size(); at += index_entry_size) {
        const IndexEntry entry{load_big_endian<std::int32_t>(bytes.data() + at), load_big_endian<std::int32_t>(bytes.data() + at + 4)};
        const bool rises = entry.relative_offset > last.relative_offset && entry.position > last.position;
        if (!rises || static_cast<std::uint64_t>(entry.position) >= position_limit) break;
        entries.push_back(entry);
        last = entry;
    }
    return entries;
}

std::vector<TimeIndexEntry> decode_time_index(BytesView bytes, std::int64_t relative_offset_limit) {
    std::vector<TimeIndexEntry> entries;
    for (std::size_t at = 0; at + time_index_entry_size <= bytes.size(); at += time_index_entry_size) {
        const TimeIndexEntry entry{load_big_endian<std::int64_t>(bytes.data() + at), load_big_endian<std::int32_t>(bytes.data() + at + 8)};
        const bool rises =
            entries.empty() || (entry.timestamp > entries.back().timestamp && entry.relative_offset > entries.back().relative_offset);
        if (!rises || entry.relative_offset < 0 || entry.relative_offset >= relative_offset_limit) break;
        entries.push_back(entry);
    }
    return entries;
}

}  // namespace tenter::log
