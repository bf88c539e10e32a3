#pragma once
// gateway/log/partitioner.hpp: which partition a keyed record goes to: the one that Kafka's Java producer would choose, so that a log that
// moves to a Kafka cluster keeps every key where it was. Also the rule for topic names.

#include <cstdint>
#include <string_view>

#include "gateway/log/types.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// MurmurHash2 as org.apache.kafka.common.utils.Utils.murmur2 computes it.
[[nodiscard]] std::int32_t murmur2(BytesView bytes) noexcept;

/// `toPositive(murmur2(key)) % partition_count`; `partition_count` >= 1.
[[nodiscard]] PartitionId partition_of_key(BytesView key, std::int32_t partition_count) noexcept;

/// `[A-Za-z0-9._-]{1,249}`, not "." or ".."; `invalid_input` says what is wrong.
[[nodiscard]] Result<void> check_topic_name(std::string_view name);

/// Topics of our own (offsets, attempts) begin with "__" and may use the disk further down than events may.
[[nodiscard]] bool is_internal_topic(std::string_view name) noexcept;

}  // namespace tenter::log
