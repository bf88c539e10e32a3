#pragma once
// gateway/log_segment/partition_reader.hpp: reading one partition over all its segments; the same for the gateway and for other processes.

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log_segment/lru_cache.hpp"
#include "gateway/log_segment/open_segment.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// Segments open for reading, the least recently used closed first. Thread safe.
class OpenSegments {
public:
    OpenSegments(Env& env, std::size_t limit, std::size_t index_interval_bytes)
        : env_(env), interval_(index_interval_bytes), open_(limit) {}

    /// The segment stays usable for whoever holds it, also after it was closed here.
    [[nodiscard]] Result<std::shared_ptr<OpenSegment>> get(const std::string& partition_directory, std::int64_t base_offset);
    /// Closes a segment, if it is open here.
    void close(const std::string& partition_directory, std::int64_t base_offset);
    void clear();
    [[nodiscard]] Env& env() const noexcept { return env_; }

private:
    using Key = std::pair<std::string, std::int64_t>;
    Env& env_;
    const std::size_t interval_;
    std::mutex mutex_;
    LruCache<Key, std::shared_ptr<OpenSegment>> open_;
};

/// What may be read, as of now.
struct ReadLimits {
    std::int64_t first = 0;
    std::int64_t high_watermark = 0;
};

/// `not_found` that names both bounds.
[[nodiscard]] Error outside(Offset offset, const ReadLimits& limits);

/// Thread safe. Segments that the writer adds are found when a read needs them; those that are removed below the log's start are closed.
/// A read whose limits are older than a removal may fail in any way: see `read_within`.
class PartitionReader {
public:
    PartitionReader(OpenSegments& segments, std::string directory) : segments_(segments), directory_(std::move(directory)) {}

    /// As `EventLog::read`.
    [[nodiscard]] Result<StoredBatches> read(Offset from, const ReadLimits& limits, std::size_t max_bytes);
    /// As `EventLog::offset_for_time`.
    [[nodiscard]] Result<std::optional<TimedOffset>> offset_for_time(UnixMillis time, const ReadLimits& limits);
    /// As `EventLog::newest`. What it finds in segments that are complete it remembers.
    [[nodiscard]] Result<std::optional<TimedOffset>> newest(const ReadLimits& limits);
    /// Segments were removed: closes them.
    void close_removed();
    /// The folder may have changed in any way: look again.
    void forget();

private:
    /// The segment that holds `offset`, or that will once it is known; nothing if no segment begins at or below it.
    [[nodiscard]] Result<std::optional<std::int64_t>> base_for(std::int64_t offset, bool refresh);
    [[nodiscard]] Result<std::optional<std::int64_t>> base_after(std::int64_t base);
    [[nodiscard]] Result<void> refresh();
    void look_again_if_trimmed(const ReadLimits& limits);
    /// The segment that holds the first record.
    [[nodiscard]] Result<std::shared_ptr<OpenSegment>> first_segment(const ReadLimits& limits);
    /// The one behind `segment`; null if there is none below the high watermark.
    [[nodiscard]] Result<std::shared_ptr<OpenSegment>> next_segment(const OpenSegment& segment, const ReadLimits& limits);
    /// The newest record of a segment, or of what of it is within the limits.
    [[nodiscard]] Result<std::optional<TimedOffset>> newest_of(OpenSegment& segment, bool complete, const ReadLimits& limits);
    [[nodiscard]] std::unexpected<Error> missing(std::int64_t offset, const ReadLimits& limits) const;

    OpenSegments& segments_;
    const std::string directory_;
    std::mutex mutex_;  // guards what follows
    std::vector<std::int64_t> bases_;
    std::map<std::int64_t, TimedOffset> newest_;  // of complete segments, by base
    std::int64_t first_seen_ = 0;                 // the greatest start of the log that a read came with
    bool listed_ = false;
};

/// Reads with limits that were right when it was done: `limits` says what they are now, `read` is made again where the start of the log has
/// passed what it began with, as its segments may have been removed under it.
template <class Limits, class Read>
[[nodiscard]] auto read_within(const Limits& limits, const Read& read) {
    for (ReadLimits now = limits();;) {
        auto result = read(now);
        const ReadLimits then = now;
        if (result || (now = limits()).first == then.first) return result;
    }
}

}  // namespace tenter::log
