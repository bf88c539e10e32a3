#pragma once
// gateway/log_segment/segment_files.hpp: the segments that are open for writing, and what of them is not durable yet.

#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gateway/log_segment/layout.hpp"
#include "gateway/log_segment/lru_cache.hpp"
#include "gateway/log_segment/segment_index.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// Index entries on their way to a segment's sidecars.
struct PendingIndexes {
    std::string partition_directory;
    std::int64_t base_offset = 0;
    std::vector<IndexEntry> offsets;
    std::vector<TimeIndexEntry> times;
};

/// Everything written to segments up to one moment that is not yet durable.
struct UnsyncedSegments {
    std::vector<std::shared_ptr<File>> files;  ///< To be synced one by one, unless `by_file_system`.
    std::set<std::string> directories;         ///< That got new names.
    bool by_file_system = false;
    std::vector<PendingIndexes> indexes;
};

/// True where `syncfs` reports write errors: Linux 5.8 and later.
[[nodiscard]] bool syncfs_reports_errors();

/// Belongs to the commit thread.
class SegmentFiles {
public:
    /// With `syncfs_reliable` many dirty files are made durable by one syncfs, and a dirty file may be closed: its errors are reported to
    /// whoever holds a descriptor of the file system. Otherwise every file is synced, at the latest before it is closed.
    SegmentFiles(Env& env, Layout layout, std::size_t max_open, bool syncfs_reliable);

    /// Writes and remembers that the segment is dirty.
    [[nodiscard]] Result<void> write(const std::string& partition_directory, std::int64_t base_offset, BytesView bytes,
                                     std::uint64_t position);
    /// The segment was changed by other means: it counts as dirty.
    [[nodiscard]] Result<void> touch(const std::string& partition_directory, std::int64_t base_offset);
    /// Closes segments that are complete and below `base_offset`: nothing of them may be unsynced.
    void close_below(const std::string& partition_directory, std::int64_t base_offset);
    /// Names in the folder were removed.
    void touch_directory(const std::string& partition_directory) { new_directories_.insert(partition_directory); }
    /// Index entries of a segment that is complete.
    void add_indexes(PendingIndexes indexes) { pending_.push_back(std::move(indexes)); }
    /// Hands over what has to be synced; from here on new writes count for the next time.
    [[nodiscard]] UnsyncedSegments take_unsynced();

private:
    using Key = std::pair<std::string, std::int64_t>;
    struct Opened {
        std::unique_ptr<File> file;
        bool dirty = false;
    };
    [[nodiscard]] Result<void> make_room();
    void close_oldest(const Opened& oldest);
    [[nodiscard]] Result<std::unique_ptr<File>> open_file(const std::string& path, const std::string& partition_directory, bool is_new);
    [[nodiscard]] Result<std::shared_ptr<Opened>> get(const std::string& partition_directory, std::int64_t base_offset, bool is_new);

    Env& env_;
    const Layout layout_;
    const bool syncfs_reliable_;
    LruCache<Key, std::shared_ptr<Opened>> open_;
    std::set<Key> dirty_;
    bool closed_dirty_ = false;
    std::set<std::string> new_directories_;
    std::vector<PendingIndexes> pending_;
};

/// Makes all of it durable. `on_file_system` was opened before any of it was written. Index sidecars are written, not synced: they can be
/// rebuilt. A failure is final.
[[nodiscard]] Result<void> make_durable(Env& env, File& on_file_system, const UnsyncedSegments& unsynced);
/// Appends entries to the sidecars, leaving out those that are there. Failures are ignored: a missing entry costs time, not truth.
void write_indexes(Env& env, const PendingIndexes& pending);

}  // namespace tenter::log
