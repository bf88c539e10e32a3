#include "gateway/log_segment/partition_reader.hpp"

#include <algorithm>

#include "gateway/log_segment/layout.hpp"

namespace tenter::log {

Result<std::shared_ptr<OpenSegment>> OpenSegments::get(const std::string& partition_directory, std::int64_t base_offset) {
    const std::lock_guard lock(mutex_);
    const Key key(partition_directory, base_offset);
    if (auto found = open_.find(key)) return found;
    auto segment = OpenSegment::open(env_, partition_directory, base_offset, interval_);
    if (!segment) return segment;
    while (open_.oldest_if_full()) open_.drop_oldest();
    open_.insert(key, *segment);
    return segment;
}

void OpenSegments::close(const std::string& partition_directory, std::int64_t base_offset) {
    const std::lock_guard lock(mutex_);
    open_.drop(Key(partition_directory, base_offset));
}

void OpenSegments::clear() {
    const std::lock_guard lock(mutex_);
    open_.clear();
}

Error outside(Offset offset, const ReadLimits& limits) {
    return Error{Errc::not_found,
                 "offset " + std::to_string(offset.value) + " is outside the log, which holds " + std::to_string(limits.first) +
                     " up to, not including, " + std::to_string(limits.high_watermark),
                 0};
}

void PartitionReader::forget() {
    const std::lock_guard lock(mutex_);
    listed_ = false;
    bases_.clear();
    newest_.clear();
}

Result<void> PartitionReader::refresh() {
    auto bases = list_segments(segments_.env(), directory_);
    if (!bases) return fail(std::move(bases.error()));
    // What is open of a removed file keeps its bytes on the disk.
    for (const std::int64_t base : bases_) {
        if (std::ranges::binary_search(*bases, base)) continue;
        segments_.close(directory_, base);
        newest_.erase(base);
    }
    bases_ = std::move(*bases);
    listed_ = true;
    return {};
}

void PartitionReader::close_removed() {
    const std::lock_guard lock(mutex_);
    if (listed_ && !refresh()) listed_ = false;
}

void PartitionReader::look_again_if_trimmed(const ReadLimits& limits) {
    const std::lock_guard lock(mutex_);
    if (limits.first <= first_seen_) return;
    first_seen_ = limits.first;
    listed_ = false;
}

Result<std::optional<std::int64_t>> PartitionReader::base_for(std::int64_t offset, bool refresh_first) {
    const std::lock_guard lock(mutex_);
    if (refresh_first || !listed_) {
        if (auto refreshed = refresh(); !refreshed) return fail(std::move(refreshed.error()));
    }
    const auto above = std::ranges::upper_bound(bases_, offset);
    if (above == bases_.begin()) return std::nullopt;
    return *(above - 1);
}

Result<std::optional<std::int64_t>> PartitionReader::base_after(std::int64_t base) {
    const std::lock_guard lock(mutex_);
    auto above = std::ranges::upper_bound(bases_, base);
    if (above == bases_.end()) {
        if (auto refreshed = refresh(); !refreshed) return fail(std::move(refreshed.error()));
        above = std::ranges::upper_bound(bases_, base);
    }
    if (above == bases_.end()) return std::nullopt;
    return *above;
}

std::unexpected<Error> PartitionReader::missing(std::int64_t offset, const ReadLimits& limits) const {
    return fail(Errc::corrupt, directory_ + ": no segment holds offset " + std::to_string(offset) + " although the log goes from " +
                                   std::to_string(limits.first) + " to " + std::to_string(limits.high_watermark));
}

Result<StoredBatches> PartitionReader::read(Offset from, const ReadLimits& limits, std::size_t max_bytes) {
    if (from.value < limits.first || from.value > limits.high_watermark) return fail(outside(from, limits));
    look_again_if_trimmed(limits);
    StoredBatches result{{}, from, Offset{limits.high_watermark}};
    if (from.value == limits.high_watermark) return result;
    // The list of segments may be old: the second time it is fresh.
    for (const bool refresh_first : {false, true}) {
        const auto base = base_for(from.value, refresh_first);
        if (!base) return fail(base.error());
        if (!*base) continue;
        const auto segment = segments_.get(directory_, **base);
        if (!segment && segment.error().code == Errc::not_found) continue;  // removed since the list was made
        if (!segment) return fail(segment.error());
        const auto position = (*segment)->find(from.value, limits.high_watermark);
        if (!position) return fail(position.error());
        if (!*position) continue;
        auto bytes = (*segment)->read(**position, limits.high_watermark, max_bytes, result.next_offset.value);
        if (!bytes) return fail(std::move(bytes.error()));
        result.bytes = std::move(*bytes);
        return result;
    }
    return missing(from.value, limits);
}

Result<std::shared_ptr<OpenSegment>> PartitionReader::first_segment(const ReadLimits& limits) {
    look_again_if_trimmed(limits);
    for (const bool refresh_first : {false, true}) {
        const auto base = base_for(limits.first, refresh_first);
        if (!base) return fail(base.error());
        if (!*base) continue;
        auto segment = segments_.get(directory_, **base);
        if (segment || segment.error().code != Errc::not_found) return segment;
    }
    return missing(limits.first, limits);
}

Result<std::shared_ptr<OpenSegment>> PartitionReader::next_segment(const OpenSegment& segment, const ReadLimits& limits) {
    const auto base = base_after(segment.base_offset());
    if (!base) return fail(base.error());
    if (!*base || **base >= limits.high_watermark) return nullptr;
    return segments_.get(directory_, **base);
}

Result<std::optional<TimedOffset>> PartitionReader::newest_of(OpenSegment& segment, bool complete, const ReadLimits& limits) {
    const std::int64_t base = segment.base_offset();
    const bool whole = complete && base >= limits.first;
    if (whole) {
        const std::lock_guard lock(mutex_);
        if (const auto known = newest_.find(base); known != newest_.end()) return known->second;
    }
    auto found = segment.find_newest(limits.first, limits.high_watermark);
    if (whole && found && *found) {
        const std::lock_guard lock(mutex_);
        newest_.emplace(base, **found);
    }
    return found;
}

Result<std::optional<TimedOffset>> PartitionReader::offset_for_time(UnixMillis time, const ReadLimits& limits) {
    if (limits.first == limits.high_watermark) return std::nullopt;
    auto segment = first_segment(limits);
    while (segment && *segment) {
        auto next = next_segment(**segment, limits);
        if (!next) return fail(std::move(next.error()));
        // Of a complete segment the greatest time is remembered, so the next question passes it by.
        const auto newest = *next ? newest_of(**segment, true, limits) : std::optional<TimedOffset>{};
        if (!newest) return fail(newest.error());
        if (!*newest || (*newest)->timestamp >= time) {
            auto found = (*segment)->find_time(time.time_since_epoch().count(), limits.first, limits.high_watermark);
            if (!found || *found) return found;
        }
        segment = std::move(next);
    }
    if (!segment) return fail(std::move(segment.error()));
    return std::nullopt;
}

Result<std::optional<TimedOffset>> PartitionReader::newest(const ReadLimits& limits) {
    std::optional<TimedOffset> newest;
    if (limits.first == limits.high_watermark) return newest;
    auto segment = first_segment(limits);
    while (segment && *segment) {
        auto next = next_segment(**segment, limits);
        if (!next) return fail(std::move(next.error()));
        const auto found = newest_of(**segment, *next != nullptr, limits);
        if (!found) return fail(found.error());
        if (*found && (!newest || (*found)->timestamp > newest->timestamp)) newest = *found;
        segment = std::move(next);
    }
    if (!segment) return fail(std::move(segment.error()));
    return newest;
}

}  // namespace tenter::log
