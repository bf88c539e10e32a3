// From one generation of a group to the next.

#include <algorithm>
#include <limits>
#include <utility>

#include "gateway/groups/coordinator.hpp"

namespace tenter::groups {

using kafka_protocol::ErrorCode;
using kafka_protocol::JoinGroupResponse;
using kafka_protocol::SyncGroupResponse;

void Coordinator::prepare_rebalance(Group& group) {
    const bool was_empty = group.state == GroupState::empty;
    if (group.state == GroupState::completing_rebalance) reset_assignments(group, ErrorCode::rebalance_in_progress);
    group.state = GroupState::preparing_rebalance;
    group.sync_deadline = never;
    group.is_initial_delay = was_empty && options_.initial_rebalance_delay.count() > 0;
    group.has_grown = false;
    const auto timeout = group.rebalance_timeout();
    const auto delay = group.is_initial_delay ? options_.initial_rebalance_delay : timeout;
    group.delay_left = std::max(timeout - delay, std::chrono::milliseconds{});
    group.join_deadline = clock_.monotonic() + delay;
    try_complete_join(group);
}

void Coordinator::try_complete_join(Group& group) {
    if (group.state == GroupState::preparing_rebalance && !group.is_initial_delay && group.has_all_joined()) complete_join(group);
}

void Coordinator::end_initial_delay(Group& group) {
    if (!group.has_grown || group.delay_left.count() == 0) return complete_join(group);
    const auto delay = std::min(options_.initial_rebalance_delay, group.delay_left);
    group.has_grown = false;
    group.delay_left -= delay;
    group.join_deadline = clock_.monotonic() + delay;
}

void Coordinator::complete_join(Group& group) {
    std::vector<std::string> late;
    for (const auto& [id, member] : group.members)
        if (!member.has_joined && !member.instance_id) late.push_back(id);
    for (const auto& id : late) group.remove(id);
    if (!group.members.empty() && !group.elect_leader()) {
        // Static members only, and none has come back: their sessions decide.
        group.join_deadline = clock_.monotonic() + std::max(group.rebalance_timeout(), std::chrono::milliseconds(1));
        return;
    }
    group.join_deadline = never;
    group.is_initial_delay = false;
    next_generation(group);
    if (group.members.empty()) {
        group.state = GroupState::empty;
        group.protocol.reset();
        store_facts(group, [](Group&, bool) {});
        return;
    }
    group.protocol = group.select_protocol();
    group.state = GroupState::completing_rebalance;
    group.sync_deadline = clock_.monotonic() + group.rebalance_timeout();
    for (auto& [id, member] : group.members) {
        JoinGroupResponse response{
            .generation_id = group.generation, .protocol_name = *group.protocol, .leader = group.leader, .member_id = id};
        if (id == group.leader) response.members = group.metadata();
        const bool has_connection = answers_.is_waiting(member.join_answer);
        answer_join(group, member, std::move(response));
        member.has_joined = false;
        member.has_synced = false;
        // Who lost the connection, or has not come back, has no more time than it had.
        if (has_connection) renew_session(group, member);
        member.is_new = false;
    }
}

/// Rises, and begins at Unix seconds, so that none repeats when a restart has lost the last one. They end in 2038; from then on it is the
/// stored generation that keeps them rising.
void Coordinator::next_generation(Group& group) {
    constexpr std::int64_t latest = std::numeric_limits<std::int32_t>::max() - (1 << 24);
    group.changed_at = clock_.now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(group.changed_at).time_since_epoch().count();
    const auto now = static_cast<std::int32_t>(std::clamp<std::int64_t>(seconds, 1, latest));
    group.generation = group.generation == std::numeric_limits<std::int32_t>::max() ? 1 : std::max(group.generation + 1, now);
}

void Coordinator::end_waiting_for_sync(Group& group) {
    std::vector<std::string> late;
    for (const auto& [id, member] : group.members)
        if (!member.has_synced) late.push_back(id);
    group.sync_deadline = never;
    if (late.empty()) return;
    for (const auto& id : late) {
        drop_answers(group, *group.find_member(id), ErrorCode::unknown_member_id);
        group.remove(id);
    }
    prepare_rebalance(group);
}

void Coordinator::reset_assignments(Group& group, ErrorCode error) {
    for (auto& [id, member] : group.members) {
        group.set_assignment(member, {});
        answer_sync(group, member, {.error_code = error});
    }
}

void Coordinator::give_assignments(Group& group, std::map<std::string, Bytes> assignments) {
    group.state = GroupState::stable;
    for (auto& [id, member] : group.members) {
        const auto own = assignments.find(id);
        group.set_assignment(member, own == assignments.end() ? Bytes() : std::move(own->second));
        answer_sync(group, member, {.assignment = member.assignment});
    }
}

void Coordinator::renew_session(Group& group, Member& member) {
    member.deadline = clock_.monotonic() + member.session_timeout;
    wake(group);
}

/// A member that leaves or fails, and what follows for the others.
void Coordinator::remove_member(Group& group, std::string member_id, ErrorCode told) {
    auto* member = group.find_member(member_id);
    if (member == nullptr) return;
    drop_answers(group, *member, told);
    group.remove(member_id);
    if (group.state == GroupState::stable || group.state == GroupState::completing_rebalance) return prepare_rebalance(group);
    try_complete_join(group);
}

void Coordinator::remove_promise(Group& group, std::string_view member_id) {
    const auto found = group.promises.find(member_id);
    if (found == group.promises.end()) return;
    promises_.erase({found->second.connection, found->first});
    group.promises.erase(found);
    try_complete_join(group);
}

void Coordinator::drop_answers(Group& group, Member& member, ErrorCode told) {
    // The id is not told to who is thrown out, so that it joins as somebody new.
    answer_join(group, member, {.error_code = told, .member_id = told == ErrorCode::unknown_member_id ? std::string() : member.id});
    answer_sync(group, member, {.error_code = told});
}

void Coordinator::answer_join(Group& group, Member& member, JoinGroupResponse response) {
    if (member.join_answer == 0) return;
    answers_.give(std::exchange(member.join_answer, 0), std::move(response));
    member.knows_id = true;
    renew_session(group, member);
}

void Coordinator::answer_sync(Group& group, Member& member, SyncGroupResponse response) {
    if (member.sync_answer == 0) return;
    answers_.give(std::exchange(member.sync_answer, 0), std::move(response));
    renew_session(group, member);
}

}  // namespace tenter::groups
