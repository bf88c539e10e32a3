#pragma once
// gateway/log_segment/segment_cutter.hpp: recovery's second rule: no segment byte beyond the checkpoint is trusted. After a failed sync the
// page cache may show bytes that the disk does not have; only writing them again tells.

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/log_segment/checkpoint.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// What `cut_partition` did that must become durable.
struct PartitionCut {
    bool truncated = false;
    bool removed_files = false;
};

/// Cuts segment, indexes and newer segments to what `keep` says. `corrupt` if the segment is shorter, before anything was changed.
/// Adds to `report`.
[[nodiscard]] Result<PartitionCut> cut_partition(Env& env, const std::string& partition_directory, const PartitionCheckpoint& keep,
                                                 RecoveryReport& report);

/// Which segments of a partition are of no use any more: those below the start of the log as a durable checkpoint has it. Never the one
/// that the checkpoint names, or a later one.
struct SegmentRemoval {
    std::int64_t log_start = 0;
    std::int64_t segment_base = 0;  ///< The checkpoint's.

    /// Whether `later` may find something to remove that this did not.
    [[nodiscard]] bool is_less_than(const SegmentRemoval& later) const noexcept {
        return later.log_start > 0 && (later.log_start > log_start || later.segment_base > segment_base);
    }
};

/// Removes segments that are wholly below the log's start, oldest first, sidecars before the segment itself: what is interrupted is done by
/// the next call. Names that a power cut brings back do no harm.
[[nodiscard]] Result<void> remove_segments(Env& env, const std::string& partition_directory, const SegmentRemoval& removal);

/// Where `offset` begins in the segments: what to keep of a partition whose records from `offset` on are given up. Walks from the start of
/// the segment; never beyond `known`. `invalid_input` if no batch begins there, naming the nearest offsets where one does.
[[nodiscard]] Result<PartitionCheckpoint> locate_cut(Env& env, const std::string& partition_directory, const PartitionCheckpoint& known,
                                                     std::int64_t offset);

/// Copies a file from `position` on, durably but for the name.
[[nodiscard]] Result<void> copy_file(Env& env, const std::string& from, std::uint64_t position, const std::string& to);

/// Copies everything beyond `keep` to "damaged-<base offset>-<position>" beside the segments, durably; names of the copies.
[[nodiscard]] Result<std::vector<std::string>> move_aside(Env& env, const std::string& partition_directory,
                                                          const PartitionCheckpoint& keep);

/// Breaks the rule on purpose: `keep` moved to the end of the valid batches that the segments show. For RuleBreakers.
[[nodiscard]] Result<PartitionCheckpoint> trust_what_is_there(Env& env, const std::string& partition_directory,
                                                              const PartitionCheckpoint& keep);

}  // namespace tenter::log
