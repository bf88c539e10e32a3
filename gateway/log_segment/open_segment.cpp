#include "gateway/log_segment/open_segment.hpp"

#include <algorithm>
#include <array>

#include "gateway/log_segment/layout.hpp"

namespace tenter::log {
namespace {

/// A walk that skips this many intervals inside the indexed part shows that the index has a hole.
constexpr std::uint64_t tolerated_intervals = 16;
constexpr std::size_t max_sidecar_size = 1ULL << 30;

std::int64_t milliseconds(UnixMillis time) noexcept { return time.time_since_epoch().count(); }

/// A sidecar's content; a missing or unreadable one is an empty one.
Bytes read_sidecar(Env& env, const std::string& path) {
    auto bytes = read_file(env, path, max_sidecar_size);
    return bytes ? std::move(*bytes) : Bytes{};
}

}  // namespace

OpenSegment::OpenSegment(Env& env, std::string partition_directory, std::int64_t base_offset, std::size_t index_interval_bytes)
    : env_(env),
      directory_(std::move(partition_directory)),
      path_(segment_path(directory_, base_offset, SegmentFile::log)),
      base_(base_offset),
      interval_(index_interval_bytes),
      builder_(index_interval_bytes) {}

Result<std::shared_ptr<OpenSegment>> OpenSegment::open(Env& env, std::string partition_directory, std::int64_t base_offset,
                                                       std::size_t index_interval_bytes) {
    std::shared_ptr<OpenSegment> segment(new OpenSegment(env, std::move(partition_directory), base_offset, index_interval_bytes));
    auto file = env.open(segment->path_, OpenMode::read);
    if (!file) return fail(std::move(file.error()));
    segment->file_ = std::move(*file);
    return segment;
}

std::unexpected<Error> OpenSegment::damaged(std::uint64_t position, const std::string& what) const {
    return fail(Errc::corrupt, path_ + ": position " + std::to_string(position) + ": " + what);
}

Result<std::optional<FoundBatch>> OpenSegment::batch_at(std::uint64_t position) const {
    std::array<char, batch_header_size> bytes;
    const auto got = file_->pread(bytes, position);
    if (!got) return fail(got.error());
    if (*got == 0) return std::nullopt;
    const auto header = parse_batch_header(BytesView(bytes.data(), *got));
    if (!header) return damaged(position, header.error().message);
    return FoundBatch{position, *header};
}

Result<void> OpenSegment::load_indexes() {
    if (loaded_) return {};
    const auto size = file_->size();
    if (!size) return fail(size.error());
    offsets_ = decode_index(read_sidecar(env_, segment_path(directory_, base_, SegmentFile::index)), *size);
    times_ = decode_time_index(read_sidecar(env_, segment_path(directory_, base_, SegmentFile::time_index)), INT32_MAX);
    builder_.begin_segment(base_);
    known_until_ = offsets_.empty() ? 0 : static_cast<std::uint64_t>(offsets_.back().position);
    if (known_until_ == 0) times_.clear();
    loaded_ = true;
    return {};
}

void OpenSegment::forget_indexes() {
    offsets_.clear();
    times_.clear();
    builder_ = IndexBuilder(interval_);
    builder_.begin_segment(base_);
    known_until_ = 0;
}

void OpenSegment::learn(const FoundBatch& batch) {
    if (batch.position != known_until_) return;
    const bool seen_from_start = known_until_ == 0 || builder_.max_timestamp_offset() >= 0;
    known_until_ += batch.header.total_size;
    if (!seen_from_start) {
        // The sidecar's part was not walked, so the greatest timestamp so far is not known: only offsets are learned.
        if (batch.position - (offsets_.empty() ? 0 : static_cast<std::uint64_t>(offsets_.back().position)) <= interval_) return;
        offsets_.push_back({static_cast<std::int32_t>(batch.header.last_offset.value - base_), static_cast<std::int32_t>(batch.position)});
        return;
    }
    builder_.add({batch.header.last_offset.value, milliseconds(batch.header.max_timestamp), batch.position, batch.header.total_size});
    offsets_.insert(offsets_.end(), builder_.offsets.begin(), builder_.offsets.end());
    times_.insert(times_.end(), builder_.times.begin(), builder_.times.end());
    builder_.offsets.clear();
    builder_.times.clear();
}

Result<std::optional<std::uint64_t>> OpenSegment::find(std::int64_t from, std::int64_t high_watermark) {
    const std::lock_guard lock(mutex_);
    if (auto loaded = load_indexes(); !loaded) return fail(std::move(loaded.error()));
    bool index_misleads = false;
    auto found = walk_to(from, high_watermark, index_misleads);
    if (!index_misleads) return found;
    forget_indexes();
    return walk_to(from, high_watermark, index_misleads);
}

Result<std::optional<std::uint64_t>> OpenSegment::walk_to(std::int64_t from, std::int64_t high_watermark, bool& index_misleads) {
    const auto above =
        std::ranges::upper_bound(offsets_, from - base_, {}, [](const IndexEntry& e) { return std::int64_t{e.relative_offset}; });
    const bool by_index = above != offsets_.begin();
    const IndexEntry entry = by_index ? *(above - 1) : IndexEntry{};
    std::uint64_t position = static_cast<std::uint64_t>(entry.position);
    const std::uint64_t start = position;
    std::int64_t expected = by_index ? -1 : base_;
    while (expected < high_watermark) {
        const auto batch = batch_at(position);
        if (by_index && position == start && (!batch || !*batch || (*batch)->header.last_offset.value != base_ + entry.relative_offset)) {
            index_misleads = true;
            return std::nullopt;
        }
        if (!batch) return fail(batch.error());
        if (!*batch) return std::nullopt;
        const BatchHeader& header = (*batch)->header;
        if (expected >= 0 && header.base_offset.value != expected) {
            return damaged(position, "the batch begins at offset " + std::to_string(header.base_offset.value) + " instead of " +
                                         std::to_string(expected));
        }
        if (position < known_until_ && position - start > tolerated_intervals * interval_ + header.total_size) {
            const auto first = batch_at(start);
            if (first && *first && position - start - (*first)->header.total_size > tolerated_intervals * interval_) {
                index_misleads = true;
                return std::nullopt;
            }
        }
        learn(**batch);
        if (header.last_offset.value >= from) return position;
        expected = header.next_offset().value;
        position += header.total_size;
    }
    return std::nullopt;
}

Result<std::optional<TimedOffset>> OpenSegment::find_time(std::int64_t time, std::int64_t from, std::int64_t high_watermark) {
    const std::lock_guard lock(mutex_);
    if (auto loaded = load_indexes(); !loaded) return fail(std::move(loaded.error()));
    bool index_misleads = false;
    auto found = walk_to_time(time, from, high_watermark, index_misleads);
    if (!index_misleads) return found;
    forget_indexes();
    return walk_to_time(time, from, high_watermark, index_misleads);
}

Result<std::optional<TimedOffset>> OpenSegment::walk_to_time(std::int64_t time, std::int64_t from, std::int64_t high_watermark,
                                                             bool& index_misleads) {
    const auto not_before = std::ranges::lower_bound(times_, time, {}, &TimeIndexEntry::timestamp);
    std::int64_t start = std::max(from, base_);
    std::optional<TimeIndexEntry> entry;  // everything up to it is too old
    if (not_before != times_.begin() && base_ + (not_before - 1)->relative_offset >= start) {
        entry = *(not_before - 1);
        start = base_ + entry->relative_offset;
    }
    auto position = walk_to(start, high_watermark, index_misleads);
    if (!position) return fail(std::move(position.error()));
    if (index_misleads || !*position) return std::nullopt;
    for (std::int64_t next = start; next < high_watermark;) {
        const auto batch = batch_at(**position);
        if (!batch) return fail(batch.error());
        if (!*batch) return std::nullopt;
        const BatchHeader& header = (*batch)->header;
        const std::int64_t newest = milliseconds(header.max_timestamp);
        if (entry && next == start && (header.last_offset.value != start || newest != entry->timestamp)) {
            index_misleads = true;
            return std::nullopt;
        }
        learn(**batch);
        if (newest >= time) {
            const auto found = first_record_at(**batch, time, from);
            if (!found || *found) return found;
        }
        next = header.next_offset().value;
        **position += header.total_size;
    }
    return std::nullopt;
}

Result<std::optional<TimedOffset>> OpenSegment::find_newest(std::int64_t from, std::int64_t high_watermark) {
    const std::lock_guard lock(mutex_);
    if (auto loaded = load_indexes(); !loaded) return fail(std::move(loaded.error()));
    bool index_misleads = false;
    auto found = walk_to_newest(from, high_watermark, index_misleads);
    if (!index_misleads) return found;
    forget_indexes();
    return walk_to_newest(from, high_watermark, index_misleads);
}

/// The last entry of the time index says what is the greatest up to it. It may have been cut short, so the batches behind it are looked at
/// too: few where times rise.
Result<std::optional<TimedOffset>> OpenSegment::walk_to_newest(std::int64_t from, std::int64_t high_watermark, bool& index_misleads) {
    std::int64_t start = std::max(from, base_);
    std::optional<TimeIndexEntry> entry;
    if (from <= base_ && !times_.empty()) {
        entry = times_.back();
        start = base_ + entry->relative_offset;
    }
    auto position = walk_to(start, high_watermark, index_misleads);
    if (!position) return fail(std::move(position.error()));
    if (index_misleads || !*position) return std::nullopt;
    std::optional<FoundBatch> newest_batch;
    std::optional<TimedOffset> newest;  // where the start is within a batch: of the rest of it
    for (std::int64_t next = start; next < high_watermark;) {
        const auto batch = batch_at(**position);
        if (!batch) return fail(batch.error());
        if (!*batch) break;
        const BatchHeader& header = (*batch)->header;
        if (entry && next == start && (header.last_offset.value != start || milliseconds(header.max_timestamp) != entry->timestamp)) {
            index_misleads = true;
            return std::nullopt;
        }
        learn(**batch);
        if (header.base_offset.value < from) {
            auto rest = newest_record(**batch, from);
            if (!rest) return rest;
            newest = *rest;
        } else if (!(newest_batch || newest) ||
                   header.max_timestamp > (newest_batch ? newest_batch->header.max_timestamp : newest->timestamp)) {
            newest_batch = **batch;
        }
        next = header.next_offset().value;
        **position += header.total_size;
    }
    if (newest_batch) return newest_record(*newest_batch, from);
    return newest;
}

Result<Bytes> OpenSegment::read_batch(const FoundBatch& batch) const {
    Bytes bytes(batch.header.total_size, '\0');
    if (auto got = read_exactly(*file_, bytes, batch.position); !got) return damaged(batch.position, got.error().message);
    return bytes;
}

Result<std::optional<TimedOffset>> OpenSegment::first_record_at(const FoundBatch& batch, std::int64_t time, std::int64_t from) const {
    const auto bytes = read_batch(batch);
    if (!bytes) return fail(bytes.error());
    const auto records = decode_batches(*bytes);
    if (!records) return damaged(batch.position, records.error().message);
    for (const auto& record : *records) {
        if (record.offset.value >= from && milliseconds(record.timestamp) >= time) return TimedOffset{record.offset, record.timestamp};
    }
    return std::nullopt;
}

Result<std::optional<TimedOffset>> OpenSegment::newest_record(const FoundBatch& batch, std::int64_t from) const {
    const auto bytes = read_batch(batch);
    if (!bytes) return fail(bytes.error());
    const auto records = decode_batches(*bytes);
    if (!records) return damaged(batch.position, records.error().message);
    std::optional<TimedOffset> newest;
    for (const auto& record : *records) {
        if (record.offset.value >= from && (!newest || record.timestamp > newest->timestamp)) newest = {record.offset, record.timestamp};
    }
    return newest;
}

Result<Bytes> OpenSegment::read(std::uint64_t position, std::int64_t high_watermark, std::size_t max_bytes,
                                std::int64_t& next_offset) const {
    Bytes bytes;
    auto got = read_some(bytes, position, std::max(max_bytes, batch_header_size));
    if (!got) return fail(std::move(got.error()));
    if (bytes.empty()) return bytes;
    const auto first = parse_batch_header(bytes);
    if (!first) return damaged(position, first.error().message);
    if (first->total_size > bytes.size()) got = read_some(bytes, position, first->total_size);
    if (!got) return fail(std::move(got.error()));
    std::size_t whole = 0;
    std::int64_t expected = -1;
    while (expected < high_watermark && bytes.size() - whole >= batch_header_size) {
        const auto checked = check_batch(BytesView(bytes).substr(whole));
        // What is whole before it is given: whoever goes on from there learns whether it is damaged or only cut off here.
        if (whole > 0 && (!checked || checked->base_offset.value != expected)) break;
        if (!checked) return damaged(position, checked.error().message);
        expected = checked->next_offset().value;
        whole += checked->total_size;
    }
    bytes.resize(whole);
    next_offset = expected;
    return bytes;
}

Result<void> OpenSegment::read_some(Bytes& out, std::uint64_t position, std::size_t size) const {
    Result<std::size_t> got = std::size_t{0};
    out.clear();
    // Not as much as this gives room for: where it allocates, g++ 12 hands over twice the former capacity instead of `size`.
    out.resize_and_overwrite(size, [&](char* data, std::size_t) {
        got = file_->pread(std::span<char>(data, size), position);
        return got ? *got : 0;
    });
    if (!got) return fail(std::move(got.error()));
    return {};
}

}  // namespace tenter::log
