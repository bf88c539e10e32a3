#pragma once
// gateway/log_segment/topic_table.hpp: the topics that are open, and everything that is kept of each partition.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log_segment/partition_reader.hpp"
#include "gateway/log_segment/partition_writer.hpp"
#include "gateway/log_segment/segment_cutter.hpp"
#include "gateway/log_segment/watermarks.hpp"

namespace tenter::log {

/// A follower's callback. Called, and switched off, under its own lock.
struct Follower {
    std::mutex mutex;
    std::function<void(Offset)> moved;
    bool active = true;
};

/// Who wants to know when a partition moves. Thread safe.
class Followers {
public:
    void add(std::shared_ptr<Follower> follower);
    void remove(const std::shared_ptr<Follower>& follower);
    void notify(Offset high_watermark);

private:
    std::atomic<bool> any_{false};  // spares the lock where nobody follows
    std::mutex mutex_;
    std::vector<std::shared_ptr<Follower>> list_;
};

struct Topic;

struct Partition {
    Partition(const Topic& its_topic, TopicPartition place, std::string directory, const struct PartitionSetup& setup);

    const Topic& topic;
    const TopicPartition at;
    PartitionReader reader;
    Followers followers;
    std::atomic<std::int64_t> log_start{0};       ///< Only rises, never above the high watermark.
    std::atomic<std::int64_t> high_watermark{0};  ///< First offset that nobody may read yet.

    // The commit thread's own, from here on.
    PartitionWriter writer;
    WatermarkSlot slot;
    std::int64_t next_offset = 0;  ///< Of the next record; runs ahead of the writer's while a commit is built.
    std::size_t first_item = 0;    ///< Items of the commit that is being built: a list.
    std::size_t last_item = 0;
    bool in_commit = false;
    SegmentRemoval removed;  ///< What was last told to be removed.

    /// The start is read first, so that it is never above the high watermark.
    [[nodiscard]] ReadLimits limits() const noexcept {
        const std::int64_t first = log_start.load(std::memory_order_acquire);
        return {first, high_watermark.load(std::memory_order_acquire)};
    }
    /// Goes on where a checkpoint says.
    void resume(const PartitionCheckpoint& from) noexcept;
    [[nodiscard]] PartitionCheckpoint checkpoint() const noexcept;
    /// Makes everything that is in segments readable.
    void publish() noexcept;
    /// Moves the start of the log, if it is below `first`, which must not be above the high watermark. Any thread.
    void raise_log_start(std::int64_t first) noexcept;
};

/// Topics of our own are trimmed behind every snapshot of theirs; small segments give the disk back soon.
inline constexpr std::uint64_t internal_segment_bytes = 8ULL << 20;

/// What every partition needs to be made.
struct PartitionSetup {
    OpenSegments& segments;
    std::uint64_t segment_bytes;
    std::size_t index_interval_bytes;
};

struct Topic {
    std::string name;
    TopicId id;
    bool internal = false;
    std::vector<std::unique_ptr<Partition>> partitions;
    std::atomic<std::uint32_t> spread{0};  ///< Takes turns for records without a key.
};

/// Thread safe; partitions live as long as the table.
class TopicTable {
public:
    TopicTable(Layout layout, PartitionSetup setup) : layout_(std::move(layout)), setup_(setup) {}

    /// A topic with at least that many partitions; the new ones are given to `added`.
    Topic& ensure(std::string_view name, std::int32_t partition_count, const std::function<void(Partition&)>& added = {});
    [[nodiscard]] Partition* find(TopicPartition at) const;
    [[nodiscard]] Topic* find(std::string_view name) const;
    [[nodiscard]] std::int32_t partition_count(std::string_view name) const;  ///< 0: no such topic.
    [[nodiscard]] std::vector<TopicInfo> list() const;                        ///< By name.

    /// For several look-ups under one lock.
    [[nodiscard]] std::shared_lock<std::shared_mutex> lock_shared() const { return std::shared_lock(mutex_); }
    [[nodiscard]] Topic* find_locked(TopicId id) const noexcept { return id.value < topics_.size() ? topics_[id.value].get() : nullptr; }
    [[nodiscard]] const std::vector<std::unique_ptr<Topic>>& all_locked() const noexcept { return topics_; }

private:
    const Layout layout_;
    const PartitionSetup setup_;
    mutable std::shared_mutex mutex_;
    std::vector<std::unique_ptr<Topic>> topics_;  // by id
    std::map<std::string, Topic*, std::less<>> by_name_;
};

}  // namespace tenter::log
