#pragma once
// gateway/broker/positions.hpp: where in a partition things are: ListOffsets, OffsetForLeaderEpoch.

#include <cstdint>
#include <functional>
#include <string_view>

#include "gateway/broker/topics.hpp"
#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/messages_fetch.hpp"
#include "gateway/log/event_log.hpp"

namespace tenter::broker {

/// Says that the log could not be read; for the operator.
using Damage = std::function<void(const Error&)>;

/// What the log has against a client that believes in that leader epoch; -1: it says nothing of it.
[[nodiscard]] kafka_protocol::ErrorCode check_leader_epoch(std::int32_t current_leader_epoch) noexcept;

[[nodiscard]] kafka_protocol::ListOffsetsResponse list_offsets(const kafka_protocol::ListOffsetsRequest& request, std::int16_t version,
                                                               const View& view, const log::EventLog& event_log, const Damage& damage);

[[nodiscard]] kafka_protocol::OffsetForLeaderEpochResponse offset_for_leader_epoch(
    const kafka_protocol::OffsetForLeaderEpochRequest& request, const View& view, const log::EventLog& event_log, const Damage& damage);

}  // namespace tenter::broker
