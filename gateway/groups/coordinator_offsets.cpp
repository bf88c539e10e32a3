// OffsetCommit, OffsetFetch.

#include <algorithm>
#include <utility>

#include "gateway/groups/coordinator.hpp"

namespace tenter::groups {

using kafka_protocol::ErrorCode;
using kafka_protocol::OffsetCommitPartition;
using kafka_protocol::OffsetCommitRequest;
using kafka_protocol::OffsetCommitResponse;
using kafka_protocol::OffsetFetchPartitionResponse;
using kafka_protocol::OffsetFetchRequest;
using kafka_protocol::OffsetFetchResponse;

namespace {

constexpr std::int64_t no_offset = -1;

/// An answer with what `error_of` says of each partition.
template <class ErrorOf>
OffsetCommitResponse response_to(const OffsetCommitRequest& request, ErrorOf error_of) {
    OffsetCommitResponse response;
    for (const auto& topic : request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto& partition : topic.partitions)
            answered.partitions.push_back({.partition_index = partition.partition_index, .error_code = error_of(topic.name, partition)});
    }
    return response;
}

void replace_none(OffsetCommitResponse& response, ErrorCode error) {
    for (auto& topic : response.topics)
        for (auto& partition : topic.partitions)
            if (partition.error_code == ErrorCode::none) partition.error_code = error;
}

OffsetFetchPartitionResponse fetched(std::int32_t partition, const CommittedOffset* known) {
    if (known == nullptr) return {.partition_index = partition, .committed_offset = no_offset, .metadata = ""};
    return {.partition_index = partition,
            .committed_offset = known->offset,
            .committed_leader_epoch = known->leader_epoch,
            .metadata = known->metadata};
}

OffsetFetchResponse all_of(const Group* group) {
    OffsetFetchResponse response;
    if (group == nullptr) return response;
    for (const auto& [partition, known] : group->offsets.durable()) {
        if (response.topics.empty() || response.topics.back().name != partition.topic)
            response.topics.emplace_back().name = partition.topic;
        response.topics.back().partitions.push_back(fetched(partition.partition, &known.offset));
    }
    return response;
}

}  // namespace

ErrorCode Coordinator::check_commit(Group& group, const OffsetCommitRequest& request) {
    const auto generation = request.generation_id_or_member_epoch;
    if (group.state == GroupState::dead) return ErrorCode::coordinator_not_available;
    if (generation < 0 && group.state == GroupState::empty) return ErrorCode::none;  // a tool, or a consumer that needs no group
    const bool is_from_member = generation >= 0 || !request.member_id.empty() || request.group_instance_id;
    if (!is_from_member) return group.state == GroupState::empty ? ErrorCode::none : ErrorCode::unknown_member_id;
    const auto error = check_member(group, request.member_id, request.group_instance_id);
    if (error != ErrorCode::none) return error;
    if (generation != group.generation) return ErrorCode::illegal_generation;
    // Between two generations a member may still say how far it came in the last one, but not when it has been told the next one.
    if (group.state == GroupState::completing_rebalance) return ErrorCode::rebalance_in_progress;
    return ErrorCode::none;
}

void Coordinator::commit_offsets(const Caller& caller, const OffsetCommitRequest& request, Answer<OffsetCommitResponse> answer) {
    const Delivery delivery(answers_);
    const auto refuse = [&](ErrorCode error) {
        answers_.give(caller.connection, std::move(answer), response_to(request, [&](const auto&, const auto&) { return error; }));
    };
    if (request.group_id.size() > options_.limits.name) return refuse(ErrorCode::invalid_group_id);
    if (is_full()) return refuse(ErrorCode::coordinator_not_available);
    Group* group = find(caller.consumer, request.group_id);
    if (group == nullptr && request.generation_id_or_member_epoch >= 0) return refuse(ErrorCode::illegal_generation);
    if (group == nullptr) group = find_or_make(caller.consumer, request.group_id);
    if (group == nullptr) return refuse(ErrorCode::policy_violation);
    if (const auto error = check_commit(*group, request); error != ErrorCode::none) return refuse(error);
    if (auto* member = group->find_member(request.member_id)) renew_session(*group, *member);

    std::vector<Offsets::Change> changes;
    std::size_t size = group->offsets.size();
    auto response = response_to(request, [&](const std::string& topic, const OffsetCommitPartition& partition) {
        const auto& metadata = partition.committed_metadata;
        if (metadata && metadata->size() > options_.limits.offset_metadata) return ErrorCode::offset_metadata_too_large;
        PartitionName name{.topic = topic, .partition = partition.partition_index};
        if (!group->offsets.contains(name) && ++size > options_.limits.offsets_per_group) return ErrorCode::policy_violation;
        changes.emplace_back(std::move(name), CommittedOffset{.offset = partition.committed_offset,
                                                              .leader_epoch = partition.committed_leader_epoch,
                                                              .metadata = metadata.value_or(std::string()),
                                                              .committed_at = clock_.now()});
        return ErrorCode::none;
    });
    if (changes.empty()) return answers_.give(caller.connection, std::move(answer), std::move(response));
    const auto id = answers_.keep(caller.connection, group->name, {}, std::move(answer));
    store_changes(*group, std::move(changes), [this, id, response = std::move(response)](bool is_durable) mutable {
        if (!is_durable) replace_none(response, ErrorCode::coordinator_not_available);
        answers_.give(id, std::move(response));
    });
}

void Coordinator::store_changes(Group& group, std::vector<Offsets::Change> changes, std::function<void(bool)> then) {
    std::vector<StoredRecord> records;
    for (const auto& [partition, offset] : changes)
        records.push_back(encode(OffsetRecord{.group = group.name, .partition = partition, .offset = offset}));
    const auto change = group.offsets.submit(changes);
    ++group.in_flight;
    store(std::move(records),
          [this, name = group.name, number = group.number, change, changes = std::move(changes), then = std::move(then)](bool is_durable) {
              if (auto* stored = find(name, number)) {
                  --stored->in_flight;
                  stored->offsets.settle(change, changes, is_durable);
              }
              then(is_durable);
          });
}

OffsetFetchResponse Coordinator::fetch_offsets(const Caller& caller, const OffsetFetchRequest& request) {
    const Group* group = find(caller.consumer, request.group_id);
    if (!request.topics) return all_of(group);
    OffsetFetchResponse response;
    for (const auto& topic : *request.topics) {
        auto& answered = response.topics.emplace_back();
        answered.name = topic.name;
        for (const auto partition : topic.partition_indexes) {
            const auto* known = group == nullptr ? nullptr : group->offsets.find({.topic = topic.name, .partition = partition});
            answered.partitions.push_back(fetched(partition, known));
        }
    }
    return response;
}

}  // namespace tenter::groups
