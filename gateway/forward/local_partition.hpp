#pragma once
// gateway/forward/local_partition.hpp: one partition of the local log as forwarding reads it: records from where Kafka has got to, in
// pieces whose bytes stay while librdkafka sends them.

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::forward {

/// Records that were read together, in order, each with the bytes behind it.
struct Piece {
    Bytes bytes;
    std::vector<log::StoredRecord> records;  ///< From the offset that was asked for; views into `bytes`.
    log::Offset next_offset;                 ///< After the last one.
    std::size_t stored_bytes = 0;            ///< Of the records, about.
};

/// From `from` on, about `max_bytes`; no records at the end of the log.
[[nodiscard]] Result<Piece> read_piece(const log::EventLog& log, log::TopicPartition at, log::Offset from, std::size_t max_bytes);

/// The record at this offset; `not_found` where it is not kept any more.
[[nodiscard]] Result<Piece> read_record(const log::EventLog& log, log::TopicPartition at, log::Offset offset);

}  // namespace tenter::forward
