#pragma once
// gateway/log_segment/partition_reader.hpp: reading one partition over all its segments; the same for the gateway and for other processes.

#include <cstdint>
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

/// Thread safe. Segments that the writer adds are found when a read needs them.
class PartitionReader {
public:
    PartitionReader(OpenSegments& segments, std::string directory) : segments_(segments), directory_(std::move(directory)) {}

    /// As `EventLog::read`.
    [[nodiscard]] Result<StoredBatches> read(Offset from, const ReadLimits& limits, std::size_t max_bytes);
    /// As `EventLog::offset_for_time`.
    [[nodiscard]] Result<std::optional<Offset>> offset_for_time(UnixMillis time, const ReadLimits& limits);
    /// The folder may have changed in any way: look again.
    void forget();

private:
    /// The segment that holds `offset`, or that will once it is known; nothing if no segment begins at or below it.
    [[nodiscard]] Result<std::optional<std::int64_t>> base_for(std::int64_t offset, bool refresh);
    [[nodiscard]] Result<std::optional<std::int64_t>> base_after(std::int64_t base);
    [[nodiscard]] Result<void> refresh();
    [[nodiscard]] std::unexpected<Error> missing(std::int64_t offset, const ReadLimits& limits) const;

    OpenSegments& segments_;
    const std::string directory_;
    std::mutex mutex_;  // guards bases_
    std::vector<std::int64_t> bases_;
    bool listed_ = false;
};

}  // namespace tenter::log
