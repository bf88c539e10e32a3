#include "gateway/log_segment/segment_cutter.hpp"

#include <algorithm>

#include "gateway/log_segment/batch_walk.hpp"
#include "gateway/log_segment/big_endian.hpp"
#include "gateway/log_segment/layout.hpp"
#include "gateway/log_segment/segment_index.hpp"

namespace tenter::log {
namespace {

constexpr std::size_t max_sidecar_size = 1ULL << 30;
constexpr std::size_t copy_chunk = 1ULL << 20;

/// Cuts a sidecar behind its last entry that `keeps` accepts; looks at all entries only if the last one is too far.
template <std::size_t entry_size, class Keeps>
Result<void> cut_sidecar(Env& env, const std::string& path, Keeps keeps) {
    const auto file = env.open(path, OpenMode::read_write);
    if (!file) return file.error().code == Errc::not_found ? Result<void>{} : fail(file.error());
    const auto size = (*file)->size();
    if (!size) return fail(size.error());
    std::uint64_t end = *size / entry_size * entry_size;
    char entry[entry_size];
    for (; end > 0; end -= entry_size) {
        if (auto read = read_exactly(**file, entry, end - entry_size); !read) return read;
        if (keeps(entry)) break;
    }
    return end == *size ? Result<void>{} : (*file)->truncate(end);
}

Result<void> cut_indexes(Env& env, const std::string& directory, const PartitionCheckpoint& keep) {
    const auto below_position = [&](const char* entry) {
        const auto position = load_big_endian<std::int32_t>(entry + 4);
        return position >= 0 && static_cast<std::uint64_t>(position) < keep.position;
    };
    const auto below_offset = [&](const char* entry) {
        return keep.segment_base + load_big_endian<std::int32_t>(entry + 8) < keep.next_offset;
    };
    const auto path = [&](SegmentFile kind) { return segment_path(directory, keep.segment_base, kind); };
    if (auto cut = cut_sidecar<index_entry_size>(env, path(SegmentFile::index), below_position); !cut) return cut;
    return cut_sidecar<time_index_entry_size>(env, path(SegmentFile::time_index), below_offset);
}

Result<void> remove_files(Env& env, const std::string& directory, std::int64_t base) {
    for (const auto kind : {SegmentFile::index, SegmentFile::time_index, SegmentFile::log}) {
        if (auto removed = remove_if_there(env, segment_path(directory, base, kind)); !removed) return removed;
    }
    return {};
}

Result<void> remove_segment(Env& env, const std::string& directory, std::int64_t base, RecoveryReport& report) {
    const std::string path = segment_path(directory, base, SegmentFile::log);
    if (const auto file = env.open(path, OpenMode::read)) report.bytes_cut += (*file)->size().value_or(0);
    if (auto removed = remove_files(env, directory, base); !removed) return removed;
    ++report.files_removed;
    return {};
}

/// True: the file was longer.
Result<bool> cut_active(Env& env, const std::string& directory, const PartitionCheckpoint& keep, RecoveryReport& report) {
    const std::string path = segment_path(directory, keep.segment_base, SegmentFile::log);
    const auto file = env.open(path, OpenMode::read_write);
    const bool missing = !file && file.error().code == Errc::not_found;
    if (missing && keep.position == 0) return false;
    if (!file && !missing) return fail(file.error());
    const auto size = missing ? Result<std::uint64_t>(0) : (*file)->size();
    if (!size) return fail(size.error());
    if (*size < keep.position) {
        return fail(Errc::corrupt,
                    path + ": ends at byte " + std::to_string(*size) + " although " + std::to_string(keep.position) +
                        " were durable, up to offset " + std::to_string(keep.next_offset) +
                        "; put the file back from a backup, or give up what is missing with `tenter log repair --to-offset`");
    }
    if (auto cut = cut_indexes(env, directory, keep); !cut) return fail(std::move(cut.error()));
    if (*size == keep.position) return false;
    report.bytes_cut += *size - keep.position;
    if (auto cut = (*file)->truncate(keep.position); !cut) return fail(std::move(cut.error()));
    return true;
}

Result<std::uint64_t> size_of(Env& env, const std::string& path) {
    const auto file = env.open(path, OpenMode::read);
    if (!file) return fail(file.error());
    return (*file)->size();
}

}  // namespace

Result<void> copy_file(Env& env, const std::string& from, std::uint64_t position, const std::string& to) {
    const auto source = env.open(from, OpenMode::read);
    if (!source) return fail(source.error());
    auto target = env.open(to, OpenMode::create);
    if (!target) return fail(std::move(target.error()));
    Bytes chunk;
    for (std::uint64_t copied = 0;;) {
        chunk.resize(copy_chunk);
        const auto got = (*source)->pread(chunk, position + copied);
        if (!got) return fail(got.error());
        if (*got == 0) return (*target)->sync_data();
        if (auto written = write_all(**target, BytesView(chunk).substr(0, *got), copied); !written) return written;
        copied += *got;
    }
}

Result<PartitionCut> cut_partition(Env& env, const std::string& partition_directory, const PartitionCheckpoint& keep,
                                   RecoveryReport& report) {
    const auto bases = list_segments(env, partition_directory);
    if (!bases) return fail(bases.error());
    const auto truncated = cut_active(env, partition_directory, keep, report);
    if (!truncated) return fail(truncated.error());
    PartitionCut cut{*truncated, false};
    for (const std::int64_t base : *bases) {
        if (base <= keep.segment_base) continue;
        if (auto removed = remove_segment(env, partition_directory, base, report); !removed) return fail(std::move(removed.error()));
        cut.removed_files = true;
    }
    return cut;
}

Result<void> remove_segments(Env& env, const std::string& partition_directory, const SegmentRemoval& removal) {
    const auto bases = list_segments(env, partition_directory);
    if (!bases) return fail(bases.error());
    for (std::size_t i = 0; i + 1 < bases->size(); ++i) {
        if ((*bases)[i] >= removal.segment_base || (*bases)[i + 1] > removal.log_start) break;
        if (auto removed = remove_files(env, partition_directory, (*bases)[i]); !removed) return removed;
    }
    return {};
}

Result<PartitionCheckpoint> locate_cut(Env& env, const std::string& partition_directory, const PartitionCheckpoint& known,
                                       std::int64_t offset) {
    if (offset < known.log_start || offset > known.next_offset) {
        return fail(Errc::invalid_input, "offset " + std::to_string(offset) + " is outside the log, which goes from " +
                                             std::to_string(known.log_start) + " to " + std::to_string(known.next_offset));
    }
    const auto bases = list_segments(env, partition_directory);
    if (!bases) return fail(bases.error());
    const auto above = std::ranges::upper_bound(*bases, offset);
    if (above == bases->begin()) return fail(Errc::invalid_input, partition_directory + ": no segment begins at or below that offset");
    // Where a segment begins the cut may also be the end of the one before it; the earlier file then stays whole.
    const std::int64_t base = *(above - 1);
    const std::string path = segment_path(partition_directory, base, SegmentFile::log);
    const auto file = env.open(path, OpenMode::read);
    if (!file) return fail(file.error());
    BatchWalk walk(**file, base);
    std::int64_t before = base;
    while (walk.next_offset() < offset) {
        before = walk.next_offset();
        const auto stepped = walk.step();
        if (!stepped) return fail(stepped.error());
        if (!*stepped) {
            return fail(Errc::invalid_input, path + ": the log is not sound up to that offset; it is up to " + std::to_string(before));
        }
    }
    if (walk.next_offset() != offset) {
        return fail(Errc::invalid_input, "offset " + std::to_string(offset) + " is within a batch; one begins at " +
                                             std::to_string(before) + ", the next at " + std::to_string(walk.next_offset()));
    }
    return walk.checkpoint(known.log_start, base);
}

Result<std::vector<std::string>> move_aside(Env& env, const std::string& partition_directory, const PartitionCheckpoint& keep) {
    const auto bases = list_segments(env, partition_directory);
    if (!bases) return fail(bases.error());
    std::vector<std::string> copies;
    for (const std::int64_t base : *bases) {
        if (base < keep.segment_base) continue;
        const std::uint64_t from = base == keep.segment_base ? keep.position : 0;
        const std::string path = segment_path(partition_directory, base, SegmentFile::log);
        const auto size = size_of(env, path);
        if (!size) return fail(size.error());
        if (*size <= from) continue;
        const std::string name = partition_directory + "/damaged-" + std::to_string(base) + "-" + std::to_string(from);
        if (auto copied = copy_file(env, path, from, name); !copied) return fail(std::move(copied.error()));
        copies.push_back(name);
    }
    if (auto synced = env.sync_directory(partition_directory); !synced) return fail(std::move(synced.error()));
    return copies;
}

Result<PartitionCheckpoint> trust_what_is_there(Env& env, const std::string& partition_directory, const PartitionCheckpoint& keep) {
    const auto bases = list_segments(env, partition_directory);
    if (!bases) return fail(bases.error());
    PartitionCheckpoint trusted = keep;
    for (const std::int64_t base : *bases) {
        if (base < keep.segment_base || (base > keep.segment_base && base != trusted.next_offset)) continue;
        const auto file = env.open(segment_path(partition_directory, base, SegmentFile::log), OpenMode::read);
        if (!file) return fail(file.error());
        BatchWalk walk(**file, base);
        for (;;) {
            const auto stepped = walk.step();
            if (!stepped) return fail(stepped.error());
            if (!*stepped) break;
        }
        if (walk.next_offset() >= trusted.next_offset) trusted = walk.checkpoint(keep.log_start, base);
    }
    return trusted;
}

}  // namespace tenter::log
