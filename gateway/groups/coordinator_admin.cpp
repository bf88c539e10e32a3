// What tools ask: which groups there are, and to take them away.

#include <algorithm>
#include <set>
#include <utility>

#include "gateway/groups/coordinator.hpp"
#include "tenter/base/text.hpp"

namespace tenter::groups {

using kafka_protocol::DeleteGroupsRequest;
using kafka_protocol::DeleteGroupsResponse;
using kafka_protocol::DescribedGroup;
using kafka_protocol::DescribeGroupsRequest;
using kafka_protocol::DescribeGroupsResponse;
using kafka_protocol::ErrorCode;
using kafka_protocol::ListGroupsRequest;
using kafka_protocol::ListGroupsResponse;

DescribeGroupsResponse Coordinator::describe_groups(const Caller& caller, const DescribeGroupsRequest& request) {
    DescribeGroupsResponse response;
    for (const auto& name : request.groups) response.groups.push_back(describe(caller, name));
    return response;
}

DescribedGroup Coordinator::describe(const Caller& caller, const std::string& name) {
    DescribedGroup described{.group_id = name, .group_state = std::string(to_string(GroupState::dead))};
    Group* group = find(caller.consumer, name);
    if (group == nullptr) return described;
    const bool is_stable = group->state == GroupState::stable;
    described.group_state = to_string(group->state);
    described.protocol_type = group->protocol_type;
    if (is_stable) described.protocol_data = *group->protocol;
    for (const auto& [id, member] : group->members) {
        auto& shown = described.members.emplace_back();
        shown.member_id = id;
        shown.client_id = member.client_id;
        shown.client_host = member.client_host;
        if (!is_stable) continue;
        shown.member_metadata = *member.metadata_for(*group->protocol);
        shown.member_assignment = member.assignment;
    }
    return described;
}

ListGroupsResponse Coordinator::list_groups(const Caller& caller, const ListGroupsRequest& request) {
    ListGroupsResponse response;
    std::set<GroupState> wanted;  // the states are few, what a client may name is much
    for (const auto state : all_group_states)
        if (std::ranges::any_of(request.states_filter, [&](const auto& name) { return equals_ignoring_case(name, to_string(state)); }))
            wanted.insert(state);
    const auto first = groups_.lower_bound({.consumer = caller.consumer, .group = {}});
    for (auto it = first; it != groups_.end() && it->first.consumer == caller.consumer; ++it) {
        const Group& group = *it->second;
        if (!request.states_filter.empty() && !wanted.contains(group.state)) continue;
        response.groups.push_back(
            {.group_id = group.name.group, .protocol_type = group.protocol_type, .group_state = std::string(to_string(group.state))});
    }
    return response;
}

/// A group that is to be taken away: dead, and the records that end it.
void Coordinator::bury(Group& group, std::vector<StoredRecord>& records) {
    group.state = GroupState::dead;
    for (const auto& [id, promise] : std::exchange(group.promises, {})) promises_.erase({promise.connection, id});
    for (const auto& partition : group.offsets.possible())
        records.push_back(encode(OffsetRecord{.group = group.name, .partition = partition, .offset = {}}));
    if (group.has_record) records.push_back(encode(GroupRecord{.group = group.name, .facts = {}}));
}

void Coordinator::settle_burial(const std::vector<std::pair<GroupName, std::uint64_t>>& buried, bool is_durable) {
    for (const auto& [name, number] : buried) {
        auto* group = find(name, number);
        if (group == nullptr) continue;
        if (is_durable) {
            erase(*group);
        } else {
            group->state = GroupState::empty;
        }
    }
}

void Coordinator::delete_groups(const Caller& caller, const DeleteGroupsRequest& request, Answer<DeleteGroupsResponse> answer) {
    const Delivery delivery(answers_);
    DeleteGroupsResponse response;
    std::vector<StoredRecord> records;
    std::vector<std::pair<GroupName, std::uint64_t>> buried;
    const bool is_busy = is_full();
    for (const auto& name : request.groups_names) {
        Group* group = find(caller.consumer, name);
        auto& result = response.results.emplace_back();
        result.group_id = name;
        if (group == nullptr || group->state == GroupState::dead) {
            result.error_code = ErrorCode::group_id_not_found;
        } else if (group->state != GroupState::empty) {
            result.error_code = ErrorCode::non_empty_group;
        } else if (is_busy) {
            result.error_code = ErrorCode::coordinator_not_available;
        } else {
            bury(*group, records);
            buried.emplace_back(group->name, group->number);
        }
    }
    if (records.empty()) {
        settle_burial(buried, true);
        return answers_.give(caller.connection, std::move(answer), std::move(response));
    }
    const auto id = answers_.keep(caller.connection, {}, {}, std::move(answer));
    store(std::move(records), [this, id, response = std::move(response), buried = std::move(buried)](bool is_durable) mutable {
        settle_burial(buried, is_durable);
        if (!is_durable)
            for (auto& result : response.results)
                if (result.error_code == ErrorCode::none) result.error_code = ErrorCode::coordinator_not_available;
        answers_.give(id, std::move(response));
    });
}

void Coordinator::delete_offsets(const GroupName& name, const std::vector<PartitionName>& partitions, Answer<ErrorCode> answer) {
    const Delivery delivery(answers_);
    const ConnectionId nobody{};
    Group* group = find(name.consumer, name.group);
    if (group == nullptr || group->state == GroupState::dead)
        return answers_.give(nobody, std::move(answer), ErrorCode::group_id_not_found);
    if (group->state != GroupState::empty) return answers_.give(nobody, std::move(answer), ErrorCode::non_empty_group);
    std::vector<Offsets::Change> changes;
    const auto possible = group->offsets.possible();
    for (const auto& partition : partitions)
        if (possible.contains(partition)) changes.emplace_back(partition, std::nullopt);
    if (changes.empty()) return answers_.give(nobody, std::move(answer), ErrorCode::none);
    const auto id = answers_.keep(nobody, name, {}, std::move(answer));
    store_changes(*group, std::move(changes),
                  [this, id](bool is_durable) { answers_.give(id, is_durable ? ErrorCode::none : ErrorCode::coordinator_not_available); });
}

std::vector<std::string> Coordinator::consumers() const {
    std::vector<std::string> names;
    for (const auto& [name, groups] : groups_of_) names.push_back(name);
    return names;
}

void Coordinator::forget_consumer(std::string_view consumer, Answer<ErrorCode> answer) {
    const Delivery delivery(answers_);
    std::vector<StoredRecord> records;
    std::vector<std::pair<GroupName, std::uint64_t>> buried;
    for (auto& [name, group] : groups_) {
        if (name.consumer != consumer || group->state == GroupState::dead) continue;
        for (auto& [id, member] : group->members) drop_answers(*group, member, ErrorCode::group_authorization_failed);
        group->clear_members();
        group->join_deadline = group->sync_deadline = never;
        bury(*group, records);
        buried.emplace_back(name, group->number);
    }
    const auto id = answers_.keep(ConnectionId{}, {}, {}, std::move(answer));
    store(std::move(records), [this, id, buried = std::move(buried)](bool is_durable) {
        settle_burial(buried, is_durable);
        answers_.give(id, is_durable ? ErrorCode::none : ErrorCode::coordinator_not_available);
    });
}

}  // namespace tenter::groups
