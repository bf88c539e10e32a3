#pragma once
// gateway/log_kafka/topic_table.hpp: the topics that a KafkaLog has opened. Entries never change or go, so that pointers to them stay good.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log/types.hpp"

namespace tenter::log::kafka {

struct OpenTopic {
    std::string name;        ///< In the log.
    std::string kafka_name;  ///< In the cluster.
    TopicId id;
    std::int32_t partition_count = 0;
    std::size_t max_batch_bytes = 0;               ///< The topic's max.message.bytes; 0: unknown.
    mutable std::atomic<std::uint32_t> spread{0};  ///< Where the next record without key goes.

    [[nodiscard]] bool has(PartitionId partition) const noexcept { return partition.value >= 0 && partition.value < partition_count; }
    [[nodiscard]] PartitionId partition_for(const NewRecord& record) const noexcept;
    [[nodiscard]] TopicInfo info() const { return {name, id, partition_count}; }
};

/// Thread safe.
class TopicTable {
public:
    struct Facts {
        std::string name;
        std::string kafka_name;
        std::int32_t partition_count = 0;
        std::size_t max_batch_bytes = 0;
    };
    /// The known entry of that name, or a new one.
    const OpenTopic& add(Facts facts);
    [[nodiscard]] const OpenTopic* find(TopicId id) const;
    [[nodiscard]] const OpenTopic* find(std::string_view name) const;
    /// The topic, if it has that partition.
    [[nodiscard]] const OpenTopic* find(TopicPartition at) const;
    [[nodiscard]] std::vector<TopicInfo> infos() const;

private:
    mutable std::shared_mutex mutex_;
    std::deque<OpenTopic> topics_;
};

}  // namespace tenter::log::kafka
