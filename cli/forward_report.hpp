#pragma once
// cli/forward_report.hpp: what `tenter log forward` shows: a line that moves on a terminal, the table at the end.
//
//   [=========>          ]  48 %  1,204,331 of 2,500,000 records  310 MiB  98,120/s  13 s left

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "gateway/forward/forwarder.hpp"

namespace tenter::cli {

struct ForwardProgress {
    std::uint64_t done_records = 0;  ///< Forwarded by this run.
    std::uint64_t left_records = 0;
    std::uint64_t done_bytes = 0;
    std::chrono::milliseconds elapsed{};
};

[[nodiscard]] ForwardProgress progress_of(std::span<const forward::PartitionPosition> positions, std::chrono::milliseconds elapsed);
/// Without line feed. Records of before this run are no part of it.
[[nodiscard]] std::string progress_line(const ForwardProgress& progress, bool bar);

/// A row for each partition: source, partition, topic, next local offset, next Kafka offset. `kafka_offsets` in the same order.
[[nodiscard]] std::string position_table(std::span<const forward::PartitionPosition> positions,
                                         std::span<const std::int64_t> kafka_offsets);

}  // namespace tenter::cli
