#include "gateway/log_kafka/topic_table.hpp"

#include <algorithm>
#include <mutex>
#include <utility>

#include "gateway/log/partitioner.hpp"

namespace tenter::log::kafka {

PartitionId OpenTopic::partition_for(const NewRecord& record) const noexcept {
    if (record.partition) return *record.partition;
    if (record.key) return partition_of_key(*record.key, partition_count);
    return PartitionId{
        static_cast<std::int32_t>(spread.fetch_add(1, std::memory_order_relaxed) % static_cast<std::uint32_t>(partition_count))};
}

const OpenTopic& TopicTable::add(Facts facts) {
    const std::unique_lock lock(mutex_);
    if (const auto known = std::ranges::find(topics_, facts.name, &OpenTopic::name); known != topics_.end()) return *known;
    auto& topic = topics_.emplace_back();
    topic.id.value = static_cast<std::uint32_t>(topics_.size() - 1);
    topic.name = std::move(facts.name);
    topic.kafka_name = std::move(facts.kafka_name);
    topic.partition_count = facts.partition_count;
    topic.max_batch_bytes = facts.max_batch_bytes;
    return topic;
}

const OpenTopic* TopicTable::find(TopicId id) const {
    const std::shared_lock lock(mutex_);
    return id.value < topics_.size() ? &topics_[id.value] : nullptr;
}

const OpenTopic* TopicTable::find(std::string_view name) const {
    const std::shared_lock lock(mutex_);
    const auto found = std::ranges::find(topics_, name, &OpenTopic::name);
    return found == topics_.end() ? nullptr : &*found;
}

const OpenTopic* TopicTable::find(TopicPartition at) const {
    const OpenTopic* const topic = find(at.topic);
    return topic != nullptr && topic->has(at.partition) ? topic : nullptr;
}

std::vector<TopicInfo> TopicTable::infos() const {
    const std::shared_lock lock(mutex_);
    std::vector<TopicInfo> infos;
    infos.reserve(topics_.size());
    for (const auto& topic : topics_) infos.push_back(topic.info());
    std::ranges::sort(infos, {}, &TopicInfo::name);
    return infos;
}

}  // namespace tenter::log::kafka
