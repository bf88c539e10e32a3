#include "gateway/log_segment/topic_table.hpp"

#include <algorithm>

#include "gateway/log/partitioner.hpp"

namespace tenter::log {

void Followers::add(std::shared_ptr<Follower> follower) {
    const std::lock_guard lock(mutex_);
    list_.push_back(std::move(follower));
    any_.store(true, std::memory_order_release);
}

void Followers::remove(const std::shared_ptr<Follower>& follower) {
    {
        const std::lock_guard lock(mutex_);
        std::erase(list_, follower);
        any_.store(!list_.empty(), std::memory_order_release);
    }
    // Waits for a call that is under way: afterwards none can begin.
    const std::lock_guard lock(follower->mutex);
    follower->active = false;
}

void Followers::notify(Offset high_watermark) {
    if (!any_.load(std::memory_order_acquire)) return;
    std::vector<std::shared_ptr<Follower>> now;
    {
        const std::lock_guard lock(mutex_);
        now = list_;
    }
    for (const auto& follower : now) {
        const std::lock_guard lock(follower->mutex);
        if (follower->active) follower->moved(high_watermark);
    }
}

Partition::Partition(const Topic& its_topic, TopicPartition place, std::string directory, const PartitionSetup& setup)
    : topic(its_topic),
      at(place),
      reader(setup.segments, directory),
      writer(std::move(directory), its_topic.internal ? std::min(setup.segment_bytes, internal_segment_bytes) : setup.segment_bytes,
             setup.index_interval_bytes) {}

void Partition::resume(const PartitionCheckpoint& from) noexcept {
    writer.resume(from);
    next_offset = from.next_offset;
    raise_log_start(from.log_start);
}

PartitionCheckpoint Partition::checkpoint() const noexcept {
    PartitionCheckpoint now = writer.checkpoint();
    now.log_start = log_start.load(std::memory_order_acquire);
    return now;
}

void Partition::publish() noexcept {
    high_watermark.store(writer.next_offset(), std::memory_order_release);
    slot.set_next_offset(writer.next_offset());
}

void Partition::raise_log_start(std::int64_t first) noexcept {
    for (std::int64_t now = log_start.load(std::memory_order_relaxed); now < first;) {
        if (log_start.compare_exchange_weak(now, first, std::memory_order_acq_rel)) break;
    }
    slot.raise_log_start(first);
}

Topic& TopicTable::ensure(std::string_view name, std::int32_t partition_count, const std::function<void(Partition&)>& added) {
    const std::lock_guard lock(mutex_);
    auto found = by_name_.find(name);
    if (found == by_name_.end()) {
        auto topic = std::make_unique<Topic>();
        topic->name = name;
        topic->id = TopicId{static_cast<std::uint32_t>(topics_.size())};
        topic->internal = is_internal_topic(name);
        found = by_name_.emplace(topic->name, topic.get()).first;
        topics_.push_back(std::move(topic));
    }
    Topic& topic = *found->second;
    while (std::cmp_less(topic.partitions.size(), partition_count)) {
        const PartitionId number{static_cast<std::int32_t>(topic.partitions.size())};
        topic.partitions.push_back(
            std::make_unique<Partition>(topic, TopicPartition{topic.id, number}, layout_.partition(name, number.value), setup_));
        if (added) added(*topic.partitions.back());
    }
    return topic;
}

Partition* TopicTable::find(TopicPartition at) const {
    const std::shared_lock lock(mutex_);
    const Topic* const topic = find_locked(at.topic);
    if (topic == nullptr || at.partition.value < 0 || std::cmp_greater_equal(at.partition.value, topic->partitions.size())) return nullptr;
    return topic->partitions[static_cast<std::size_t>(at.partition.value)].get();
}

Topic* TopicTable::find(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
}

std::int32_t TopicTable::partition_count(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? 0 : static_cast<std::int32_t>(found->second->partitions.size());
}

std::vector<TopicInfo> TopicTable::list() const {
    const std::shared_lock lock(mutex_);
    std::vector<TopicInfo> all;
    for (const auto& [name, topic] : by_name_) all.push_back({name, topic->id, static_cast<std::int32_t>(topic->partitions.size())});
    return all;
}

}  // namespace tenter::log
