#pragma once
// gateway/forward/saved_positions.hpp: how far forwarding had got, noted now and then in the local log's own topic `__forward`. A floor,
// not the truth: what Kafka has of this log decides, and may be more. It is there for what Kafka cannot tell: a topic whose retention has
// removed every record of ours looks like one that never had any; and the search from the end need not go further back than this.
//
//   value of a record: whose it is, then for each partition a line `topic partition local-offset kafka-offset`

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/log/event_log.hpp"

namespace tenter::forward {

inline constexpr std::string_view positions_topic = "__forward";

/// Everything below `local_offset` is in Kafka, and the rest is not before `kafka_offset`.
struct SavedPosition {
    std::int64_t local_offset = 0;
    std::int64_t kafka_offset = 0;
    friend bool operator==(const SavedPosition&, const SavedPosition&) = default;
};

/// By Kafka topic and partition.
using SavedPositions = std::map<std::pair<std::string, std::int32_t>, SavedPosition>;

/// What was saved last for `whose`, a cluster and a log's id; empty if nothing was.
[[nodiscard]] Result<SavedPositions> load_positions(const log::EventLog& log, std::string_view whose);
/// Appends, without waiting: a note that is lost costs a longer search.
void save_positions(log::EventLog& log, std::string_view whose, const SavedPositions& positions, UnixMillis now);

[[nodiscard]] Bytes encode_positions(std::string_view whose, const SavedPositions& positions);
/// Empty if it is somebody else's; `corrupt` if it is no such value.
[[nodiscard]] Result<SavedPositions> decode_positions(BytesView bytes, std::string_view whose);

}  // namespace tenter::forward
