#pragma once
// gateway/log/types.hpp: the words of the log: topics, partitions, offsets. Kafka's terms, each its own type.

#include <compare>
#include <cstdint>
#include <string>

namespace tenter::log {

/// Position of a record in its partition, from 0; without gaps in the embedded log, in Kafka with some (compaction, transactions).
struct Offset {
    std::int64_t value = 0;
    friend auto operator<=>(const Offset&, const Offset&) = default;
};

/// A topic that this log has open: an index, valid for the life of the log object that gave it.
struct TopicId {
    std::uint32_t value = 0;
    friend auto operator<=>(const TopicId&, const TopicId&) = default;
};

/// Number of a partition within its topic, from 0.
struct PartitionId {
    std::int32_t value = 0;
    friend auto operator<=>(const PartitionId&, const PartitionId&) = default;
};

struct TopicPartition {
    TopicId topic;
    PartitionId partition;
    friend auto operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

}  // namespace tenter::log
