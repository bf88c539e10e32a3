#include "gateway/log_segment/log_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "gateway/log/partitioner.hpp"
#include "gateway/log/record_batch.hpp"
#include "gateway/log_segment/log_id.hpp"
#include "gateway/log_segment/segment_cutter.hpp"
#include "tenter/base/random.hpp"

namespace tenter::log {
namespace {

constexpr std::uint64_t kibibyte = 1024;

std::uint64_t half_of(std::uint64_t journal_bytes) noexcept { return journal_bytes / 2 / frame_alignment * frame_alignment; }

std::uint64_t new_generation() {
    SystemRandom random;
    return random.next_u64() | 1;  // never 0, which says "not valid" in the watermarks
}

Result<void> check_range(std::string_view name, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
    if (value >= least && value <= most) return {};
    return fail(Errc::invalid_input, std::string(name) + " is " + std::to_string(value) + ", not between " + std::to_string(least) +
                                         " and " + std::to_string(most));
}

std::unexpected<Error> journal_damaged(const Layout& layout, const JournalFault& fault) {
    const auto place = [&](const FrameLocation& at) { return layout.journal_half(at.half) + " at byte " + std::to_string(at.position); };
    return fail(Errc::corrupt, place(fault.bad) + ": commit " + std::to_string(fault.bad.sequence) + " is damaged, and commit " +
                                   std::to_string(fault.later.sequence) + " behind it (" + place(fault.later) +
                                   ") is whole: this is not the end of the log; put the journal back from a backup, or give up commit " +
                                   std::to_string(fault.bad.sequence) + " and everything after it with `tenter log repair --journal-from " +
                                   std::to_string(fault.bad.sequence) + "`");
}

}  // namespace

Result<void> check_options(const SegmentLogOptions& options) {
    constexpr std::uint64_t mebibyte = kibibyte * kibibyte;
    if (options.directory.empty()) return fail(Errc::invalid_input, "the log needs a folder");
    if (auto ok = check_range("journal_bytes", options.journal_bytes, 16 * kibibyte, 2048 * mebibyte); !ok) return ok;
    if (auto ok = check_range("segment_bytes", options.segment_bytes, 1 * kibibyte, 1024 * mebibyte); !ok) return ok;
    if (auto ok = check_range("max_batch_bytes", options.max_batch_bytes, 1, 64 * mebibyte); !ok) return ok;
    return check_range("index_interval_bytes", options.index_interval_bytes, 1, mebibyte);
}

LogFolder::LogFolder(Env& its_env, const Clock& its_clock, const SegmentLogOptions& its_options, const RuleBreakers& its_breakers)
    : env(its_env),
      clock(its_clock),
      options(its_options),
      breakers(its_breakers),
      layout(its_options.directory),
      segments(its_env, its_options.max_open_read_files, its_options.index_interval_bytes),
      topics(layout, {segments, its_options.segment_bytes, its_options.index_interval_bytes}),
      files(its_env, layout, its_options.max_open_write_files, syncfs_reports_errors()),
      started_(its_clock.monotonic()) {}

Result<std::unique_ptr<LogFolder>> LogFolder::open(Env& env, const Clock& clock, const SegmentLogOptions& options,
                                                   const RuleBreakers& breakers, const Repair& repair) {
    if (auto checked = check_options(options); !checked) return fail(std::move(checked.error()));
    std::unique_ptr<LogFolder> folder(new LogFolder(env, clock, options, breakers));
    if (auto locked = folder->lock_and_check_version(); !locked) return fail(std::move(locked.error()));
    if (auto loaded = folder->load(repair); !loaded) return fail(std::move(loaded.error()));
    return folder;
}

Result<void> LogFolder::lock_and_check_version() {
    if (auto made = env.create_directories(layout.topics()); !made) return made;
    auto lock = env.lock(layout.lock());
    if (!lock) return fail(std::move(lock.error()));
    lock_ = std::move(*lock);
    auto known = check_version(env, layout);
    if (!known && known.error().code == Errc::not_found) known = create();
    if (!known) return known;
    auto file = env.open(layout.version(), OpenMode::read);
    if (!file) return fail(std::move(file.error()));
    on_file_system = std::move(*file);
    return {};
}

/// VERSION is written last: a folder without it was never in use.
Result<void> LogFolder::create() {
    const auto there = list_or_empty(env, layout.topics());
    if (!there) return fail(there.error());
    if (!there->empty()) {
        return fail(Errc::corrupt, layout.version() + ": missing, although topics/ is not empty; put the file back from a backup");
    }
    if (auto made = Journal::create(env, layout, half_of(options.journal_bytes)); !made) return made;
    CheckpointEncoder checkpoint(true, new_generation(), {});
    if (auto stored = store_checkpoint(env, layout, std::move(checkpoint).finish()); !stored) return stored;
    // Before VERSION: a start that finds VERSION looks no further up.
    if (auto synced = sync_ancestors(); !synced) return synced;
    return replace_file(env, layout.version(), format_version);
}

/// The folders above may be as new as the log.
Result<void> LogFolder::sync_ancestors() {
    for (auto slash = layout.root().rfind('/');; slash = layout.root().rfind('/', slash - 1)) {
        const std::string path = slash == std::string::npos ? "." : slash == 0 ? "/" : layout.root().substr(0, slash);
        const auto synced = env.sync_directory(path);
        if (!synced && synced.error().os_error != EACCES) return synced;  // what we may not read we did not make
        if (slash == std::string::npos || slash == 0) return {};
    }
}

Result<void> LogFolder::load(const Repair& repair) {
    repair_ = repair;
    auto known_id = load_log_id(env, layout);
    if (!known_id) return fail(std::move(known_id.error()));
    id = *known_id;
    auto checkpoint = load_checkpoint(env, layout);
    if (!checkpoint) {
        if (checkpoint.error().code == Errc::not_found) checkpoint.error().code = Errc::corrupt;
        return fail(std::move(checkpoint.error()));
    }
    checkpoint_ = std::move(*checkpoint);
    auto opened = Journal::open(env, layout, OpenMode::read_write);
    if (!opened) return fail(std::move(opened.error()));
    journal = std::move(*opened);
    report.clean = checkpoint_.clean;
    scan_.end = checkpoint_.cursor;
    if (!checkpoint_.clean) {
        auto scan = journal->scan(checkpoint_.generation, checkpoint_.cursor, repair.journal_from_sequence);
        if (!scan) return fail(std::move(scan.error()));
        if (scan->fault) return journal_damaged(layout, *scan->fault);
        scan_ = std::move(*scan);
    }
    if (auto possible = check_repair(); !possible) return possible;
    if (repair.journal_from_sequence) {
        if (auto copied = copy_journal(*repair.journal_from_sequence); !copied) return copied;
    }
    if (auto published = open_watermarks(); !published) return published;
    return open_topics();
}

Result<void> LogFolder::check_repair() const {
    for (const auto& target : repair_.partitions) {
        const auto topic = std::ranges::find(checkpoint_.topics, target.topic, &TopicCheckpoint::name);
        if (topic == checkpoint_.topics.end() || target.partition < 0 ||
            std::cmp_greater_equal(target.partition, topic->partitions.size())) {
            return fail(Errc::not_found, "no topic \"" + target.topic + "\" with partition " + std::to_string(target.partition));
        }
    }
    if (!repair_.journal_from_sequence) return {};
    const std::uint64_t from = *repair_.journal_from_sequence;
    if (from >= checkpoint_.cursor.sequence && from == scan_.end.sequence) return {};
    return fail(Errc::invalid_input, "commit " + std::to_string(from) + " is not in the journal, which holds " +
                                         std::to_string(checkpoint_.cursor.sequence) + " up to, not including, " +
                                         std::to_string(scan_.end.sequence));
}

Result<void> LogFolder::copy_journal(std::uint64_t sequence) {
    for (int half = 0; half < 2; ++half) {
        const std::string copy = layout.journal() + "/damaged-" + std::to_string(sequence) + "-" + std::to_string(half);
        if (auto copied = copy_file(env, layout.journal_half(half), 0, copy); !copied) return copied;
        repaired.moved_aside.push_back(copy);
    }
    return env.sync_directory(layout.journal());
}

const RepairTarget* Repair::find(std::string_view topic, std::int32_t partition) const noexcept {
    const auto found =
        std::ranges::find_if(partitions, [&](const auto& target) { return target.topic == topic && target.partition == partition; });
    return found == partitions.end() ? nullptr : &*found;
}

/// Before the first segment is cut, readers beside us must stop to believe the old watermarks.
Result<void> LogFolder::open_watermarks() {
    auto writer = WatermarkWriter::open(env, layout);
    if (writer) {
        watermarks = std::move(*writer);
        return {};
    }
    if (writer.error().code != Errc::overloaded) return fail(std::move(writer.error()));
    return remove_if_there(env, layout.watermarks());
}

Result<void> LogFolder::open_topics() {
    for (const auto& known : checkpoint_.topics) ensure_topic(known.name, static_cast<std::int32_t>(known.partitions.size()));
    // Partitions that a person cuts come last: if another one is damaged too, nothing was given up in vain.
    for (const bool repairing : {false, true}) {
        for (const auto& known : checkpoint_.topics) {
            const Topic& topic = *topics.find(known.name);
            for (std::size_t i = 0; i < known.partitions.size(); ++i) {
                const bool named = repair_.find(known.name, static_cast<std::int32_t>(i)) != nullptr;
                if (named != repairing) continue;
                if (auto opened = open_partition(*topic.partitions[i], known.partitions[i]); !opened) return opened;
            }
        }
    }
    return checkpoint_.clean ? Result<void>{} : open_topics_on_disk();
}

Result<void> LogFolder::open_partition(Partition& partition, PartitionCheckpoint keep) {
    const std::string& directory = partition.writer.directory();
    const RepairTarget* const target = repair_.find(partition.topic.name, partition.at.partition.value);
    if (target != nullptr) {
        auto repaired_keep = repair_partition(directory, keep, target->offset);
        if (!repaired_keep) return fail(std::move(repaired_keep.error()));
        keep = *repaired_keep;
    }
    if (breakers.trust_segments_beyond_checkpoint) {
        auto trusted = trust_what_is_there(env, directory, keep);
        if (!trusted) return fail(std::move(trusted.error()));
        keep = *trusted;
    }
    if (!checkpoint_.clean || target != nullptr) {
        if (auto done = cut(directory, keep); !done) return done;
    }
    partition.resume(keep);
    partition.publish();
    return {};
}

Result<PartitionCheckpoint> LogFolder::repair_partition(const std::string& partition_directory, const PartitionCheckpoint& known,
                                                        std::int64_t offset) {
    auto keep = locate_cut(env, partition_directory, known, offset);
    if (!keep) return keep;
    auto moved = move_aside(env, partition_directory, *keep);
    if (!moved) return fail(std::move(moved.error()));
    repaired.moved_aside.insert(repaired.moved_aside.end(), moved->begin(), moved->end());
    repaired.records_given_up += known.next_offset - offset;
    return keep;
}

/// What was cut must stay cut, also where no later write touches the file.
Result<void> LogFolder::cut(const std::string& partition_directory, const PartitionCheckpoint& keep) {
    const auto done = cut_partition(env, partition_directory, keep, report);
    if (!done) return fail(done.error());
    if (done->removed_files) files.touch_directory(partition_directory);
    return done->truncated ? files.touch(partition_directory, keep.segment_base) : Result<void>{};
}

/// Folders that the checkpoint does not know: topics made after it. What is in them comes from the journal.
Result<void> LogFolder::open_topics_on_disk() {
    const auto names = list_or_empty(env, layout.topics());
    if (!names) return fail(names.error());
    for (const auto& name : *names) {
        if (!check_topic_name(name.name)) continue;
        const auto numbers = list_or_empty(env, layout.topic(name.name));
        if (!numbers) return fail(numbers.error());
        std::int32_t known = topics.partition_count(name.name);
        for (const auto& entry : *numbers) {
            const auto number = parse_partition_name(entry.name);
            if (!number || *number < known) continue;
            PartitionCheckpoint keep;
            const std::string directory = layout.partition(name.name, *number);
            if (breakers.trust_segments_beyond_checkpoint) keep = trust_what_is_there(env, directory, keep).value_or(keep);
            if (auto done = cut(directory, keep); !done) return done;
            Partition& partition = *ensure_topic(name.name, *number + 1).partitions[static_cast<std::size_t>(*number)];
            partition.resume(keep);
        }
    }
    return {};
}

Topic& LogFolder::ensure_topic(std::string_view name, std::int32_t partition_count) {
    return topics.ensure(name, partition_count, [this](Partition& partition) {
        if (!watermarks) return;
        if (auto slot = watermarks->add(partition.topic.name, partition.at.partition.value, 0, 0)) partition.slot = *slot;
    });
}

Result<void> LogFolder::finish_recovery() {
    for (; replayed_ < scan_.frames.size(); ++replayed_) {
        if (auto done = replay_frame(scan_.frames[replayed_]); !done) return done;
    }
    const UnsyncedSegments unsynced = take_unsynced();
    for (const auto& indexes : unsynced.indexes) write_indexes(env, indexes);
    if (auto synced = make_durable(env, *on_file_system, unsynced); !synced) {
        synced.error().code = Errc::unavailable;  // never tried again
        return synced;
    }
    if (!id) {
        auto made = make_log_id(env, layout, clock);
        if (!made) return fail(std::move(made.error()));
        id = *made;
    }
    return begin_generation();  // its checkpoint syncs the folder, and with it the name ID
}

Result<void> LogFolder::replay_frame(const FrameLocation& location) {
    const auto frame = journal->read(location, frame_buffer_);
    if (!frame) return fail(frame.error());
    const auto entries = parse_frame_body(frame->body);
    if (!entries) return fail(entries.error());
    for (const auto& entry : *entries) {
        if (auto done = replay_entry(entry, frame->body); !done) {
            return fail(std::move(done.error()).within("commit " + std::to_string(location.sequence)));
        }
    }
    ++report.frames_replayed;
    return {};
}

Result<void> LogFolder::replay_entry(const FrameEntry& entry, BytesView body) {
    if (auto named = check_topic_name(entry.topic); !named || entry.partition < 0 || entry.partition >= 10'000) {
        return fail(Errc::corrupt, "its topic or partition cannot be");
    }
    Partition& partition = *ensure_topic(entry.topic, entry.partition + 1).partitions[static_cast<std::size_t>(entry.partition)];
    std::vector<PlacedBatch> batches;
    const auto start = static_cast<std::size_t>(entry.batches.data() - body.data());
    for (std::size_t at = 0; at < entry.batches.size();) {
        const auto header = check_batch(entry.batches.substr(at));
        if (!header) return fail(Error(header.error()).within(std::string(entry.topic)));
        // What is below was written by this recovery already, before it ran out of room. The log's start is not above what was in segments.
        if (header->base_offset.value >= partition.writer.next_offset()) {
            batches.push_back({start + at, header->total_size, header->base_offset.value, header->last_offset.value,
                               header->max_timestamp.time_since_epoch().count()});
        }
        at += header->total_size;
    }
    if (batches.empty()) return {};
    if (repair_.find(entry.topic, entry.partition) != nullptr) return set_aside(partition, body, batches);
    if (batches.front().base_offset != partition.writer.next_offset()) {
        return fail(Errc::corrupt, "topic " + std::string(entry.topic) + " partition " + std::to_string(entry.partition) +
                                       ": the journal goes on at offset " + std::to_string(batches.front().base_offset) +
                                       " and the segments end at " + std::to_string(partition.writer.next_offset()));
    }
    std::size_t done = 0;
    auto written = partition.writer.write(files, body, batches, done);
    partition.next_offset = partition.writer.next_offset();
    for (std::size_t i = 0; i < done; ++i) report.bytes_replayed += batches[i].size;
    return written;
}

/// Commits of the journal that a repair gives up with the rest of its partition.
Result<void> LogFolder::set_aside(const Partition& partition, BytesView body, const std::vector<PlacedBatch>& batches) {
    const std::string name = partition.writer.directory() + "/damaged-journal-" + std::to_string(batches.front().base_offset);
    auto file = env.open(name, OpenMode::create);
    if (!file) return fail(std::move(file.error()));
    const std::size_t begin = batches.front().at;
    const std::size_t end = batches.back().at + batches.back().size;
    if (auto written = write_all(**file, body.substr(begin, end - begin), 0); !written) return written;
    if (auto synced = (*file)->sync_data(); !synced) return synced;
    repaired.moved_aside.push_back(name);
    return env.sync_directory(partition.writer.directory());
}

Result<void> LogFolder::begin_generation() {
    const std::uint64_t generation = new_generation();
    const JournalCursor start{0, 0, scan_.end.sequence, 0};
    journal->start(generation, start);
    const auto removals = take_removals();
    if (auto stored = store_checkpoint(env, layout, encode_checkpoint(false, start)); !stored) return stored;
    if (auto resized = journal->resize(half_of(options.journal_bytes)); !resized) return resized;
    // What an earlier life did not come to. A file too many does no harm: what fails is left to the next checkpoint.
    for (const auto& order : removals) {
        if (!order.carry_out(env)) removals_left_.push_back(order);
    }
    {
        const auto lock = topics.lock_shared();
        for (const auto& topic : topics.all_locked()) {
            for (const auto& partition : topic->partitions) partition->publish();
        }
    }
    if (watermarks) watermarks->publish(generation);
    report.duration = std::chrono::duration_cast<std::chrono::milliseconds>(clock.monotonic() - started_);
    return {};
}

Bytes LogFolder::encode_checkpoint(bool clean, const JournalCursor& cursor) const {
    CheckpointEncoder encoder(clean, journal->generation(), cursor);
    const auto lock = topics.lock_shared();
    for (const auto& topic : topics.all_locked()) {
        encoder.add_topic(topic->name, static_cast<std::uint32_t>(topic->partitions.size()));
        for (const auto& partition : topic->partitions) encoder.add_partition(partition->checkpoint());
    }
    return std::move(encoder).finish();
}

std::vector<RemovalOrder> LogFolder::take_removals() {
    std::vector<RemovalOrder> orders = std::exchange(removals_left_, {});
    const auto lock = topics.lock_shared();
    for (const auto& topic : topics.all_locked()) {
        for (const auto& partition : topic->partitions) {
            const PartitionCheckpoint now = partition->checkpoint();
            const SegmentRemoval removal{now.log_start, now.segment_base};
            if (!partition->removed.is_less_than(removal)) continue;
            partition->removed = removal;
            const std::string& directory = partition->writer.directory();
            files.close_below(directory, now.segment_base);
            orders.push_back({directory, removal, &partition->reader});
        }
    }
    return orders;
}

UnsyncedSegments LogFolder::take_unsynced() {
    const auto lock = topics.lock_shared();
    for (const auto& topic : topics.all_locked()) {
        for (const auto& partition : topic->partitions) partition->writer.hand_over_indexes(files);
    }
    return files.take_unsynced();
}

}  // namespace tenter::log
