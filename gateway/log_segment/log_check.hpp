#pragma once
// gateway/log_segment/log_check.hpp: what `tenter log check` and `tenter log repair` do, on a log that nobody runs.
//
// Recovery refuses what it cannot explain by a crash: a damaged commit in the journal with a whole one behind it, a segment shorter than
// the checkpoint says. Check finds these, and damage that only a reader would meet. Repair opens such a log by giving up what a person
// names, no more; what is cut off is copied beside the segments or the journal first, as `damaged-...`.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log_segment/log_folder.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// Something that a person should know, and what they can do about it.
struct LogFault {
    std::string file;
    std::uint64_t position = 0;  ///< In the file.
    std::string what;
    std::string remedy;
    /// What stands to be given up, for `tenter log repair --to-offset`: the sound part of that partition ends here.
    std::string topic;
    std::int32_t partition = 0;
    std::optional<std::int64_t> sound_until;
    /// The same for the journal: sound before this commit.
    std::optional<std::uint64_t> journal_sequence;
};

struct LogCheckReport {
    std::vector<LogFault> faults;    ///< Damage. None: the log opens and everything in it can be read.
    std::vector<std::string> notes;  ///< Things that heal by themselves, such as an index that will be rebuilt.
    std::uint64_t topics = 0;
    std::uint64_t partitions = 0;
    std::uint64_t segments = 0;
    std::uint64_t batches = 0;
    std::uint64_t records = 0;
    std::uint64_t segment_bytes = 0;
    std::uint64_t journal_frames = 0;           ///< Commits that the next start will replay.
    std::uint64_t bytes_beyond_checkpoint = 0;  ///< Which the next start will cut and write again from the journal.
    bool clean = false;                         ///< The last stop was orderly.
};

/// Looks at every byte that holds something; changes nothing. `not_found`: no log there; `overloaded`: somebody runs it, stop them first.
[[nodiscard]] Result<LogCheckReport> check_log(Env& env, const std::string& directory);

/// Opens a damaged log by giving up what `repair` names: the end of partitions, from an offset where a batch begins, and the end of the
/// journal, from a commit that is no later than the first damaged one. Afterwards the log is recovered and sound; if something else stands
/// in the way, that is the error, and nothing was given up. `invalid_input` names the nearest possible offsets.
[[nodiscard]] Result<RepairReport> repair_log(Env& env, const Clock& clock, const SegmentLogOptions& options, const Repair& repair);

}  // namespace tenter::log
