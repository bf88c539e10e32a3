#pragma once
// gateway/forward/kafka_end.hpp: how far a log has got in Kafka: its last record in each partition, found from the end backwards.
//
//   other | ours 41 | other | ours 42 | other | aborted | marker |<- end of what is committed
//                                 ^
//        windows of records from the end, each ten times as long as the one before, until one holds a record of ours

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/forward/link.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::forward {

struct KafkaPartition {
    std::string topic;
    std::int32_t partition = 0;
    /// No record of ours that matters lies before this offset: known from an earlier look, or 0. Ignored where the partition ends before
    /// it.
    std::int64_t from = 0;
};

/// The last record of a log in a partition.
struct ForwardedRecord {
    std::int64_t local_offset = 0;
    std::uint32_t checksum = 0;  ///< `checksum_of` it.
};

struct KafkaEnd {
    std::optional<ForwardedRecord> last;
    std::int64_t first_offset = 0;  ///< The oldest that Kafka keeps.
    std::int64_t next_offset = 0;   ///< The end of the partition as it was asked for first.
};

/// Of key, value and headers, without those that forwarding adds. (Not of the timestamp: Kafka may put its own in place of it.)
[[nodiscard]] std::uint32_t checksum_of(std::optional<BytesView> key, std::optional<BytesView> value,
                                        std::span<const log::RecordHeader> headers);

/// Looks in all partitions at once. To be called after `init`: then no transaction of this log is open any more. Waits until those of other
/// producers that were open are over, for records behind them are not yet readable: up to their timeouts.
/// `corrupt`: a record of this log says no offset. `unavailable`: no answer, or told to stop.
[[nodiscard]] Result<std::vector<KafkaEnd>> find_ends(const Link& link, std::string_view log_id, std::span<const KafkaPartition> partitions,
                                                      const Stop& stop);

/// The offsets that the next record of each would get; markers of transactions count.
[[nodiscard]] Result<std::vector<std::int64_t>> next_offsets(const Link& link, std::span<const KafkaPartition> partitions);
/// Offsets that no later record of each is before, asked by a client that is there already; `timeout` for each of them.
[[nodiscard]] Result<std::vector<std::int64_t>> committed_ends(rd_kafka_s* client, std::span<const KafkaPartition> partitions,
                                                               std::chrono::milliseconds timeout);

/// The name that the cluster has for itself; empty where it says none.
[[nodiscard]] std::string cluster_id(rd_kafka_s* client);

}  // namespace tenter::forward
