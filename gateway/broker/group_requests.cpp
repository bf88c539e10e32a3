#include "gateway/broker/group_requests.hpp"

#include <map>
#include <set>
#include <utility>
#include <vector>

namespace tenter::broker {

using kafka_protocol::ErrorCode;
using kafka_protocol::ListedGroup;

std::optional<GroupRequests::Target> GroupRequests::target(std::string_view group) const {
    Target found{.caller = context_.caller, .group = std::string(group)};
    if (!context_.is_operator) return found;
    const auto slash = group.find('/');
    if (slash == std::string_view::npos || slash == 0) return std::nullopt;
    found.caller.consumer = group.substr(0, slash);
    found.group = group.substr(slash + 1);
    return found;
}

void GroupRequests::join(kafka_protocol::JoinGroupRequest request, groups::Answer<kafka_protocol::JoinGroupResponse> answer) {
    auto found = target(request.group_id);
    if (!found) return answer({.error_code = ErrorCode::invalid_group_id, .member_id = request.member_id});
    request.group_id = std::move(found->group);
    context_.coordinator.join_group(found->caller, std::move(request), std::move(answer));
}

void GroupRequests::sync(kafka_protocol::SyncGroupRequest request, groups::Answer<kafka_protocol::SyncGroupResponse> answer) {
    auto found = target(request.group_id);
    if (!found) return answer({.error_code = ErrorCode::invalid_group_id});
    request.group_id = std::move(found->group);
    context_.coordinator.sync_group(found->caller, std::move(request), std::move(answer));
}

kafka_protocol::HeartbeatResponse GroupRequests::heartbeat(kafka_protocol::HeartbeatRequest request) {
    auto found = target(request.group_id);
    if (!found) return {.error_code = ErrorCode::invalid_group_id};
    request.group_id = std::move(found->group);
    return context_.coordinator.heartbeat(found->caller, request);
}

kafka_protocol::LeaveGroupResponse GroupRequests::leave(kafka_protocol::LeaveGroupRequest request) {
    auto found = target(request.group_id);
    if (!found) return {.error_code = ErrorCode::invalid_group_id};
    request.group_id = std::move(found->group);
    return context_.coordinator.leave_group(found->caller, request);
}

kafka_protocol::DescribeGroupsResponse GroupRequests::describe(const kafka_protocol::DescribeGroupsRequest& request) {
    kafka_protocol::DescribeGroupsResponse response;
    std::set<std::string_view> told;  // each once: a group's members may be many, and its name is short
    for (const auto& name : request.groups) {
        if (!told.insert(name).second) continue;
        const auto found = target(name);
        if (!found) {
            response.groups.push_back({.error_code = ErrorCode::invalid_group_id, .group_id = name});
            continue;
        }
        auto described = context_.coordinator.describe_groups(found->caller, {.groups = {found->group}});
        described.groups.front().group_id = name;
        response.groups.push_back(std::move(described.groups.front()));
    }
    return response;
}

kafka_protocol::ListGroupsResponse GroupRequests::list(const kafka_protocol::ListGroupsRequest& request) {
    if (!context_.is_operator) return context_.coordinator.list_groups(context_.caller, request);
    kafka_protocol::ListGroupsResponse response;
    auto caller = context_.caller;
    for (const auto& consumer : context_.registry.all()) {
        caller.consumer = consumer.name;
        for (auto& group : context_.coordinator.list_groups(caller, request).groups) {
            group.group_id = consumer.name + "/" + group.group_id;
            response.groups.push_back(std::move(group));
        }
    }
    return response;
}

void GroupRequests::remove(const kafka_protocol::DeleteGroupsRequest& request,
                           groups::Answer<kafka_protocol::DeleteGroupsResponse> answer) {
    struct Parts {
        kafka_protocol::DeleteGroupsResponse response;
        groups::Answer<kafka_protocol::DeleteGroupsResponse> answer;
        std::size_t missing = 0;
    };
    struct OfConsumer {
        groups::Caller caller;
        kafka_protocol::DeleteGroupsRequest request;
        std::vector<std::size_t> places;  // in the response
    };
    const auto parts = std::make_shared<Parts>(Parts{.response = {}, .answer = std::move(answer)});
    std::map<std::string, OfConsumer> by_consumer;
    for (const auto& name : request.groups_names) {
        auto& result = parts->response.results.emplace_back();
        result.group_id = name;
        auto found = target(name);
        if (!found) {
            result.error_code = ErrorCode::invalid_group_id;
            continue;
        }
        auto& of_consumer = by_consumer[found->caller.consumer];
        of_consumer.caller = std::move(found->caller);
        of_consumer.request.groups_names.push_back(std::move(found->group));
        of_consumer.places.push_back(parts->response.results.size() - 1);
    }
    if (by_consumer.empty()) return parts->answer(std::move(parts->response));
    parts->missing = by_consumer.size();
    for (auto& [consumer, of_consumer] : by_consumer) {
        context_.coordinator.delete_groups(of_consumer.caller, of_consumer.request,
                                           [parts, places = of_consumer.places](const kafka_protocol::DeleteGroupsResponse& deleted) {
                                               for (std::size_t i = 0; i < places.size(); ++i)
                                                   parts->response.results[places[i]].error_code = deleted.results[i].error_code;
                                               if (--parts->missing == 0) parts->answer(std::move(parts->response));
                                           });
    }
}

}  // namespace tenter::broker
