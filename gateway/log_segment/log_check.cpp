#include "gateway/log_segment/log_check.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "gateway/log/partitioner.hpp"
#include "gateway/log_segment/batch_walk.hpp"
#include "gateway/log_segment/checkpoint.hpp"
#include "gateway/log_segment/journal.hpp"
#include "gateway/log_segment/layout.hpp"
#include "gateway/log_segment/log_id.hpp"
#include "gateway/log_segment/segment_index.hpp"

namespace tenter::log {
namespace {

constexpr std::size_t max_sidecar_size = 1ULL << 30;

/// What the walk over a segment found, for comparing its indexes with.
struct WalkedBatch {
    std::uint64_t position = 0;
    std::int64_t last_offset = 0;
    std::int64_t max_timestamp = 0;
    std::int64_t running_max = 0;
};

/// One look at a whole log.
class Checker {
public:
    Checker(Env& env, Layout layout) : env_(env), layout_(std::move(layout)) {}

    Result<LogCheckReport> run();

private:
    Result<void> check_id();
    Result<void> check_journal(const Checkpoint& checkpoint);
    Result<void> check_frames(const Journal& journal, const JournalScan& scan);
    Result<void> check_partition(const std::string& topic, std::int32_t number, const PartitionCheckpoint& known);
    void set_aside_removed(const std::string& directory, const PartitionCheckpoint& known, std::vector<std::int64_t>& bases);
    /// The offset behind the segment, or nothing if it is damaged.
    Result<std::optional<std::int64_t>> check_segment(const std::string& directory, std::int64_t base, bool active, LogFault place,
                                                      const PartitionCheckpoint& known);
    void check_indexes(const std::string& directory, std::int64_t base, const std::vector<WalkedBatch>& batches);
    Result<void> check_unknown_folders(const Checkpoint& checkpoint);
    void count_beyond(const std::string& path, std::uint64_t from);
    Result<void> count_beyond_in(const std::string& topic_directory);
    void fault(LogFault found) { report_.faults.push_back(std::move(found)); }

    Env& env_;
    const Layout layout_;
    LogCheckReport report_;
};

Result<void> Checker::check_id() {
    const auto id = load_log_id(env_, layout_);
    if (!id && id.error().code != Errc::corrupt) return fail(id.error());
    if (!id) {
        fault({.file = layout_.id(),
               .what = "not the id of a log",
               .remedy = "put the file back from a backup; if nothing of this log was ever forwarded, remove it: the next start makes one",
               .topic = {},
               .sound_until = {},
               .journal_sequence = {}});
    } else if (!*id) {
        report_.notes.push_back(layout_.id() + ": missing; the next start makes one");
    }
    return {};
}

Result<LogCheckReport> Checker::run() {
    if (auto checked = check_id(); !checked) return fail(std::move(checked.error()));
    auto checkpoint = load_checkpoint(env_, layout_);
    if (!checkpoint) {
        const Errc code = checkpoint.error().code;
        if (code != Errc::corrupt && code != Errc::not_found) return fail(std::move(checkpoint.error()));
        fault({.file = layout_.checkpoint(),
               .what = checkpoint.error().message,
               .remedy = "put the whole folder back from a backup",
               .topic = {},
               .sound_until = {},
               .journal_sequence = {}});
        return report_;
    }
    report_.clean = checkpoint->clean;
    if (auto checked = check_journal(*checkpoint); !checked) return fail(std::move(checked.error()));
    for (const auto& topic : checkpoint->topics) {
        ++report_.topics;
        for (std::size_t i = 0; i < topic.partitions.size(); ++i) {
            ++report_.partitions;
            auto checked = check_partition(topic.name, static_cast<std::int32_t>(i), topic.partitions[i]);
            if (!checked) return fail(std::move(checked.error()));
        }
    }
    if (auto checked = check_unknown_folders(*checkpoint); !checked) return fail(std::move(checked.error()));
    return report_;
}

Result<void> Checker::check_journal(const Checkpoint& checkpoint) {
    const auto journal = Journal::open(env_, layout_, OpenMode::read);
    if (!journal) {
        if (journal.error().code != Errc::not_found) return fail(journal.error());
        fault({.file = layout_.journal(),
               .what = journal.error().message,
               .remedy = "put the journal back from a backup",
               .topic = {},
               .sound_until = {},
               .journal_sequence = {}});
        return {};
    }
    if (checkpoint.clean) return {};
    const auto scan = (*journal)->scan(checkpoint.generation, checkpoint.cursor);
    if (!scan) return fail(scan.error());
    report_.journal_frames = scan->frames.size();
    if (scan->fault) {
        const FrameLocation& bad = scan->fault->bad;
        fault({.file = layout_.journal_half(bad.half),
               .position = bad.position,
               .what = "commit " + std::to_string(bad.sequence) + " is damaged; commit " + std::to_string(scan->fault->later.sequence) +
                       " behind it is whole",
               .remedy = "put the journal back from a backup, or give up commit " + std::to_string(bad.sequence) +
                         " and all after it: tenter log repair --journal-from " + std::to_string(bad.sequence),
               .topic = {},
               .sound_until = {},
               .journal_sequence = bad.sequence});
    }
    return check_frames(**journal, *scan);
}

Result<void> Checker::check_frames(const Journal& journal, const JournalScan& scan) {
    Bytes buffer;
    for (const auto& location : scan.frames) {
        const auto frame = journal.read(location, buffer);
        if (!frame) return fail(frame.error());
        const auto entries = parse_frame_body(frame->body);
        bool sound = entries.has_value();
        for (const auto& entry : entries.value_or(std::vector<FrameEntry>{})) sound = sound && decode_batches(entry.batches).has_value();
        if (sound) continue;
        fault({.file = layout_.journal_half(location.half),
               .position = location.position,
               .what = "commit " + std::to_string(location.sequence) + " has the right checksum and a content that cannot be",
               .remedy = "keep the folder and report this: it was written wrongly",
               .topic = {},
               .sound_until = {},
               .journal_sequence = location.sequence});
    }
    return {};
}

Result<void> Checker::check_partition(const std::string& topic, std::int32_t number, const PartitionCheckpoint& known) {
    const std::string directory = layout_.partition(topic, number);
    auto bases = list_segments(env_, directory);
    if (!bases) return fail(bases.error());
    set_aside_removed(directory, known, *bases);
    LogFault place;
    place.topic = topic;
    place.partition = number;
    std::int64_t expected = bases->empty() ? 0 : bases->front();
    if (expected > known.log_start || (bases->empty() && known.position > 0)) {
        place.file = directory;
        place.what = "the segment that holds offset " + std::to_string(known.log_start) + " is missing";
        place.remedy = "put the file back from a backup";
        fault(std::move(place));
        return {};
    }
    for (const std::int64_t base : *bases) {
        if (base > known.segment_base) {
            count_beyond(segment_path(directory, base, SegmentFile::log), 0);
            continue;
        }
        if (base != expected) {
            place.file = segment_path(directory, base, SegmentFile::log);
            place.what = "begins at offset " + std::to_string(base) + ", but the segment before it ends at " + std::to_string(expected);
            place.sound_until = expected;
            place.remedy = "put the missing file back from a backup, or: tenter log repair --to-offset " + std::to_string(expected);
            fault(std::move(place));
            return {};
        }
        const auto next = check_segment(directory, base, base == known.segment_base, place, known);
        if (!next) return fail(next.error());
        if (!*next) return {};
        expected = **next;
    }
    return {};
}

/// Segments below the start of the log need not be whole, or follow each other: their removal was interrupted.
void Checker::set_aside_removed(const std::string& directory, const PartitionCheckpoint& known, std::vector<std::int64_t>& bases) {
    auto first_kept = std::ranges::upper_bound(bases, std::min(known.log_start, known.segment_base));
    if (first_kept != bases.begin()) --first_kept;
    if (first_kept == bases.begin()) return;
    report_.notes.push_back(directory + ": " + std::to_string(first_kept - bases.begin()) +
                            " segments are below the start of the log; the next start removes them");
    bases.erase(bases.begin(), first_kept);
}

Result<std::optional<std::int64_t>> Checker::check_segment(const std::string& directory, std::int64_t base, bool active, LogFault place,
                                                           const PartitionCheckpoint& known) {
    place.file = segment_path(directory, base, SegmentFile::log);
    const auto file = env_.open(place.file, OpenMode::read);
    if (!file) return fail(file.error());
    BatchWalk walk(**file, base);
    std::vector<WalkedBatch> batches;
    std::string ended;
    while (!active || walk.position() < known.position) {
        const std::uint64_t position = walk.position();
        const auto stepped = walk.step();
        if (!stepped) return fail(stepped.error());
        if (!*stepped) {
            ended = walk.fault();
            if (active && ended.empty())
                ended = "the file ends here, though bytes up to " + std::to_string(known.position) + " were durable";
            break;
        }
        const BatchHeader& batch = walk.batch();
        const std::int64_t newest = batch.max_timestamp.time_since_epoch().count();
        batches.push_back(
            {position, batch.last_offset.value, newest, batches.empty() ? newest : std::max(newest, batches.back().running_max)});
        ++report_.batches;
        report_.records += static_cast<std::uint64_t>(batch.record_count);
    }
    ++report_.segments;
    report_.segment_bytes += walk.position();
    const bool agrees = !active || (walk.position() == known.position && walk.next_offset() == known.next_offset);
    if (ended.empty() && !agrees) ended = "no batch ends where the checkpoint says, at byte " + std::to_string(known.position);
    if (!ended.empty()) {
        place.position = walk.position();
        place.what = ended;
        place.sound_until = walk.next_offset();
        place.remedy = "put the file back from a backup, or give up offset " + std::to_string(walk.next_offset()) +
                       " and all after it: tenter log repair --to-offset " + std::to_string(walk.next_offset());
        fault(std::move(place));
        return std::nullopt;
    }
    if (active) count_beyond(place.file, known.position);
    check_indexes(directory, base, batches);
    return walk.next_offset();
}

void Checker::check_indexes(const std::string& directory, std::int64_t base, const std::vector<WalkedBatch>& batches) {
    const std::string index = segment_path(directory, base, SegmentFile::index);
    const std::string times = segment_path(directory, base, SegmentFile::time_index);
    const auto index_bytes = read_file(env_, index, max_sidecar_size);
    const auto time_bytes = read_file(env_, times, max_sidecar_size);
    const std::uint64_t end = batches.empty() ? 0 : batches.back().position + 1;
    const std::int64_t last = batches.empty() ? 0 : batches.back().last_offset - base + 1;
    // Entries beyond the checkpoint are cut by the next start, with the segment.
    for (const auto& entry : decode_index(index_bytes.value_or(Bytes{}), end)) {
        const auto at = std::ranges::lower_bound(batches, static_cast<std::uint64_t>(entry.position), {}, &WalkedBatch::position);
        const bool right = at != batches.end() && at->position == static_cast<std::uint64_t>(entry.position) &&
                           at->last_offset == base + entry.relative_offset;
        if (!right) return report_.notes.push_back(index + ": names a batch that is not there; readers will rebuild it");
    }
    for (const auto& entry : decode_time_index(time_bytes.value_or(Bytes{}), last)) {
        const auto at = std::ranges::lower_bound(batches, base + entry.relative_offset, {}, &WalkedBatch::last_offset);
        const bool right = at != batches.end() && at->last_offset == base + entry.relative_offset && at->max_timestamp == entry.timestamp &&
                           at->running_max == entry.timestamp;
        if (!right) return report_.notes.push_back(times + ": names a timestamp that is not there; readers will rebuild it");
    }
}

void Checker::count_beyond(const std::string& path, std::uint64_t from) {
    const auto file = env_.open(path, OpenMode::read);
    if (!file) return;
    const std::uint64_t size = (*file)->size().value_or(from);
    if (size > from) report_.bytes_beyond_checkpoint += size - from;
}

Result<void> Checker::count_beyond_in(const std::string& topic_directory) {
    const auto partitions = list_or_empty(env_, topic_directory);
    if (!partitions) return fail(partitions.error());
    for (const auto& partition : *partitions) {
        const std::string directory = topic_directory + "/" + partition.name;
        const auto bases = partition.is_directory ? list_segments(env_, directory) : std::vector<std::int64_t>{};
        if (!bases) return fail(bases.error());
        for (const std::int64_t base : *bases) count_beyond(segment_path(directory, base, SegmentFile::log), 0);
    }
    return {};
}

Result<void> Checker::check_unknown_folders(const Checkpoint& checkpoint) {
    const auto names = list_or_empty(env_, layout_.topics());
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        if (!check_topic_name(name.name)) {
            report_.notes.push_back(layout_.topic(name.name) + ": not a topic's folder; it is left alone");
            continue;
        }
        if (std::ranges::find(checkpoint.topics, name.name, &TopicCheckpoint::name) == checkpoint.topics.end()) {
            report_.notes.push_back(layout_.topic(name.name) + ": made after the checkpoint; its records come from the journal");
            if (auto counted = count_beyond_in(layout_.topic(name.name)); !counted) return counted;
        }
    }
    return {};
}

}  // namespace

Result<LogCheckReport> check_log(Env& env, const std::string& directory) {
    const Layout layout(directory);
    if (auto there = check_version(env, layout); !there) return fail(std::move(there.error()));
    const auto lock = env.lock(layout.lock());
    if (!lock) return fail(Error(lock.error()).within("a running gateway has this log; stop it first"));
    return Checker(env, layout).run();
}

Result<RepairReport> repair_log(Env& env, const Clock& clock, const SegmentLogOptions& options, const Repair& repair) {
    if (auto there = check_version(env, Layout(options.directory)); !there) return fail(std::move(there.error()));
    if (!repair.journal_from_sequence) {
        // If recovery is possible it comes first: then every offset is in a segment and can be named.
        const auto sound = LogFolder::open(env, clock, options);
        if (!sound && sound.error().code != Errc::corrupt) return fail(sound.error());
        if (sound) {
            if (auto recovered = (*sound)->finish_recovery(); !recovered) return fail(std::move(recovered.error()));
        }
    }
    const auto folder = LogFolder::open(env, clock, options, {}, repair);
    if (!folder) return fail(folder.error());
    if (auto recovered = (*folder)->finish_recovery(); !recovered) return fail(std::move(recovered.error()));
    return (*folder)->repaired;
}

}  // namespace tenter::log
