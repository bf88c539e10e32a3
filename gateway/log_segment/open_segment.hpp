#pragma once
// gateway/log_segment/open_segment.hpp: one segment file open for reading, with its indexes.
//
// The indexes are loaded from the sidecars when they are first needed and grow in memory as batches beyond them are read; what a sidecar
// says is compared with the batch that it names before it is used, and a sidecar that is wrong or far too sparse is replaced by a walk
// over the segment.

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/log/event_log.hpp"
#include "gateway/log/record_batch.hpp"
#include "gateway/log_segment/segment_index.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// A batch and where it stands in the file.
struct FoundBatch {
    std::uint64_t position = 0;
    BatchHeader header;
};

/// Thread safe. Nothing at or above the high watermark that a caller gives is looked at.
class OpenSegment {
public:
    [[nodiscard]] static Result<std::shared_ptr<OpenSegment>> open(Env& env, std::string partition_directory, std::int64_t base_offset,
                                                                   std::size_t index_interval_bytes);

    [[nodiscard]] std::int64_t base_offset() const noexcept { return base_; }
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

    /// Position of the batch that holds `from`; nothing if the segment ends before it.
    [[nodiscard]] Result<std::optional<std::uint64_t>> find(std::int64_t from, std::int64_t high_watermark);
    /// The first record at or after `from` with a timestamp at or after `time`; nothing if this segment has none.
    [[nodiscard]] Result<std::optional<TimedOffset>> find_time(std::int64_t time, std::int64_t from, std::int64_t high_watermark);
    /// The first of the records at or after `from` with the greatest timestamp; nothing if this segment has none from there on.
    [[nodiscard]] Result<std::optional<TimedOffset>> find_newest(std::int64_t from, std::int64_t high_watermark);
    /// Whole, checked batches from `position`, about `max_bytes`, at least one.
    /// Empty at the end of the segment.
    /// `next_offset` becomes the offset behind them.
    [[nodiscard]] Result<Bytes> read(std::uint64_t position, std::int64_t high_watermark, std::size_t max_bytes,
                                     std::int64_t& next_offset) const;

private:
    OpenSegment(Env& env, std::string partition_directory, std::int64_t base_offset, std::size_t index_interval_bytes);
    /// Header at `position`; nothing at the end of the file.
    [[nodiscard]] Result<std::optional<FoundBatch>> batch_at(std::uint64_t position) const;
    [[nodiscard]] Result<void> load_indexes();
    void forget_indexes();
    [[nodiscard]] Result<std::optional<std::uint64_t>> walk_to(std::int64_t from, std::int64_t high_watermark, bool& index_misleads);
    [[nodiscard]] Result<std::optional<TimedOffset>> walk_to_time(std::int64_t time, std::int64_t from, std::int64_t high_watermark,
                                                                  bool& index_misleads);
    [[nodiscard]] Result<std::optional<TimedOffset>> walk_to_newest(std::int64_t from, std::int64_t high_watermark, bool& index_misleads);
    [[nodiscard]] Result<Bytes> read_batch(const FoundBatch& batch) const;
    [[nodiscard]] Result<std::optional<TimedOffset>> first_record_at(const FoundBatch& batch, std::int64_t time, std::int64_t from) const;
    [[nodiscard]] Result<std::optional<TimedOffset>> newest_record(const FoundBatch& batch, std::int64_t from) const;
    [[nodiscard]] Result<void> read_some(Bytes& out, std::uint64_t position, std::size_t size) const;
    /// Entry of a batch that was met beyond the indexes.
    void learn(const FoundBatch& batch);
    [[nodiscard]] std::unexpected<Error> damaged(std::uint64_t position, const std::string& what) const;

    Env& env_;
    const std::string directory_;
    const std::string path_;
    const std::int64_t base_;
    const std::size_t interval_;
    std::unique_ptr<File> file_;

    std::mutex mutex_;  // guards what follows
    bool loaded_ = false;
    std::vector<IndexEntry> offsets_;
    std::vector<TimeIndexEntry> times_;
    IndexBuilder builder_;
    std::uint64_t known_until_ = 0;  // position up to which the indexes are complete
};

}  // namespace tenter::log
