#include "gateway/log_segment/segment_files.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include <sys/utsname.h>

#include "gateway/log_segment/big_endian.hpp"

namespace tenter::log {
namespace {

/// From this many on one syncfs is cheaper than a sync of each file.
constexpr std::size_t many_files = 16;

bool out_of_descriptors(const Error& error) noexcept { return error.os_error == EMFILE || error.os_error == ENFILE; }

/// The last whole entry of a sidecar, and where the next one goes.
template <std::size_t entry_size>
Result<std::uint64_t> end_of_entries(const File& file, Bytes& last) {
    const auto size = file.size();
    if (!size) return fail(size.error());
    const std::uint64_t end = *size / entry_size * entry_size;
    if (end == 0) return end;
    last.resize(entry_size);
    if (auto read = read_exactly(file, last, end - entry_size); !read) return fail(std::move(read.error()));
    return end;
}

template <std::size_t entry_size, class Entry>
bool append_entries(Env& env, const std::string& path, const std::vector<Entry>& entries, std::size_t offset_at,
                    Bytes (*encode)(const std::vector<Entry>&)) {
    const auto file = env.open(path, OpenMode::create);
    if (!file) return false;
    Bytes last;
    const auto end = end_of_entries<entry_size>(**file, last);
    if (!end) return false;
    const std::int64_t known = last.empty() ? -1 : load_big_endian<std::int32_t>(last.data() + offset_at);
    const auto first_new = std::ranges::find_if(entries, [known](const Entry& entry) { return entry.relative_offset > known; });
    return write_all(**file, encode({first_new, entries.end()}), *end).has_value();
}

}  // namespace

bool syncfs_reports_errors() {
    utsname name{};
    if (::uname(&name) != 0) return false;
    int major = 0;
    int minor = 0;
    const char* const end = name.release + std::strlen(name.release);
    const auto first = std::from_chars(name.release, end, major);
    if (first.ec != std::errc{} || first.ptr == end || std::from_chars(first.ptr + 1, end, minor).ec != std::errc{}) return false;
    return major > 5 || (major == 5 && minor >= 8);
}

SegmentFiles::SegmentFiles(Env& env, Layout layout, std::size_t max_open, bool syncfs_reliable)
    : env_(env), layout_(std::move(layout)), syncfs_reliable_(syncfs_reliable), open_(max_open) {}

Result<void> SegmentFiles::make_room() {
    while (const auto oldest = open_.oldest_if_full()) {
        if (oldest->dirty && !syncfs_reliable_) {
            if (auto synced = oldest->file->sync_data(); !synced)
                return fail(Errc::unavailable, synced.error().message, synced.error().os_error);
        }
        close_oldest(*oldest);
    }
    return {};
}

void SegmentFiles::close_oldest(const Opened& oldest) {
    closed_dirty_ = closed_dirty_ || oldest.dirty;
    open_.drop_oldest();
}

Result<std::unique_ptr<File>> SegmentFiles::open_file(const std::string& path, const std::string& partition_directory, bool is_new) {
    auto file = env_.open(path, is_new ? OpenMode::create : OpenMode::read_write);
    if (file || !is_new || file.error().code != Errc::not_found) return file;
    if (auto made = env_.create_directories(partition_directory); !made) return fail(std::move(made.error()));
    return env_.open(path, OpenMode::create);
}

Result<std::shared_ptr<SegmentFiles::Opened>> SegmentFiles::get(const std::string& partition_directory, std::int64_t base_offset,
                                                                bool is_new) {
    const Key key(partition_directory, base_offset);
    if (auto found = open_.find(key)) return found;
    if (auto room = make_room(); !room) return fail(std::move(room.error()));
    const std::string path = segment_path(partition_directory, base_offset, SegmentFile::log);
    auto file = open_file(path, partition_directory, is_new);
    while (!file && out_of_descriptors(file.error()) && syncfs_reliable_) {
        const auto oldest = open_.oldest();
        if (!oldest) break;
        close_oldest(*oldest);
        file = open_file(path, partition_directory, is_new);
    }
    if (!file) return fail(std::move(file.error()));
    auto opened = std::make_shared<Opened>();
    opened->file = std::move(*file);
    open_.insert(key, opened);
    return opened;
}

Result<void> SegmentFiles::write(const std::string& partition_directory, std::int64_t base_offset, BytesView bytes,
                                 std::uint64_t position) {
    const auto opened = get(partition_directory, base_offset, position == 0);
    if (!opened) return fail(opened.error());
    // Also a file that was there may be new: after a kill its name need not be on disk yet.
    if (position == 0)
        new_directories_.insert({partition_directory, partition_directory.substr(0, partition_directory.rfind('/')), layout_.topics()});
    if (!(*opened)->dirty) dirty_.insert(Key(partition_directory, base_offset));
    (*opened)->dirty = true;
    return write_all(*(*opened)->file, bytes, position);
}

Result<void> SegmentFiles::touch(const std::string& partition_directory, std::int64_t base_offset) {
    const auto opened = get(partition_directory, base_offset, false);
    if (!opened) return fail(opened.error());
    (*opened)->dirty = true;
    dirty_.insert(Key(partition_directory, base_offset));
    return {};
}

void SegmentFiles::close_below(const std::string& partition_directory, std::int64_t base_offset) {
    open_.drop_range(Key(partition_directory, 0), Key(partition_directory, base_offset));
}

UnsyncedSegments SegmentFiles::take_unsynced() {
    UnsyncedSegments unsynced;
    // Of a dirty file that was closed, a new descriptor may not tell that a write failed; the file system's does.
    unsynced.by_file_system = syncfs_reliable_ && (closed_dirty_ || dirty_.size() > many_files);
    closed_dirty_ = false;
    for (const auto& key : dirty_) {
        const auto opened = open_.find(key);
        if (!opened) continue;
        opened->dirty = false;
        if (!unsynced.by_file_system) unsynced.files.push_back(std::shared_ptr<File>(opened, opened->file.get()));
    }
    dirty_.clear();
    unsynced.directories = std::exchange(new_directories_, {});
    unsynced.indexes = std::exchange(pending_, {});
    return unsynced;
}

void write_indexes(Env& env, const PendingIndexes& pending) {
    if (pending.times.empty() && pending.offsets.empty()) return;
    const auto path = [&](SegmentFile kind) { return segment_path(pending.partition_directory, pending.base_offset, kind); };
    // Times first: a reader relies on time entries up to the last offset entry. Both files, if one of them without an entry: Kafka's tools
    // open a time index only together with its offset index.
    if (!append_entries<time_index_entry_size>(env, path(SegmentFile::time_index), pending.times, 8, &encode_time_index)) return;
    append_entries<index_entry_size>(env, path(SegmentFile::index), pending.offsets, 0, &encode_index);
}

Result<void> make_durable(Env& env, File& on_file_system, const UnsyncedSegments& unsynced) {
    if (unsynced.by_file_system) {
        if (auto synced = on_file_system.sync_filesystem(); !synced) return synced;
    } else {
        for (const auto& file : unsynced.files) {
            if (auto synced = file->sync_data(); !synced) return synced;
        }
    }
    for (const auto& directory : unsynced.directories) {
        if (auto synced = env.sync_directory(directory); !synced) return synced;
    }
    return {};
}

}  // namespace tenter::log
