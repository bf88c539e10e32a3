#pragma once
// gateway/kafka_protocol/messages_group.hpp: consumer groups: FindCoordinator, JoinGroup, SyncGroup, Heartbeat, LeaveGroup, and for tools
// DescribeGroups, ListGroups, DeleteGroups.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gateway/kafka_protocol/api.hpp"
#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/schema.hpp"
#include "tenter/base/bytes.hpp"

namespace tenter::kafka_protocol {

struct FindCoordinatorRequest {
    static constexpr std::string_view type_name = "FindCoordinatorRequest";
    static constexpr ApiKey api_key = ApiKey::find_coordinator;

    std::string key{};         ///< The group.
    std::int8_t key_type = 0;  ///< 0: a group.

    static constexpr auto fields() {
        return std::tuple{
            field<&FindCoordinatorRequest::key>(),
            field<&FindCoordinatorRequest::key_type>(since(1)),
        };
    }
};

struct FindCoordinatorResponse {
    static constexpr std::string_view type_name = "FindCoordinatorResponse";
    static constexpr ApiKey api_key = ApiKey::find_coordinator;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message = "";
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;

    static constexpr auto fields() {
        return std::tuple{
            field<&FindCoordinatorResponse::throttle_time_ms>(since(1)),
            field<&FindCoordinatorResponse::error_code>(),
            field<&FindCoordinatorResponse::error_message>(since(1)),
            field<&FindCoordinatorResponse::node_id>(),
            field<&FindCoordinatorResponse::host>(),
            field<&FindCoordinatorResponse::port>(),
        };
    }
};

struct JoinGroupProtocol {
    std::string name{};
    Bytes metadata{};

    static constexpr auto fields() { return std::tuple{field<&JoinGroupProtocol::name>(), field<&JoinGroupProtocol::metadata>().octets()}; }
};

struct JoinGroupRequest {
    static constexpr std::string_view type_name = "JoinGroupRequest";
    static constexpr ApiKey api_key = ApiKey::join_group;

    std::string group_id{};
    std::int32_t session_timeout_ms = 0;
    std::int32_t rebalance_timeout_ms = -1;
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::string protocol_type{};
    std::vector<JoinGroupProtocol> protocols{};

    static constexpr auto fields() {
        return std::tuple{
            field<&JoinGroupRequest::group_id>(),
            field<&JoinGroupRequest::session_timeout_ms>(),
            field<&JoinGroupRequest::rebalance_timeout_ms>(),
            field<&JoinGroupRequest::member_id>(),
            field<&JoinGroupRequest::group_instance_id>(since(5)),
            field<&JoinGroupRequest::protocol_type>(),
            field<&JoinGroupRequest::protocols>(),
        };
    }
};

struct JoinGroupMember {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    Bytes metadata{};

    static constexpr auto fields() {
        return std::tuple{
            field<&JoinGroupMember::member_id>(),
            field<&JoinGroupMember::group_instance_id>(since(5)),
            field<&JoinGroupMember::metadata>().octets(),
        };
    }
};

struct JoinGroupResponse {
    static constexpr std::string_view type_name = "JoinGroupResponse";
    static constexpr ApiKey api_key = ApiKey::join_group;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t generation_id = -1;
    std::string protocol_name{};
    std::string leader{};
    std::string member_id{};
    std::vector<JoinGroupMember> members{};  ///< For the leader only.

    static constexpr auto fields() {
        return std::tuple{
            field<&JoinGroupResponse::throttle_time_ms>(since(2)),
            field<&JoinGroupResponse::error_code>(),
            field<&JoinGroupResponse::generation_id>(),
            field<&JoinGroupResponse::protocol_name>(),
            field<&JoinGroupResponse::leader>(),
            field<&JoinGroupResponse::member_id>(),
            field<&JoinGroupResponse::members>(),
        };
    }
};

struct SyncGroupAssignment {
    std::string member_id{};
    Bytes assignment{};

    static constexpr auto fields() {
        return std::tuple{
            field<&SyncGroupAssignment::member_id>(),
            field<&SyncGroupAssignment::assignment>().octets(),
        };
    }
};

struct SyncGroupRequest {
    static constexpr std::string_view type_name = "SyncGroupRequest";
    static constexpr ApiKey api_key = ApiKey::sync_group;

    std::string group_id{};
    std::int32_t generation_id = 0;
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::vector<SyncGroupAssignment> assignments{};

    static constexpr auto fields() {
        return std::tuple{
            field<&SyncGroupRequest::group_id>(),    field<&SyncGroupRequest::generation_id>(),
            field<&SyncGroupRequest::member_id>(),   field<&SyncGroupRequest::group_instance_id>(since(3)),
            field<&SyncGroupRequest::assignments>(),
        };
    }
};

struct SyncGroupResponse {
    static constexpr std::string_view type_name = "SyncGroupResponse";
    static constexpr ApiKey api_key = ApiKey::sync_group;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    Bytes assignment{};

    static constexpr auto fields() {
        return std::tuple{
            field<&SyncGroupResponse::throttle_time_ms>(since(1)),
            field<&SyncGroupResponse::error_code>(),
            field<&SyncGroupResponse::assignment>().octets(),
        };
    }
};

struct HeartbeatRequest {
    static constexpr std::string_view type_name = "HeartbeatRequest";
    static constexpr ApiKey api_key = ApiKey::heartbeat;

    std::string group_id{};
    std::int32_t generation_id = 0;
    std::string member_id{};
    std::optional<std::string> group_instance_id{};

    static constexpr auto fields() {
        return std::tuple{
            field<&HeartbeatRequest::group_id>(),
            field<&HeartbeatRequest::generation_id>(),
            field<&HeartbeatRequest::member_id>(),
            field<&HeartbeatRequest::group_instance_id>(since(3)),
        };
    }
};

struct HeartbeatResponse {
    static constexpr std::string_view type_name = "HeartbeatResponse";
    static constexpr ApiKey api_key = ApiKey::heartbeat;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto fields() {
        return std::tuple{
            field<&HeartbeatResponse::throttle_time_ms>(since(1)),
            field<&HeartbeatResponse::error_code>(),
        };
    }
};

struct LeavingMember {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};

    static constexpr auto fields() { return std::tuple{field<&LeavingMember::member_id>(), field<&LeavingMember::group_instance_id>()}; }
};

struct LeaveGroupRequest {
    static constexpr std::string_view type_name = "LeaveGroupRequest";
    static constexpr ApiKey api_key = ApiKey::leave_group;

    std::string group_id{};
    std::string member_id{};
    std::vector<LeavingMember> members{};

    static constexpr auto fields() {
        return std::tuple{
            field<&LeaveGroupRequest::group_id>(),
            field<&LeaveGroupRequest::member_id>(between(0, 2)),
            field<&LeaveGroupRequest::members>(since(3)),
        };
    }
};

struct LeavingMemberResponse {
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto fields() {
        return std::tuple{
            field<&LeavingMemberResponse::member_id>(),
            field<&LeavingMemberResponse::group_instance_id>(),
            field<&LeavingMemberResponse::error_code>(),
        };
    }
};

struct LeaveGroupResponse {
    static constexpr std::string_view type_name = "LeaveGroupResponse";
    static constexpr ApiKey api_key = ApiKey::leave_group;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<LeavingMemberResponse> members{};

    static constexpr auto fields() {
        return std::tuple{
            field<&LeaveGroupResponse::throttle_time_ms>(since(1)),
            field<&LeaveGroupResponse::error_code>(),
            field<&LeaveGroupResponse::members>(since(3)),
        };
    }
};

struct DescribeGroupsRequest {
    static constexpr std::string_view type_name = "DescribeGroupsRequest";
    static constexpr ApiKey api_key = ApiKey::describe_groups;

    std::vector<std::string> groups{};

    static constexpr auto fields() { return std::tuple{field<&DescribeGroupsRequest::groups>()}; }
};

struct DescribedGroupMember {
    std::string member_id{};
    std::string client_id{};
    std::string client_host{};
    Bytes member_metadata{};
    Bytes member_assignment{};

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribedGroupMember::member_id>(),
            field<&DescribedGroupMember::client_id>(),
            field<&DescribedGroupMember::client_host>(),
            field<&DescribedGroupMember::member_metadata>().octets(),
            field<&DescribedGroupMember::member_assignment>().octets(),
        };
    }
};

struct DescribedGroup {
    ErrorCode error_code = ErrorCode::none;
    std::string group_id{};
    std::string group_state{};
    std::string protocol_type{};
    std::string protocol_data{};
    std::vector<DescribedGroupMember> members{};

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribedGroup::error_code>(),    field<&DescribedGroup::group_id>(),      field<&DescribedGroup::group_state>(),
            field<&DescribedGroup::protocol_type>(), field<&DescribedGroup::protocol_data>(), field<&DescribedGroup::members>(),
        };
    }
};

struct DescribeGroupsResponse {
    static constexpr std::string_view type_name = "DescribeGroupsResponse";
    static constexpr ApiKey api_key = ApiKey::describe_groups;

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribedGroup> groups{};

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeGroupsResponse::throttle_time_ms>(since(1)),
            field<&DescribeGroupsResponse::groups>(),
        };
    }
};

struct ListGroupsRequest {
    static constexpr std::string_view type_name = "ListGroupsRequest";
    static constexpr ApiKey api_key = ApiKey::list_groups;

    std::vector<std::string> states_filter{};  ///< Empty: groups of every state.

    static constexpr auto fields() { return std::tuple{field<&ListGroupsRequest::states_filter>(since(4))}; }
};

struct ListedGroup {
    std::string group_id{};
    std::string protocol_type{};
    std::string group_state{};

    static constexpr auto fields() {
        return std::tuple{
            field<&ListedGroup::group_id>(),
            field<&ListedGroup::protocol_type>(),
            field<&ListedGroup::group_state>(since(4)),
        };
    }
};

struct ListGroupsResponse {
    static constexpr std::string_view type_name = "ListGroupsResponse";
    static constexpr ApiKey api_key = ApiKey::list_groups;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::vector<ListedGroup> groups{};

    static constexpr auto fields() {
        return std::tuple{
            field<&ListGroupsResponse::throttle_time_ms>(since(1)),
            field<&ListGroupsResponse::error_code>(),
            field<&ListGroupsResponse::groups>(),
        };
    }
};

struct DeleteGroupsRequest {
    static constexpr std::string_view type_name = "DeleteGroupsRequest";
    static constexpr ApiKey api_key = ApiKey::delete_groups;

    std::vector<std::string> groups_names{};

    static constexpr auto fields() { return std::tuple{field<&DeleteGroupsRequest::groups_names>()}; }
};

struct DeletableGroupResult {
    std::string group_id{};
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto fields() {
        return std::tuple{
            field<&DeletableGroupResult::group_id>(),
            field<&DeletableGroupResult::error_code>(),
        };
    }
};

struct DeleteGroupsResponse {
    static constexpr std::string_view type_name = "DeleteGroupsResponse";
    static constexpr ApiKey api_key = ApiKey::delete_groups;

    std::int32_t throttle_time_ms = 0;
    std::vector<DeletableGroupResult> results{};

    static constexpr auto fields() {
        return std::tuple{
            field<&DeleteGroupsResponse::throttle_time_ms>(),
            field<&DeleteGroupsResponse::results>(),
        };
    }
};

}  // namespace tenter::kafka_protocol
