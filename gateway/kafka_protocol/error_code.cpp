#include "gateway/kafka_protocol/error_code.hpp"

namespace tenter::kafka_protocol {

std::string_view to_string(ErrorCode code) noexcept {
    using enum ErrorCode;
    switch (code) {
        case unknown_server_error: return "UNKNOWN_SERVER_ERROR";
        case none: return "NONE";
        case offset_out_of_range: return "OFFSET_OUT_OF_RANGE";
        case corrupt_message: return "CORRUPT_MESSAGE";
        case unknown_topic_or_partition: return "UNKNOWN_TOPIC_OR_PARTITION";
        case leader_not_available: return "LEADER_NOT_AVAILABLE";
        case not_leader_or_follower: return "NOT_LEADER_OR_FOLLOWER";
        case request_timed_out: return "REQUEST_TIMED_OUT";
        case offset_metadata_too_large: return "OFFSET_METADATA_TOO_LARGE";
        case coordinator_load_in_progress: return "COORDINATOR_LOAD_IN_PROGRESS";
        case coordinator_not_available: return "COORDINATOR_NOT_AVAILABLE";
        case not_coordinator: return "NOT_COORDINATOR";
        case invalid_topic_exception: return "INVALID_TOPIC_EXCEPTION";
        case illegal_generation: return "ILLEGAL_GENERATION";
        case inconsistent_group_protocol: return "INCONSISTENT_GROUP_PROTOCOL";
        case invalid_group_id: return "INVALID_GROUP_ID";
        case unknown_member_id: return "UNKNOWN_MEMBER_ID";
        case invalid_session_timeout: return "INVALID_SESSION_TIMEOUT";
        case rebalance_in_progress: return "REBALANCE_IN_PROGRESS";
        case topic_authorization_failed: return "TOPIC_AUTHORIZATION_FAILED";
        case group_authorization_failed: return "GROUP_AUTHORIZATION_FAILED";
        case cluster_authorization_failed: return "CLUSTER_AUTHORIZATION_FAILED";
        case unsupported_sasl_mechanism: return "UNSUPPORTED_SASL_MECHANISM";
        case illegal_sasl_state: return "ILLEGAL_SASL_STATE";
        case unsupported_version: return "UNSUPPORTED_VERSION";
        case invalid_config: return "INVALID_CONFIG";
        case invalid_request: return "INVALID_REQUEST";
        case unsupported_for_message_format: return "UNSUPPORTED_FOR_MESSAGE_FORMAT";
        case policy_violation: return "POLICY_VIOLATION";
        case transactional_id_authorization_failed: return "TRANSACTIONAL_ID_AUTHORIZATION_FAILED";
        case kafka_storage_error: return "KAFKA_STORAGE_ERROR";
        case sasl_authentication_failed: return "SASL_AUTHENTICATION_FAILED";
        case non_empty_group: return "NON_EMPTY_GROUP";
        case group_id_not_found: return "GROUP_ID_NOT_FOUND";
        case fetch_session_id_not_found: return "FETCH_SESSION_ID_NOT_FOUND";
        case invalid_fetch_session_epoch: return "INVALID_FETCH_SESSION_EPOCH";
        case fenced_leader_epoch: return "FENCED_LEADER_EPOCH";
        case unknown_leader_epoch: return "UNKNOWN_LEADER_EPOCH";
        case member_id_required: return "MEMBER_ID_REQUIRED";
        case group_max_size_reached: return "GROUP_MAX_SIZE_REACHED";
        case fenced_instance_id: return "FENCED_INSTANCE_ID";
        case throttling_quota_exceeded: return "THROTTLING_QUOTA_EXCEEDED";
    }
    return {};
}

}  // namespace tenter::kafka_protocol
