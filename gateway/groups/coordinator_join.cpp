// JoinGroup: who asks to be a member, and whether that needs a new generation.

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/groups/coordinator.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::groups {

using kafka_protocol::ErrorCode;
using kafka_protocol::JoinGroupRequest;
using kafka_protocol::JoinGroupResponse;

struct Coordinator::Join {
    const Caller& caller;
    JoinGroupRequest request;
    Answer<JoinGroupResponse> answer;
};

namespace {

/// From version 4 on a client that is new is told its id before it becomes a member, so that one that gives up leaves no member behind.
constexpr std::int16_t member_id_required_since = 4;
constexpr std::size_t longest_shown = 255;  // of what clients call themselves

bool matches(const Member& member, const JoinGroupRequest& request) {
    return std::ranges::equal(member.protocols, request.protocols,
                              [](const auto& a, const auto& b) { return a.name == b.name && a.metadata == b.metadata; });
}

std::size_t size_of(const JoinGroupRequest& request) {
    std::size_t size = request.protocol_type.size();
    for (const auto& protocol : request.protocols) size += protocol.name.size() + protocol.metadata.size();
    return size;
}

}  // namespace

void Coordinator::join_group(const Caller& caller, JoinGroupRequest request, Answer<JoinGroupResponse> answer) {
    const Delivery delivery(answers_);
    Join wanted{.caller = caller, .request = std::move(request), .answer = std::move(answer)};
    const std::string id = wanted.request.member_id;
    if (const auto error = refusal(wanted.request); error != ErrorCode::none) return refuse(std::move(wanted), error, id);
    Group* group = find(caller.consumer, wanted.request.group_id);
    if (group == nullptr && !id.empty()) return refuse(std::move(wanted), ErrorCode::unknown_member_id, id);
    if (group == nullptr) group = find_or_make(caller.consumer, wanted.request.group_id);
    if (group == nullptr) return refuse(std::move(wanted), ErrorCode::policy_violation, id);
    if (group->state == GroupState::dead) return refuse(std::move(wanted), ErrorCode::coordinator_not_available, id);
    const auto* member = group->find_member(id);
    const auto more = size_of(wanted.request) - std::min(size_of(wanted.request), member == nullptr ? 0 : member->footprint());
    if (!has_room(caller.consumer, more)) return refuse(std::move(wanted), ErrorCode::policy_violation, id);
    join(std::move(wanted), *group);
    try_complete_join(*group);
    wake(*group);
}

ErrorCode Coordinator::refusal(const JoinGroupRequest& request) const {
    const auto& limits = options_.limits;
    if (request.group_id.empty() || request.group_id.size() > limits.name) return ErrorCode::invalid_group_id;
    const std::chrono::milliseconds session(request.session_timeout_ms);
    if (session < options_.least_session_timeout || session > options_.greatest_session_timeout) return ErrorCode::invalid_session_timeout;
    if (is_full()) return ErrorCode::coordinator_not_available;
    const bool is_too_much = request.protocols.size() > limits.protocols_per_member || size_of(request) > limits.member_metadata ||
                             (request.group_instance_id && request.group_instance_id->size() > limits.name);
    return is_too_much ? ErrorCode::policy_violation : ErrorCode::none;
}

/// While a rebalance is prepared those count that have joined, so that who comes last is left out.
bool Coordinator::accepts(Group& group, std::string_view member_id) const {
    const auto* member = group.find_member(member_id);
    switch (group.state) {
        case GroupState::preparing_rebalance:
            return (member != nullptr && member->has_joined) || group.joined() < options_.limits.members_per_group;
        case GroupState::completing_rebalance:
        case GroupState::stable: return member != nullptr || group.members.size() < options_.limits.members_per_group;
        case GroupState::empty:
        case GroupState::dead: break;
    }
    return true;
}

void Coordinator::join(Join join, Group& group) {
    const std::string id = join.request.member_id;
    if (!accepts(group, id)) {
        remove_promise(group, id);
        remove_member(group, id, ErrorCode::group_max_size_reached);
        return refuse(std::move(join), ErrorCode::group_max_size_reached, {});
    }
    if (!group.supports(join.request.protocol_type, join.request.protocols))
        return refuse(std::move(join), ErrorCode::inconsistent_group_protocol, id);
    if (id.empty()) return join_unknown(std::move(join), group);
    join_known(std::move(join), group);
}

void Coordinator::join_unknown(Join join, Group& group) {
    const auto& instance_id = join.request.group_instance_id;
    if (instance_id) {
        if (const auto* known = group.find_static(*instance_id)) return replace_static(std::move(join), group, std::string(known->id));
        return add_member(std::move(join), group, new_member_id(*instance_id));
    }
    if (join.caller.version >= member_id_required_since) return promise_id(std::move(join), group);
    const std::string id = new_member_id(join.caller.client_id);
    add_member(std::move(join), group, id);
}

void Coordinator::promise_id(Join join, Group& group) {
    if (group.promises.size() >= options_.limits.members_per_group) return refuse(std::move(join), ErrorCode::group_max_size_reached, {});
    const std::string id = new_member_id(join.caller.client_id);
    const std::chrono::milliseconds session(join.request.session_timeout_ms);
    group.promises.emplace(id, Promise{.deadline = clock_.monotonic() + session, .connection = join.caller.connection});
    promises_.emplace(std::pair(join.caller.connection, id), group.name);
    refuse(std::move(join), ErrorCode::member_id_required, id);
}

void Coordinator::join_known(Join join, Group& group) {
    const std::string id = join.request.member_id;
    const auto promise = group.promises.find(id);
    if (promise != group.promises.end() && !join.request.group_instance_id) {
        promises_.erase({promise->second.connection, id});
        return add_member(std::move(join), group, id);
    }
    if (const auto error = check_member(group, id, join.request.group_instance_id); error != ErrorCode::none)
        return refuse(std::move(join), error, id);
    Member& member = *group.find_member(id);
    const bool is_leader = group.leader == id;
    switch (group.state) {
        case GroupState::preparing_rebalance: return update_member(std::move(join), group, member);
        case GroupState::completing_rebalance:
            // It may not have received the first answer.
            if (matches(member, join.request)) return answer_current(std::move(join), group, member, is_leader);
            return update_member(std::move(join), group, member);
        case GroupState::stable:
            // The leader joins again when something else has changed, the number of partitions for example.
            if (is_leader || !matches(member, join.request)) return update_member(std::move(join), group, member);
            return answer_current(std::move(join), group, member, false);
        case GroupState::empty:
        case GroupState::dead: break;
    }
    refuse(std::move(join), ErrorCode::unknown_member_id, id);
}

void Coordinator::add_member(Join join, Group& group, std::string id) {
    const auto& request = join.request;
    Member made{.id = std::move(id),
                .instance_id = request.group_instance_id,
                .client_id = join.caller.client_id.substr(0, longest_shown),
                .client_host = join.caller.client_host.substr(0, longest_shown),
                .session_timeout = std::chrono::milliseconds(request.session_timeout_ms),
                .rebalance_timeout = {},
                .protocols = {},
                .assignment = {},
                .is_new = true,
                .knows_id = !request.member_id.empty() || request.group_instance_id.has_value()};
    Member& member = group.add(std::move(made), request.protocol_type);
    group.has_grown = true;
    member.deadline = clock_.monotonic() + options_.new_member_timeout;
    update_member(std::move(join), group, member);
}

/// It waits from here on for the next generation, which it makes necessary if none is prepared.
void Coordinator::update_member(Join join, Group& group, Member& member) {
    take_over(std::move(join), group, member);
    if (group.state != GroupState::preparing_rebalance) prepare_rebalance(group);
}

void Coordinator::take_over(Join join, Group& group, Member& member) {
    // A client that asks twice has lost the connection of the first time; if it has not, it is told to ask again.
    drop_answers(group, member, ErrorCode::rebalance_in_progress);
    group.set_protocols(member, std::move(join.request.protocols));
    member.session_timeout = std::chrono::milliseconds(join.request.session_timeout_ms);
    member.rebalance_timeout = std::chrono::milliseconds(std::max(0, join.request.rebalance_timeout_ms));
    member.has_joined = true;
    member.join_answer = answers_.keep(join.caller.connection, group.name, member.id, std::move(join.answer));
}

/// Somebody with the instance id of a member and no member id: the same process, started again. It takes the member's place.
void Coordinator::replace_static(Join join, Group& group, const std::string& old_id) {
    const std::string old_leader = group.leader;
    drop_answers(group, *group.find_member(old_id), ErrorCode::fenced_instance_id);
    Member& member = group.rename(old_id, new_member_id(*join.request.group_instance_id));
    member.knows_id = true;
    member.is_new = false;
    take_over(std::move(join), group, member);
    renew_session(group, member);
    if (group.state == GroupState::completing_rebalance) return prepare_rebalance(group);  // the leader may assign to the old id
    if (group.state != GroupState::stable) return;
    if (group.select_protocol() != group.protocol) return prepare_rebalance(group);
    member.has_joined = false;
    // The old leader's id, also to the leader itself: it must not assign, because nobody would be told.
    answer_join(group, member,
                {.generation_id = group.generation, .protocol_name = *group.protocol, .leader = old_leader, .member_id = member.id});
}

void Coordinator::answer_current(Join join, Group& group, const Member& member, bool with_members) {
    JoinGroupResponse response{
        .generation_id = group.generation, .protocol_name = *group.protocol, .leader = group.leader, .member_id = member.id};
    if (with_members) response.members = group.metadata();
    answers_.give(join.caller.connection, std::move(join.answer), std::move(response));
}

void Coordinator::refuse(Join join, ErrorCode error, std::string member_id) {
    answers_.give(join.caller.connection, std::move(join.answer),
                  JoinGroupResponse{.error_code = error, .member_id = std::move(member_id)});
}

std::string Coordinator::new_member_id(std::string_view prefix) {
    Uuid random;
    random_.fill(random.bytes);
    return std::string(prefix.substr(0, longest_shown)) + '-' + random.to_string();
}

}  // namespace tenter::groups
