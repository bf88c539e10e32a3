#pragma once
// gateway/log_segment/segment_log.hpp: the embedded log: a journal for durability, segments for reading. Rules: docs/formats/log.md.
//
//   append --> queue --> commit thread --pwrite + fdatasync--> journal/0|1 --> AppendDone (2xx)
//                             |
//                             +--pwrite--> topics/<topic>/<partition>/*.log --> high watermark --> read, follow, watermarks file
//                             |
//                             `--half full--> checkpoint thread: sync segments, replace `checkpoint`, free that half

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log/types.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::log {

/// How the embedded log uses its disk. Everything below `directory` belongs to it; the folder must lie on one file system.
struct SegmentLogOptions {
    std::string directory;
    /// Both halves together. One commit must fit in a half, a restart replays at most all of it. 128 KiB to 2 GiB; rounded to 8 KiB. A
    /// changed value takes effect at the next open.
    std::uint64_t journal_bytes = 128ULL << 20;
    /// A segment file is closed when the next batch would take it over this. 4 KiB to 1 GiB. Of topics that begin with "__" at most 8 MiB.
    std::uint64_t segment_bytes = 128ULL << 20;
    /// What may wait for the commit thread; beyond it appends are `overloaded`.
    std::uint64_t queue_bytes = 64ULL << 20;
    /// Free disk space under which events are `overloaded` and the state is `disk_full`.
    std::uint64_t reserve_bytes = 1ULL << 30;
    /// The reserve is never more than a twentieth of the disk. Set to false where the user named a number.
    bool reserve_at_most_five_percent = true;
    /// Free disk space down to which topics that begin with "__" go on; half of the reserve where that is less.
    std::uint64_t internal_reserve_bytes = 64ULL << 20;
    std::uint64_t max_commit_bytes = 8ULL << 20;    ///< One commit takes at most this from the queue, or one larger request alone.
    std::size_t max_batch_bytes = 1'000'000;        ///< A record batch, unless one record alone is larger.
    std::size_t index_interval_bytes = 4096;        ///< Segment bytes between two entries of the sparse indexes.
    std::chrono::milliseconds retry_interval{100};  ///< Between two tries of a write that met a full disk.
    std::size_t max_open_write_files = 512;         ///< Segments kept open for appends; more topics than this reopen files.
    std::size_t max_open_read_files = 256;          ///< Segments kept open for reads, with their indexes.
};

/// What a start found and did.
struct RecoveryReport {
    bool clean = false;                    ///< The last stop was orderly: nothing was replayed.
    std::uint64_t frames_replayed = 0;     ///< Commits taken from the journal.
    std::uint64_t bytes_replayed = 0;      ///< Of record batches.
    std::uint64_t bytes_cut = 0;           ///< Segment bytes beyond the checkpoint, not trusted and written again from the journal.
    std::uint64_t files_removed = 0;       ///< Segments that the checkpoint does not know.
    std::chrono::milliseconds duration{};  ///< By the clock given to `open`.
};

/// Calls out of the log. Each may come from the commit or the checkpoint thread; none may block or call back into the log.
struct LogObserver {
    std::function<void(const Error&)> on_failed;      ///< Once, when the log becomes `failed`: end the process, exit code 74.
    std::function<void(std::string_view)> on_notice;  ///< For the operator: recovery, disk full, room again.
};

struct RuleBreakers;

/// The embedded log. One object, in one process, owns a folder at a time. Commits are atomic over all partitions.
class SegmentLog final : public EventLog {
public:
    /// Takes the lock, recovers, starts the threads. Returns when everything that was ever acknowledged is readable, or, on a full disk,
    /// in state `disk_full` with what was checkpointed readable; the rest follows as soon as there is room.
    /// `overloaded`: another process or object has the folder. `corrupt`: recovery refuses; the message names file and offset and says what
    /// to do. `invalid_input`: options. `env` and `clock` must outlive the log.
    [[nodiscard]] static Result<std::unique_ptr<SegmentLog>> open(Env& env, const Clock& clock, SegmentLogOptions options,
                                                                  LogObserver observer = {});
    /// `open` with a rule of the log broken on purpose: for the tests that must see events lost. See rule_breakers.hpp.
    [[nodiscard]] static Result<std::unique_ptr<SegmentLog>> open_breaking_rules(Env& env, const Clock& clock, SegmentLogOptions options,
                                                                                 LogObserver observer, const RuleBreakers& breakers);
    /// Stops, as `stop()`.
    ~SegmentLog() override;

    [[nodiscard]] Capabilities capabilities() const noexcept override;
    [[nodiscard]] Result<TopicId> ensure_topic(std::string_view name, std::int32_t partition_count) override;
    [[nodiscard]] std::vector<TopicInfo> topics() const override;
    [[nodiscard]] Result<TopicInfo> find_topic(std::string_view name) const override;
    void append(std::span<const NewRecord> records, AppendDone done) override;
    [[nodiscard]] Result<StoredBatches> read(TopicPartition at, Offset from, std::size_t max_bytes) const override;
    [[nodiscard]] Result<PartitionBounds> bounds(TopicPartition at) const override;
    [[nodiscard]] Result<std::optional<TimedOffset>> offset_for_time(TopicPartition at, UnixMillis time) const override;
    [[nodiscard]] Result<std::optional<TimedOffset>> newest(TopicPartition at) const override;
    /// Durable with the next checkpoint, which also removes the segments that are wholly below, but for the one that is written to.
    [[nodiscard]] Result<void> remove_before(TopicPartition at, Offset first) override;
    [[nodiscard]] Result<std::unique_ptr<Subscription>> follow(TopicPartition at, std::function<void(Offset)> moved) override;
    [[nodiscard]] LogState state() const noexcept override;
    /// Also writes a checkpoint that covers everything, so that the next start replays nothing. A log that failed says why again.
    /// Reads are refused afterwards.
    Result<void> stop() override;

    /// False in state `disk_full` after a start on a full disk: what was acknowledged behind the last checkpoint cannot be read yet.
    [[nodiscard]] bool is_recovered() const noexcept;
    [[nodiscard]] RecoveryReport recovery_report() const;
    /// The same in every process that ever opens this folder, and in no other folder but copies of it. `overloaded` while a log that never
    /// had one waits for room on the disk.
    [[nodiscard]] Result<Uuid> id() const;
    /// Makes everything that was appended before durable in its segments and frees the journal, as a full half would. Waits for it;
    /// `overloaded` if there is no room for it now.
    Result<void> checkpoint();

private:
    struct Core;
    explicit SegmentLog(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

}  // namespace tenter::log
