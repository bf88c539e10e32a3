// OffsetCommit and OffsetFetch: names of topics in both directions, and what cannot be seen left out.

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/broker/group_requests.hpp"

namespace tenter::broker {

using kafka_protocol::ErrorCode;
using kafka_protocol::OffsetCommitRequest;
using kafka_protocol::OffsetCommitResponse;
using kafka_protocol::OffsetFetchPartitionResponse;
using kafka_protocol::OffsetFetchRequest;
using kafka_protocol::OffsetFetchResponse;

namespace {

constexpr std::int64_t no_offset = -1;

/// An answer in which every partition has the same error.
OffsetCommitResponse refused(const OffsetCommitRequest& request, ErrorCode error) {
    OffsetCommitResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.topics.emplace_back();
        told.name = topic.name;
        for (const auto& partition : topic.partitions)
            told.partitions.push_back({.partition_index = partition.partition_index, .error_code = error});
    }
    return response;
}

/// Puts the coordinator's answer, in the order of what it was asked, where nothing is said yet.
void fill(OffsetCommitResponse& response, const std::vector<std::pair<std::size_t, std::size_t>>& places,
          const OffsetCommitResponse& known) {
    std::size_t i = 0;
    for (const auto& topic : known.topics)
        for (const auto& partition : topic.partitions) {
            const auto [at_topic, at_partition] = places[i++];
            response.topics[at_topic].partitions[at_partition].error_code = partition.error_code;
        }
}

}  // namespace

void GroupRequests::commit(const OffsetCommitRequest& request, groups::Answer<OffsetCommitResponse> answer) {
    const auto found = target(request.group_id);
    if (!found) return answer(refused(request, ErrorCode::invalid_group_id));
    auto response = refused(request, ErrorCode::unknown_topic_or_partition);
    std::vector<std::pair<std::size_t, std::size_t>> places;
    auto inner = request;
    inner.group_id = found->group;
    inner.topics.clear();
    for (std::size_t i = 0; i < request.topics.size(); ++i) {
        const auto& topic = request.topics[i];
        const auto* info = context_.view.find(topic.name);
        if (info == nullptr) continue;
        auto& stored = inner.topics.emplace_back();
        stored.name = info->name;
        for (std::size_t j = 0; j < topic.partitions.size(); ++j) {
            if (!context_.view.find(topic.name, topic.partitions[j].partition_index)) continue;
            stored.partitions.push_back(topic.partitions[j]);
            places.emplace_back(i, j);
        }
    }
    if (places.empty()) return answer(std::move(response));
    context_.coordinator.commit_offsets(
        found->caller, inner, [response = std::move(response), places = std::move(places), answer = std::move(answer)](const auto& known) {
            auto told = response;
            fill(told, places, known);
            answer(std::move(told));
        });
}

OffsetFetchResponse GroupRequests::fetch_offsets(const OffsetFetchRequest& request) {
    const auto found = target(request.group_id);
    if (!found) return {.error_code = ErrorCode::invalid_group_id};
    OffsetFetchRequest inner{.group_id = found->group};
    if (request.topics) inner.topics = asked_once(*request.topics);
    auto response = told(context_.coordinator.fetch_offsets(found->caller, inner), *found);
    if (!request.topics) {
        std::erase_if(response.topics, [](const auto& topic) { return topic.name.empty(); });
    } else {
        for (std::size_t i = 0; i < response.topics.size(); ++i) response.topics[i].name = (*request.topics)[i].name;
    }
    return response;
}

/// By names of the log, and each partition once: what is stored beside an offset may be a thousand times as long as the question.
std::vector<kafka_protocol::OffsetFetchTopic> GroupRequests::asked_once(const std::vector<kafka_protocol::OffsetFetchTopic>& topics) const {
    std::set<std::pair<std::string_view, std::int32_t>> known;
    std::vector<kafka_protocol::OffsetFetchTopic> asked;
    for (const auto& topic : topics) {
        // One that is not seen is asked for by a name that no topic has: nothing was ever committed there.
        const auto* info = context_.view.find(topic.name);
        auto& once = asked.emplace_back();
        if (info != nullptr) once.name = info->name;
        for (const auto partition : topic.partition_indexes)
            if (known.emplace(topic.name, partition).second) once.partition_indexes.push_back(partition);
    }
    return asked;
}

/// What the coordinator knows, with names as on the wire (none: not to be seen), and no offset below the log's start.
OffsetFetchResponse GroupRequests::told(OffsetFetchResponse known, const Target& group) const {
    const bool is_own = group.group == group.caller.consumer && context_.registry.find(group.caller.consumer) != nullptr;
    for (auto& topic : known.topics) {
        topic.name = context_.view.topics().wire_name(topic.name);
        const auto* info = topic.name.empty() ? nullptr : context_.view.find(topic.name);
        if (info == nullptr) {
            topic.name.clear();
            continue;
        }
        for (auto& partition : topic.partitions)
            if (const auto at = context_.view.partition(*info, partition.partition_index)) raise(partition, *at, is_own);
    }
    return known;
}

/// A consumer's own group begins at the log's start where nothing was ever committed: in a partition that came later, too.
void GroupRequests::raise(OffsetFetchPartitionResponse& partition, log::TopicPartition at, bool is_own) const {
    if (partition.committed_offset == no_offset && !is_own) return;
    const auto bounds = context_.event_log.bounds(at);
    if (!bounds) return context_.damage(bounds.error());
    partition.committed_offset = std::max(partition.committed_offset, bounds->first.value);
}

}  // namespace tenter::broker
