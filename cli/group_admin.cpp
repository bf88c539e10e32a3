#include "cli/group_admin.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "gateway/kafka_protocol/consumer_protocol.hpp"

namespace tenter::cli {
namespace {

namespace kp = kafka_protocol;

constexpr std::int64_t latest = -1;  // ListOffsets
constexpr std::int64_t earliest = -2;
constexpr std::string_view consumer_protocol_type = "consumer";

/// In the words of somebody who has typed a command.
Error refused(kp::ErrorCode code, const std::string& what) {
    switch (code) {
        case kp::ErrorCode::non_empty_group:
        case kp::ErrorCode::unknown_member_id:  // a tool's commit to a group with members
        case kp::ErrorCode::rebalance_in_progress:
        case kp::ErrorCode::illegal_generation: return {Errc::invalid_input, what + ": the group has members; stop its consumers first"};
        case kp::ErrorCode::group_id_not_found: return {Errc::not_found, what + ": there is no such group"};
        case kp::ErrorCode::unknown_topic_or_partition: return {Errc::not_found, what + ": there is no such topic or partition"};
        case kp::ErrorCode::coordinator_load_in_progress:
        case kp::ErrorCode::coordinator_not_available:
            return {Errc::unavailable, what + ": the gateway cannot store offsets now; its log says why"};
        case kp::ErrorCode::invalid_group_id: return {Errc::invalid_input, what + ": expected CONSUMER or CONSUMER/GROUP"};
        default: break;
    }
    const auto name = kp::to_string(code);
    return {Errc::unavailable, what + ": " + (name.empty() ? "error " + std::to_string(std::to_underlying(code)) : std::string(name))};
}

Result<kp::DescribedGroup> described(OperatorLink& link, const std::string& name) {
    auto answer = link.ask<kp::DescribeGroupsResponse>(kp::DescribeGroupsRequest{.groups = {name}});
    if (!answer) return fail(std::move(answer.error()));
    if (answer->groups.size() != 1) return fail(Errc::invalid_input, "the gateway described another group");
    auto& group = answer->groups.front();
    if (group.error_code != kp::ErrorCode::none && group.error_code != kp::ErrorCode::group_id_not_found)
        return fail(refused(group.error_code, "group " + name));
    if (group.error_code == kp::ErrorCode::group_id_not_found) group.group_state = "Dead";
    return std::move(group);
}

using Offsets = std::map<TopicPartitionName, std::int64_t>;

/// Of all that the group has; and of those topics what it begins with where it has none: a consumer's own group does not begin with
/// nothing.
Result<Offsets> committed_offsets(OperatorLink& link, const std::string& group,
                                  std::optional<std::vector<kp::OffsetFetchTopic>> topics = std::nullopt) {
    const auto answer = link.ask<kp::OffsetFetchResponse>(kp::OffsetFetchRequest{.group_id = group, .topics = std::move(topics)});
    if (!answer) return fail(answer.error());
    if (answer->error_code != kp::ErrorCode::none) return fail(refused(answer->error_code, "offsets of group " + group));
    Offsets offsets;
    for (const auto& topic : answer->topics)
        for (const auto& partition : topic.partitions)
            if (partition.error_code == kp::ErrorCode::none && partition.committed_offset >= 0)
                offsets[{topic.name, partition.partition_index}] = partition.committed_offset;
    return offsets;
}

/// Of those partitions that there are.
Result<Offsets> log_offsets(OperatorLink& link, const std::vector<TopicPartitionName>& partitions, std::int64_t timestamp) {
    kp::ListOffsetsRequest request{.replica_id = -1};
    for (const auto& at : partitions) {
        if (request.topics.empty() || request.topics.back().name != at.topic) request.topics.push_back({.name = at.topic});
        request.topics.back().partitions.push_back({.partition_index = at.partition, .timestamp = timestamp});
    }
    Offsets offsets;
    if (partitions.empty()) return offsets;
    const auto answer = link.ask<kp::ListOffsetsResponse>(request);
    if (!answer) return fail(answer.error());
    for (const auto& topic : answer->topics) {
        for (const auto& partition : topic.partitions) {
            if (partition.error_code == kp::ErrorCode::none)
                offsets[{topic.name, partition.partition_index}] = partition.offset;
            else if (partition.error_code != kp::ErrorCode::unknown_topic_or_partition)
                return fail(refused(partition.error_code, topic.name + "/" + std::to_string(partition.partition_index)));
        }
    }
    return offsets;
}

/// Their partitions, of those topics that there are.
Result<std::vector<kp::OffsetFetchTopic>> all_partitions(OperatorLink& link, const std::vector<std::string>& topics) {
    std::vector<kp::OffsetFetchTopic> all;
    if (topics.empty()) return all;
    kp::MetadataRequest request{.topics = std::vector<kp::MetadataRequestTopic>(), .allow_auto_topic_creation = false};
    for (const auto& topic : topics) request.topics->push_back({.name = topic});
    const auto answer = link.ask<kp::MetadataResponse>(request);
    if (!answer) return fail(answer.error());
    for (const auto& topic : answer->topics) {
        if (topic.error_code != kp::ErrorCode::none) continue;
        auto& found = all.emplace_back();
        found.name = topic.name;
        for (const auto& partition : topic.partitions) found.partition_indexes.push_back(partition.partition_index);
    }
    return all;
}

std::vector<TopicPartitionName> assigned_to(const kp::DescribedGroupMember& member, const std::string& protocol_type) {
    std::vector<TopicPartitionName> partitions;
    if (protocol_type != consumer_protocol_type) return partitions;
    const auto assignment = kp::decode_assignment(member.member_assignment);
    if (!assignment) return partitions;
    for (const auto& topic : assignment->assigned_partitions)
        for (const auto partition : topic.partitions) partitions.push_back({topic.topic, partition});
    std::ranges::sort(partitions);
    return partitions;
}

Result<Error> no_group(OperatorLink& link, const std::string& name) {
    const auto groups = list_groups(link);
    if (!groups) return fail(groups.error());
    std::string names;
    for (const auto& group : *groups) names.append(names.empty() ? "" : ", ").append(group.name);
    return Error{Errc::not_found, "no group \"" + name + "\"; there are: " + (names.empty() ? "none" : names)};
}

template <class Value>
std::optional<Value> found(const std::map<TopicPartitionName, Value>& map, const TopicPartitionName& at) {
    const auto entry = map.find(at);
    return entry == map.end() ? std::nullopt : std::optional(entry->second);
}

Result<std::vector<TopicPartitionName>> partitions_of(OperatorLink& link, const ResetWish& wish) {
    kp::MetadataRequest request{.topics = std::vector<kp::MetadataRequestTopic>(), .allow_auto_topic_creation = false};
    for (const auto& topic : wish.topics) request.topics->push_back({.name = topic});
    const auto answer = link.ask<kp::MetadataResponse>(request);
    if (!answer) return fail(answer.error());
    std::vector<TopicPartitionName> partitions;
    for (const auto& topic : answer->topics) {
        if (topic.error_code != kp::ErrorCode::none) return fail(refused(topic.error_code, "topic " + topic.name));
        bool has_it = !wish.partition;
        for (const auto& partition : topic.partitions) {
            if (wish.partition && partition.partition_index != *wish.partition) continue;
            partitions.push_back({topic.name, partition.partition_index});
            has_it = true;
        }
        if (!has_it) return fail(refused(kp::ErrorCode::unknown_topic_or_partition, topic.name + "/" + std::to_string(*wish.partition)));
    }
    std::ranges::sort(partitions);
    return partitions;
}

}  // namespace

std::string full_group_name(std::string_view text) {
    std::string name(text);
    return name.find('/') == std::string::npos ? name + "/" + name : name;
}

std::optional<std::int64_t> GroupPartition::lag() const {
    if (!committed || !end) return std::nullopt;
    return std::max<std::int64_t>(*end - *committed, 0);
}

Result<std::vector<GroupSummary>> list_groups(OperatorLink& link) {
    const auto answer = link.ask<kp::ListGroupsResponse>(kp::ListGroupsRequest{});
    if (!answer) return fail(answer.error());
    if (answer->error_code != kp::ErrorCode::none) return fail(refused(answer->error_code, "groups"));
    std::vector<GroupSummary> groups;
    kp::DescribeGroupsRequest request;
    for (const auto& group : answer->groups) {
        groups.push_back({group.group_id, group.group_state, 0});
        request.groups.push_back(group.group_id);
    }
    std::ranges::sort(groups, {}, &GroupSummary::name);
    if (groups.empty()) return groups;
    const auto details = link.ask<kp::DescribeGroupsResponse>(request);
    if (!details) return fail(details.error());
    for (const auto& detail : details->groups) {
        const auto group = std::ranges::find(groups, detail.group_id, &GroupSummary::name);
        if (group != groups.end()) group->members = detail.members.size();
    }
    return groups;
}

Result<GroupDescription> describe_group(OperatorLink& link, const std::string& name, const std::vector<std::string>& own_topics) {
    const auto group = described(link, name);
    if (!group) return fail(group.error());
    auto committed = committed_offsets(link, name);
    if (!committed) return fail(committed.error());
    if (group->group_state == "Dead" && committed->empty()) {
        auto error = no_group(link, name);
        return fail(error ? std::move(*error) : std::move(error.error()));
    }
    auto own = all_partitions(link, own_topics);
    if (!own) return fail(std::move(own.error()));
    if (!own->empty()) {
        auto begins = committed_offsets(link, name, std::move(*own));
        if (!begins) return fail(std::move(begins.error()));
        committed->merge(*begins);
    }
    GroupDescription description{.name = name, .state = group->group_state, .assignor = group->protocol_data};
    std::map<TopicPartitionName, std::size_t> owners;
    for (const auto& member : group->members) {
        GroupMember shown{member.member_id, member.client_id, member.client_host, assigned_to(member, group->protocol_type)};
        for (const auto& at : shown.assigned) owners[at] = description.members.size();
        description.members.push_back(std::move(shown));
    }
    std::vector<TopicPartitionName> all;
    for (const auto& [at, offset] : *committed) all.push_back(at);
    for (const auto& [at, owner] : owners) all.push_back(at);
    std::ranges::sort(all);
    const auto repeated = std::ranges::unique(all);
    all.erase(repeated.begin(), repeated.end());
    const auto ends = log_offsets(link, all, latest);
    if (!ends) return fail(ends.error());
    for (const auto& at : all) description.partitions.push_back({at, found(*committed, at), found(*ends, at), found(owners, at)});
    return description;
}

Result<std::vector<OffsetMove>> plan_reset(OperatorLink& link, const std::string& group, const ResetWish& wish) {
    const auto state = described(link, group);
    if (!state) return fail(state.error());
    if (!state->members.empty()) return fail(refused(kp::ErrorCode::non_empty_group, "group " + group));
    const auto partitions = partitions_of(link, wish);
    if (!partitions) return fail(partitions.error());
    const auto committed = committed_offsets(link, group);
    if (!committed) return fail(committed.error());
    const auto starts = log_offsets(link, *partitions, earliest);
    if (!starts) return fail(starts.error());
    const auto ends = log_offsets(link, *partitions, latest);
    if (!ends) return fail(ends.error());
    Offsets by_time;
    if (const auto* const time = std::get_if<FromTime>(&wish.to)) {
        auto offsets = log_offsets(link, *partitions, time->time.time_since_epoch().count());
        if (!offsets) return fail(std::move(offsets.error()));
        by_time = std::move(*offsets);
    }
    std::vector<OffsetMove> moves;
    for (const auto& at : *partitions) {
        const auto start = found(*starts, at);
        const auto end = found(*ends, at);
        if (!start || !end) return fail(refused(kp::ErrorCode::unknown_topic_or_partition, at.topic + "/" + std::to_string(at.partition)));
        std::int64_t target = *start;
        if (std::holds_alternative<FromLatest>(wish.to)) target = *end;
        if (const auto* const offset = std::get_if<FromOffset>(&wish.to)) target = std::clamp(offset->offset, *start, *end);
        if (std::holds_alternative<FromTime>(wish.to)) {
            const auto first = found(by_time, at);  // -1: nothing since then
            target = first && *first >= 0 ? *first : *end;
        }
        moves.push_back({at, found(*committed, at), target});
    }
    return moves;
}

Result<void> reset_offsets(OperatorLink& link, const std::string& group, const std::vector<OffsetMove>& moves) {
    kp::OffsetCommitRequest request{.group_id = group};
    for (const auto& move : moves) {
        if (request.topics.empty() || request.topics.back().name != move.at.topic) request.topics.push_back({.name = move.at.topic});
        request.topics.back().partitions.push_back(
            {.partition_index = move.at.partition, .committed_offset = move.target, .committed_metadata = ""});
    }
    const auto answer = link.ask<kp::OffsetCommitResponse>(request);
    if (!answer) return fail(answer.error());
    for (const auto& topic : answer->topics)
        for (const auto& partition : topic.partitions)
            if (partition.error_code != kp::ErrorCode::none)
                return fail(
                    refused(partition.error_code, "group " + group + ", " + topic.name + "/" + std::to_string(partition.partition_index)));
    return {};
}

Result<void> delete_group(OperatorLink& link, const std::string& name) {
    const auto answer = link.ask<kp::DeleteGroupsResponse>(kp::DeleteGroupsRequest{.groups_names = {name}});
    if (!answer) return fail(answer.error());
    if (answer->results.size() != 1) return fail(Errc::invalid_input, "the gateway answered for another group");
    const auto code = answer->results.front().error_code;
    if (code == kp::ErrorCode::none) return {};
    if (code != kp::ErrorCode::group_id_not_found) return fail(refused(code, "group " + name));
    auto error = no_group(link, name);
    return fail(error ? std::move(*error) : std::move(error.error()));
}

}  // namespace tenter::cli
