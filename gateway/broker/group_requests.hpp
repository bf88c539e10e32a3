#pragma once
// gateway/broker/group_requests.hpp: the requests of groups, between a client and the coordinator: which consumer's group is meant, and
// which topics there are for whoever asks.
//
//                 groups are called          and are the coordinator's
//   a consumer    <group>                    its own of that name
//   operator      <consumer>/<group>         that consumer's
//
// Topics are called <topic_prefix><source> on the wire and <source> in what is stored.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/broker/positions.hpp"
#include "gateway/broker/topics.hpp"
#include "gateway/consumers/registry.hpp"
#include "gateway/groups/coordinator.hpp"
#include "gateway/kafka_protocol/messages_group.hpp"
#include "gateway/kafka_protocol/messages_offsets.hpp"
#include "gateway/log/event_log.hpp"

namespace tenter::broker {

/// One request's way. Borrows all that it is given until the call returns; answers that come later need the coordinator only.
class GroupRequests {
public:
    struct Context {
        groups::Coordinator& coordinator;
        const log::EventLog& event_log;
        View view;
        const consumers::Registry& registry;
        groups::Caller caller;  ///< For the operator without a consumer.
        bool is_operator = false;
        Damage damage;
    };

    explicit GroupRequests(Context context) : context_(std::move(context)) {}
    GroupRequests(const GroupRequests&) = delete;
    GroupRequests& operator=(const GroupRequests&) = delete;

    void join(kafka_protocol::JoinGroupRequest request, groups::Answer<kafka_protocol::JoinGroupResponse> answer);
    void sync(kafka_protocol::SyncGroupRequest request, groups::Answer<kafka_protocol::SyncGroupResponse> answer);
    [[nodiscard]] kafka_protocol::HeartbeatResponse heartbeat(kafka_protocol::HeartbeatRequest request);
    [[nodiscard]] kafka_protocol::LeaveGroupResponse leave(kafka_protocol::LeaveGroupRequest request);
    void commit(const kafka_protocol::OffsetCommitRequest& request, groups::Answer<kafka_protocol::OffsetCommitResponse> answer);
    [[nodiscard]] kafka_protocol::OffsetFetchResponse fetch_offsets(const kafka_protocol::OffsetFetchRequest& request);
    [[nodiscard]] kafka_protocol::DescribeGroupsResponse describe(const kafka_protocol::DescribeGroupsRequest& request);
    [[nodiscard]] kafka_protocol::ListGroupsResponse list(const kafka_protocol::ListGroupsRequest& request);
    void remove(const kafka_protocol::DeleteGroupsRequest& request, groups::Answer<kafka_protocol::DeleteGroupsResponse> answer);

private:
    /// Whose group, and what it is called there.
    struct Target {
        groups::Caller caller;
        std::string group;
    };

    [[nodiscard]] std::optional<Target> target(std::string_view group) const;
    [[nodiscard]] std::vector<kafka_protocol::OffsetFetchTopic> asked_once(
        const std::vector<kafka_protocol::OffsetFetchTopic>& topics) const;
    [[nodiscard]] kafka_protocol::OffsetFetchResponse told(kafka_protocol::OffsetFetchResponse known, const Target& group) const;
    void raise(kafka_protocol::OffsetFetchPartitionResponse& partition, log::TopicPartition at, bool is_own) const;

    Context context_;
};

}  // namespace tenter::broker
