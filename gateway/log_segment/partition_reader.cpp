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

void OpenSegments::clear() {
    const std::lock_guard lock(mutex_);
    open_.clear();
}

void PartitionReader::forget() {
    const std::lock_guard lock(mutex_);
    listed_ = false;
    bases_.clear();
}

Result<void> PartitionReader::refresh() {
    auto bases = list_segments(segments_.env(), directory_);
    if (!bases) return fail(std::move(bases.error()));
    bases_ = std::move(*bases);
    listed_ = true;
    return {};
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
    if (from.value < limits.first || from.value > limits.high_watermark) {
        return fail(Errc::not_found, "offset " + std::to_string(from.value) + " is outside the log, which holds " +
                                         std::to_string(limits.first) + " up to, not including, " + std::to_string(limits.high_watermark));
    }
    StoredBatches result{{}, from, Offset{limits.high_watermark}};
    if (from.value == limits.high_watermark) return result;
    // The list of segments may be old: the second time it is fresh.
    for (const bool refresh_first : {false, true}) {
        const auto base = base_for(from.value, refresh_first);
        if (!base) return fail(base.error());
        if (!*base) continue;
        const auto segment = segments_.get(directory_, **base);
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

Result<std::optional<Offset>> PartitionReader::offset_for_time(UnixMillis time, const ReadLimits& limits) {
    if (limits.first == limits.high_watermark) return std::nullopt;
    auto base = base_for(limits.first, false);
    if (base && !*base) base = base_for(limits.first, true);
    if (!base) return fail(base.error());
    if (!*base) return missing(limits.first, limits);
    while (*base && **base < limits.high_watermark) {
        const auto segment = segments_.get(directory_, **base);
        if (!segment) return fail(segment.error());
        const auto found = (*segment)->find_time(time.time_since_epoch().count(), limits.first, limits.high_watermark);
        if (!found) return fail(found.error());
        if (*found) return Offset{**found};
        base = base_after(**base);
        if (!base) return fail(base.error());
    }
    return std::nullopt;
}

}  // namespace tenter::log
