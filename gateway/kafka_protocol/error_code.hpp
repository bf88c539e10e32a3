#pragma once
// gateway/kafka_protocol/error_code.hpp: the errors that a broker of this kind answers.

#include <cstdint>
#include <string_view>

namespace tenter::kafka_protocol {

/// Kafka's error codes, of its protocol guide: never renumber. One that is decoded may have any other value.
enum class ErrorCode : std::int16_t {
    unknown_server_error = -1,
    none = 0,
    offset_out_of_range = 1,
    corrupt_message = 2,
    unknown_topic_or_partition = 3,
    leader_not_available = 5,
    not_leader_or_follower = 6,
    request_timed_out = 7,
    offset_metadata_too_large = 12,
    coordinator_load_in_progress = 14,
    coordinator_not_available = 15,
    not_coordinator = 16,
    invalid_topic_exception = 17,
    illegal_generation = 22,
    inconsistent_group_protocol = 23,
    invalid_group_id = 24,
    unknown_member_id = 25,
    invalid_session_timeout = 26,
    rebalance_in_progress = 27,
    topic_authorization_failed = 29,
    group_authorization_failed = 30,
    cluster_authorization_failed = 31,
    unsupported_sasl_mechanism = 33,
    illegal_sasl_state = 34,
    unsupported_version = 35,
    invalid_config = 40,
    invalid_request = 42,
    unsupported_for_message_format = 43,
    policy_violation = 44,
    transactional_id_authorization_failed = 53,
    kafka_storage_error = 56,
    sasl_authentication_failed = 58,
    non_empty_group = 68,
    group_id_not_found = 69,
    fetch_session_id_not_found = 70,
    invalid_fetch_session_epoch = 71,
    fenced_leader_epoch = 74,
    unknown_leader_epoch = 75,
    member_id_required = 79,
    group_max_size_reached = 81,
    fenced_instance_id = 82,
    throttling_quota_exceeded = 89,
};

/// Kafka's name of it, "OFFSET_OUT_OF_RANGE"; empty for a code that is not among these.
[[nodiscard]] std::string_view to_string(ErrorCode code) noexcept;

}  // namespace tenter::kafka_protocol
