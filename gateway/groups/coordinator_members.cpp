// What members say: SyncGroup, Heartbeat, LeaveGroup; and what is heard of them when a connection closes.

#include <utility>

#include "gateway/groups/coordinator.hpp"

namespace tenter::groups {

using kafka_protocol::ErrorCode;
using kafka_protocol::HeartbeatRequest;
using kafka_protocol::HeartbeatResponse;
using kafka_protocol::LeaveGroupRequest;
using kafka_protocol::LeaveGroupResponse;
using kafka_protocol::LeavingMember;
using kafka_protocol::SyncGroupRequest;
using kafka_protocol::SyncGroupResponse;

namespace {

/// Until version 2 one member leaves, and its error is that of the answer.
constexpr std::int16_t several_leave_since = 3;

}  // namespace

ErrorCode Coordinator::check_member(Group& group, std::string_view member_id, const std::optional<std::string>& instance_id) {
    if (instance_id) {
        const auto* known = group.find_static(*instance_id);
        if (known == nullptr) return ErrorCode::unknown_member_id;
        if (known->id != member_id) return ErrorCode::fenced_instance_id;
    }
    return group.find_member(member_id) == nullptr ? ErrorCode::unknown_member_id : ErrorCode::none;
}

void Coordinator::sync_group(const Caller& caller, SyncGroupRequest request, Answer<SyncGroupResponse> answer) {
    const Delivery delivery(answers_);
    const auto give = [&](SyncGroupResponse response) { answers_.give(caller.connection, std::move(answer), std::move(response)); };
    Group* group = find(caller.consumer, request.group_id);
    if (request.group_id.empty()) return give({.error_code = ErrorCode::invalid_group_id});
    if (group == nullptr) return give({.error_code = ErrorCode::unknown_member_id});
    if (group->state == GroupState::dead) return give({.error_code = ErrorCode::coordinator_not_available});
    const auto error = check_member(*group, request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return give({.error_code = error});
    if (request.generation_id != group->generation) return give({.error_code = ErrorCode::illegal_generation});
    if (group->state == GroupState::preparing_rebalance) return give({.error_code = ErrorCode::rebalance_in_progress});

    Member& member = *group->find_member(request.member_id);
    if (group->state == GroupState::stable) {
        member.has_synced = true;
        if (group->has_all_synced()) group->sync_deadline = never;
        renew_session(*group, member);
        return give({.assignment = member.assignment});
    }
    if (is_full()) return give({.error_code = ErrorCode::rebalance_in_progress});
    std::map<std::string, Bytes> assignments;
    const bool is_leader = group->leader == member.id;
    std::size_t size = 0;
    for (auto& each : request.assignments) {
        size += each.member_id.size() + each.assignment.size();
        if (is_leader) assignments.insert_or_assign(std::move(each.member_id), std::move(each.assignment));
    }
    if (size > options_.limits.assignments || (is_leader && !has_room(caller.consumer, size)))
        return give({.error_code = ErrorCode::policy_violation});
    drop_answers(*group, member, ErrorCode::rebalance_in_progress);
    member.sync_answer = answers_.keep(caller.connection, group->name, member.id, std::move(answer));
    member.has_synced = true;
    if (group->has_all_synced()) group->sync_deadline = never;
    if (is_leader) store_assignments(*group, std::move(assignments));
}

/// Nobody reads a partition in a generation that is not durable, so that a restart cannot give it out again.
void Coordinator::store_assignments(Group& group, std::map<std::string, Bytes> assignments) {
    store_facts(group, [this, generation = group.generation, assignments = std::move(assignments)](Group& stored, bool is_durable) {
        if (stored.state != GroupState::completing_rebalance || stored.generation != generation) return;
        if (is_durable) return give_assignments(stored, assignments);
        reset_assignments(stored, ErrorCode::coordinator_not_available);
        prepare_rebalance(stored);
    });
}

HeartbeatResponse Coordinator::heartbeat(const Caller& caller, const HeartbeatRequest& request) {
    if (request.group_id.empty()) return {.error_code = ErrorCode::invalid_group_id};
    Group* group = find(caller.consumer, request.group_id);
    if (group == nullptr) return {.error_code = ErrorCode::unknown_member_id};
    if (group->state == GroupState::dead) return {.error_code = ErrorCode::coordinator_not_available};
    const auto error = check_member(*group, request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return {.error_code = error};
    if (request.generation_id != group->generation) return {.error_code = ErrorCode::illegal_generation};
    renew_session(*group, *group->find_member(request.member_id));
    const bool is_preparing = group->state == GroupState::preparing_rebalance;
    return {.error_code = is_preparing ? ErrorCode::rebalance_in_progress : ErrorCode::none};
}

LeaveGroupResponse Coordinator::leave_group(const Caller& caller, const LeaveGroupRequest& request) {
    const Delivery delivery(answers_);
    if (request.group_id.empty()) return {.error_code = ErrorCode::invalid_group_id};
    auto leaving = request.members;
    if (caller.version < several_leave_since) leaving = {{.member_id = request.member_id}};
    Group* group = find(caller.consumer, request.group_id);
    if (group != nullptr && group->state == GroupState::dead) return {.error_code = ErrorCode::coordinator_not_available};
    LeaveGroupResponse response;
    for (const auto& member : leaving) {
        const auto error = group == nullptr ? ErrorCode::unknown_member_id : leave(*group, member);
        response.members.push_back({.member_id = member.member_id, .group_instance_id = member.group_instance_id, .error_code = error});
    }
    if (group != nullptr) wake(*group);
    if (caller.version < several_leave_since) response.error_code = response.members.front().error_code;
    return response;
}

ErrorCode Coordinator::leave(Group& group, const LeavingMember& leaving) {
    if (leaving.member_id.empty()) {  // a tool takes out a static member, of which it knows the instance id only
        const auto* known = leaving.group_instance_id ? group.find_static(*leaving.group_instance_id) : nullptr;
        if (known == nullptr) return ErrorCode::unknown_member_id;
        remove_member(group, known->id, ErrorCode::unknown_member_id);
        return ErrorCode::none;
    }
    if (group.promises.contains(leaving.member_id)) {
        remove_promise(group, leaving.member_id);
        return ErrorCode::none;
    }
    const auto error = check_member(group, leaving.member_id, leaving.group_instance_id);
    if (error == ErrorCode::none) remove_member(group, leaving.member_id, ErrorCode::unknown_member_id);
    return error;
}

/// A member whose request waited on a connection that is gone. It keeps its place, and its session runs from here; but who was never told
/// its id cannot come back.
void Coordinator::connection_lost(const Answers::Dropped& dropped) {
    Group* group = find(dropped.group.consumer, dropped.group.group);
    auto* member = group == nullptr ? nullptr : group->find_member(dropped.member_id);
    if (member == nullptr || (member->join_answer != dropped.id && member->sync_answer != dropped.id)) return;
    if (member->join_answer == dropped.id) member->join_answer = 0;
    if (member->sync_answer == dropped.id) member->sync_answer = 0;
    if (member->knows_id) {
        member->is_new = false;
        renew_session(*group, *member);
    } else {
        remove_member(*group, member->id, ErrorCode::unknown_member_id);
    }
    wake(*group);
}

}  // namespace tenter::groups
