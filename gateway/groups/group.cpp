#include "gateway/groups/group.hpp"

#include <algorithm>
#include <utility>

#include "tenter/base/assert.hpp"

namespace tenter::groups {

std::string_view to_string(GroupState state) noexcept {
    switch (state) {
        case GroupState::empty: return "Empty";
        case GroupState::preparing_rebalance: return "PreparingRebalance";
        case GroupState::completing_rebalance: return "CompletingRebalance";
        case GroupState::stable: return "Stable";
        case GroupState::dead: break;
    }
    return "Dead";
}

const Bytes* Member::metadata_for(std::string_view protocol) const {
    const auto found = std::ranges::find(protocols, protocol, &kafka_protocol::JoinGroupProtocol::name);
    return found == protocols.end() ? nullptr : &found->metadata;
}

std::size_t Member::footprint() const noexcept {
    constexpr std::size_t itself = 1'024;  // with its places in the group's lists
    std::size_t bytes = itself + id.size() + assignment.size();
    for (const auto& protocol : protocols) bytes += sizeof protocol + protocol.name.size() + protocol.metadata.size();
    return bytes;
}

std::size_t Group::footprint() const noexcept {
    constexpr std::size_t of_promise = 1'024;
    return member_bytes + promises.size() * of_promise;
}

void Group::set_protocols(Member& member, std::vector<kafka_protocol::JoinGroupProtocol> protocols) {
    member_bytes -= member.footprint();
    member.protocols = std::move(protocols);
    member_bytes += member.footprint();
}

void Group::set_assignment(Member& member, Bytes assignment) {
    member_bytes -= member.footprint();
    member.assignment = std::move(assignment);
    member_bytes += member.footprint();
}

void Group::clear_members() {
    members.clear();
    static_members.clear();
    leader.clear();
    member_bytes = 0;
}

Member* Group::find_member(std::string_view id) {
    const auto found = members.find(id);
    return found == members.end() ? nullptr : &found->second;
}

Member* Group::find_static(std::string_view instance_id) {
    const auto found = static_members.find(instance_id);
    return found == static_members.end() ? nullptr : find_member(found->second);
}

Member& Group::add(Member member, const std::string& type) {
    if (members.empty()) protocol_type = type;
    TENTER_ASSERT(protocol_type == type);
    if (member.instance_id) static_members.emplace(*member.instance_id, member.id);
    promises.erase(member.id);
    if (leader.empty()) leader = member.id;
    const std::string id = member.id;
    const auto [added, is_added] = members.emplace(id, std::move(member));
    TENTER_ASSERT(is_added);
    member_bytes += added->second.footprint();
    return added->second;
}

void Group::remove(std::string_view member_id) {
    const auto found = members.find(member_id);
    if (found == members.end()) return;
    TENTER_ASSERT(!found->second.waits());
    if (found->second.instance_id) static_members.erase(*found->second.instance_id);
    const bool led = leader == member_id;
    member_bytes -= found->second.footprint();
    members.erase(found);
    if (led) leader = members.empty() ? std::string() : members.begin()->first;
}

Member& Group::rename(std::string_view old_id, const std::string& new_id) {
    auto node = members.extract(members.find(old_id));
    TENTER_ASSERT(!node.empty() && node.mapped().instance_id);
    if (leader == old_id) leader = new_id;
    static_members[*node.mapped().instance_id] = new_id;
    member_bytes -= node.mapped().footprint();
    node.key() = new_id;
    node.mapped().id = new_id;
    member_bytes += node.mapped().footprint();
    return members.insert(std::move(node)).position->second;
}

bool Group::supports(std::string_view type, const std::vector<kafka_protocol::JoinGroupProtocol>& protocols) const {
    if (state == GroupState::empty) return !type.empty() && !protocols.empty();
    if (type != protocol_type) return false;
    const auto common = common_protocols();
    return members.empty() || std::ranges::any_of(protocols, [&](const auto& wanted) { return common.contains(wanted.name); });
}

/// Each member's protocols are looked at once: a thousand members that have many, and few in common, would otherwise keep all others
/// waiting.
std::set<std::string_view> Group::common_protocols() const {
    std::map<std::string_view, std::size_t> counts;
    for (const auto& [id, member] : members) {
        std::set<std::string_view> own;  // who names one twice has it once
        for (const auto& offered : member.protocols)
            if (own.insert(offered.name).second) ++counts[offered.name];
    }
    std::set<std::string_view> common;
    for (const auto& [which, count] : counts)
        if (count == members.size()) common.insert(which);
    return common;
}

std::string Group::select_protocol() const {
    TENTER_ASSERT(!members.empty());
    const auto common = common_protocols();
    std::vector<std::pair<std::string, std::size_t>> votes;
    for (const auto& [id, member] : members) {
        const auto vote = std::ranges::find_if(member.protocols, [&](const auto& wanted) { return common.contains(wanted.name); });
        TENTER_ASSERT(vote != member.protocols.end());  // `supports` let in only who has one in common with all
        const auto counted = std::ranges::find(votes, vote->name, &std::pair<std::string, std::size_t>::first);
        if (counted == votes.end()) {
            votes.emplace_back(vote->name, 1);
        } else {
            ++counted->second;
        }
    }
    return std::ranges::max_element(votes, {}, &std::pair<std::string, std::size_t>::second)->first;
}

bool Group::elect_leader() {
    const auto can_lead = [](const Member& member) { return member.has_joined && member.join_answer != 0; };
    if (const auto* now = find_member(leader); now != nullptr && can_lead(*now)) return true;
    const auto able = std::ranges::find_if(members, [&](const auto& each) { return can_lead(each.second); });
    if (able != members.end()) {
        leader = able->first;
        return true;
    }
    const auto joined = std::ranges::find_if(members, [](const auto& each) { return each.second.has_joined; });
    if (joined == members.end()) return false;
    leader = joined->first;  // its connection is gone: it comes back, or fails by its session timeout
    return true;
}

bool Group::has_all_joined() const {
    return promises.empty() && std::ranges::all_of(members, [](const auto& each) { return each.second.has_joined; });
}

bool Group::has_all_synced() const {
    return std::ranges::all_of(members, [](const auto& each) { return each.second.has_synced; });
}

std::size_t Group::joined() const {
    return static_cast<std::size_t>(std::ranges::count_if(members, [](const auto& each) { return each.second.has_joined; }));
}

std::chrono::milliseconds Group::rebalance_timeout() const {
    std::chrono::milliseconds longest{};
    for (const auto& [id, member] : members) longest = std::max(longest, member.rebalance_timeout);
    return longest;
}

std::vector<kafka_protocol::JoinGroupMember> Group::metadata() const {
    std::vector<kafka_protocol::JoinGroupMember> all;
    for (const auto& [id, member] : members)
        all.push_back({.member_id = id, .group_instance_id = member.instance_id, .metadata = *member.metadata_for(*protocol)});
    return all;
}

GroupFacts Group::facts() const {
    GroupFacts facts{
        .protocol_type = protocol_type, .generation = generation, .protocol = protocol, .leader = {}, .changed_at = changed_at};
    if (!members.empty()) facts.leader = leader;
    return facts;
}

Instant Group::next_deadline() const {
    Instant next = std::min(join_deadline, sync_deadline);
    for (const auto& [id, member] : members) next = std::min(next, member.effective_deadline());
    for (const auto& [id, promise] : promises) next = std::min(next, promise.deadline);
    return next;
}

bool Group::is_useless() const { return state == GroupState::empty && promises.empty() && offsets.is_empty() && in_flight == 0; }

}  // namespace tenter::groups
