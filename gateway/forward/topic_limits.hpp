#pragma once
// gateway/forward/topic_limits.hpp: how large a record may be in a Kafka topic, and how large one of ours becomes there.

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/forward/link.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::forward {

/// Kafka's default of max.message.bytes.
inline constexpr std::size_t default_max_message_bytes = 1'048'588;

/// `max.message.bytes` of each topic, from the broker. `unauthenticated`: we may not ask (right DescribeConfigs).
[[nodiscard]] Result<std::vector<std::size_t>> describe_max_message_bytes(rd_kafka_s* client, std::span<const std::string> topics,
                                                                          std::chrono::milliseconds timeout);

/// Bytes of the batch that holds this record alone, with the headers that forwarding adds: what the broker compares with the limit.
[[nodiscard]] std::size_t forwarded_size(const log::StoredRecord& record, std::string_view log_id);
/// The same at most for a record whose fields and headers, counted with their lengths, take `payload_bytes`.
[[nodiscard]] std::size_t forwarded_size_bound(std::size_t payload_bytes) noexcept;

}  // namespace tenter::forward
