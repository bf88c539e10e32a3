#pragma once
// gateway/log_segment/log_folder.hpp: a log's folder, locked and recovered: what the commit thread, and every tool that needs a sound log,
// stands on. Belongs to one thread, but for `topics` and `segments`.
//
//   open: lock -> VERSION -> ID -> checkpoint -> scan the journal (a refusal changes nothing) -> cut segments to the checkpoint
//   finish_recovery: write the frames' batches -> sync -> ID where there was none -> new checkpoint, new generation -> publish watermarks

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/log_segment/checkpoint.hpp"
#include "gateway/log_segment/checkpointer.hpp"
#include "gateway/log_segment/journal.hpp"
#include "gateway/log_segment/rule_breakers.hpp"
#include "gateway/log_segment/segment_files.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "gateway/log_segment/topic_table.hpp"
#include "gateway/log_segment/watermarks.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::log {

/// Everything of one partition from an offset on. It must be where a batch begins, or the end.
struct RepairTarget {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
};

/// What a person gives up so that a damaged log can be opened (`tenter log repair`).
struct Repair {
    std::vector<RepairTarget> partitions;
    std::optional<std::uint64_t> journal_from_sequence;  ///< All commits of the journal from this one on.

    [[nodiscard]] const RepairTarget* find(std::string_view topic, std::int32_t partition) const noexcept;
};

/// What a repair did.
struct RepairReport {
    std::int64_t records_given_up = 0;     ///< Of the named partitions, as far as they were in segments.
    std::vector<std::string> moved_aside;  ///< Copies of what was cut off.
};

/// `invalid_input` names the option.
[[nodiscard]] Result<void> check_options(const SegmentLogOptions& options);

class LogFolder {
public:
    [[nodiscard]] static Result<std::unique_ptr<LogFolder>> open(Env& env, const Clock& clock, const SegmentLogOptions& options,
                                                                 const RuleBreakers& breakers = {}, const Repair& repair = {});
    /// `overloaded`: no room on the disk; nothing is lost, call it again later. Everything else is final.
    [[nodiscard]] Result<void> finish_recovery();

    /// Another process may open the folder from here on; nothing but destroying may follow.
    void unlock() noexcept { lock_.reset(); }
    /// A topic with at least that many partitions, their folders and watermarks. Any thread, one at a time.
    Topic& ensure_topic(std::string_view name, std::int32_t partition_count);
    /// All partitions as they are in their segments now.
    [[nodiscard]] Bytes encode_checkpoint(bool clean, const JournalCursor& cursor) const;
    /// Segments that are to be removed once a checkpoint that was encoded now is durable; what is open of them for appends is closed.
    /// To be called before `encode_checkpoint`: the start of the log may move at any time.
    [[nodiscard]] std::vector<RemovalOrder> take_removals();
    /// Everything written to segments since the last call, with its index entries.
    [[nodiscard]] UnsyncedSegments take_unsynced();

    Env& env;
    const Clock& clock;
    const SegmentLogOptions options;
    const RuleBreakers breakers;
    const Layout layout;
    OpenSegments segments;  ///< For readers.
    TopicTable topics;
    SegmentFiles files;
    std::unique_ptr<Journal> journal;
    std::unique_ptr<File> on_file_system;         ///< For syncfs; opened before anything is written.
    std::unique_ptr<WatermarkWriter> watermarks;  ///< Null where there was no room for it: no reader beside this process then.
    std::optional<Uuid> id;                       ///< Set, and durable, once recovery is finished.
    RecoveryReport report;
    RepairReport repaired;

private:
    LogFolder(Env& its_env, const Clock& its_clock, const SegmentLogOptions& its_options, const RuleBreakers& its_breakers);
    [[nodiscard]] Result<void> lock_and_check_version();
    [[nodiscard]] Result<void> create();
    [[nodiscard]] Result<void> sync_ancestors();
    [[nodiscard]] Result<void> load(const Repair& repair);
    [[nodiscard]] Result<void> open_watermarks();
    [[nodiscard]] Result<void> check_repair() const;
    [[nodiscard]] Result<void> copy_journal(std::uint64_t sequence);
    [[nodiscard]] Result<void> open_topics();
    [[nodiscard]] Result<void> open_partition(Partition& partition, PartitionCheckpoint keep);
    [[nodiscard]] Result<void> cut(const std::string& partition_directory, const PartitionCheckpoint& keep);
    [[nodiscard]] Result<PartitionCheckpoint> repair_partition(const std::string& partition_directory, const PartitionCheckpoint& known,
                                                               std::int64_t offset);
    [[nodiscard]] Result<void> open_topics_on_disk();
    [[nodiscard]] Result<void> replay_frame(const FrameLocation& location);
    [[nodiscard]] Result<void> replay_entry(const FrameEntry& entry, BytesView body);
    [[nodiscard]] Result<void> set_aside(const Partition& partition, BytesView body, const std::vector<PlacedBatch>& batches);
    [[nodiscard]] Result<void> begin_generation();

    std::unique_ptr<FileLock> lock_;
    Checkpoint checkpoint_;
    JournalScan scan_;
    Repair repair_;
    std::size_t replayed_ = 0;  // frames of scan_ that are in segments
    std::vector<RemovalOrder> removals_left_;
    Bytes frame_buffer_;
    Instant started_;
};

}  // namespace tenter::log
