#pragma once
// gateway/forward/dead_letters.hpp: records that Kafka would not take, kept in the local topic <source>.dead, each once.
//
// The record itself unchanged, in the partition of the same number, and behind its own headers:
//   tenter-dead-source, tenter-dead-partition, tenter-dead-offset    where it is in the log
//   tenter-dead-reason                                               for people

#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/log/event_log.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::forward {

inline constexpr std::string_view dead_source_header = "tenter-dead-source";
inline constexpr std::string_view dead_partition_header = "tenter-dead-partition";
inline constexpr std::string_view dead_offset_header = "tenter-dead-offset";
inline constexpr std::string_view dead_reason_header = "tenter-dead-reason";

struct DeadLetter {
    std::string_view source;
    std::int32_t partition = 0;
    std::int32_t partition_count = 1;  ///< Of the source.
    const log::StoredRecord* record = nullptr;
    std::string_view reason;
};

/// Appends it and waits until it is durable, unless the topic's tail says that it is there: then a process before us died between this and
/// the next record that Kafka got. Letters of one partition must come in order. Fails as `EventLog::append` does.
[[nodiscard]] Result<void> put_dead_letter(log::EventLog& log, const DeadLetter& letter);

}  // namespace tenter::forward
