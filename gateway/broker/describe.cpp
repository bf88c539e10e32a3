#include "gateway/broker/describe.hpp"

#include <set>
#include <string_view>
#include <utility>

namespace tenter::broker {

using kafka_protocol::ErrorCode;

namespace {

/// Kafka's AclOperation codes, as bits: never renumber.
constexpr std::int32_t may_read = 1 << 3;
constexpr std::int32_t may_describe = 1 << 8;
constexpr std::int32_t may_describe_configs = 1 << 10;

kafka_protocol::MetadataTopic described(const log::TopicInfo& topic, std::string name, bool with_operations) {
    kafka_protocol::MetadataTopic told{.name = std::move(name), .is_internal = Topics::is_internal(topic.name)};
    for (std::int32_t number = 0; number < topic.partition_count; ++number) {
        told.partitions.push_back({.partition_index = number,
                                   .leader_id = node_id,
                                   .leader_epoch = leader_epoch,
                                   .replica_nodes = {node_id},
                                   .isr_nodes = {node_id}});
    }
    if (with_operations) told.topic_authorized_operations = may_read | may_describe | may_describe_configs;
    return told;
}

/// What Kafka takes for a topic's name. Of others it says so, and clients then do not ask again and again.
bool is_topic_name(std::string_view name) {
    constexpr std::size_t longest = 249;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    return !name.empty() && name != "." && name != ".." && name.size() <= longest && name.find_first_not_of(allowed) == name.npos;
}

/// As `find`, with the partitions that there are now.
const log::TopicInfo* find_now(const View& view, std::string_view wire_name) {
    const auto* known = view.find(wire_name);
    return known == nullptr ? nullptr : view.topics().refresh(known->name);
}

}  // namespace

Endpoint endpoint_for(const std::optional<Endpoint>& advertise, const Arrival& arrival) {
    if (advertise) return {.host = advertise->host, .port = advertise->port != 0 ? advertise->port : arrival.reached.port};
    return {.host = arrival.server_name.empty() ? arrival.reached.host : arrival.server_name, .port = arrival.reached.port};
}

kafka_protocol::MetadataResponse metadata(const kafka_protocol::MetadataRequest& request, const View& view, const Cluster& cluster) {
    kafka_protocol::MetadataResponse response;
    response.brokers.push_back({.node_id = node_id, .host = cluster.endpoint.host, .port = cluster.endpoint.port});
    response.cluster_id = cluster.id;
    response.controller_id = node_id;
    const bool with_operations = request.include_topic_authorized_operations;
    if (!request.topics) {
        for (const auto* topic : view.all())
            response.topics.push_back(described(*topic, view.topics().wire_name(topic->name), with_operations));
    } else {
        std::set<std::string_view> told;
        for (const auto& wanted : *request.topics) {
            if (!told.insert(wanted.name).second) continue;
            if (const auto* topic = find_now(view, wanted.name)) {
                response.topics.push_back(described(*topic, wanted.name, with_operations));
            } else {
                const bool may_exist = is_topic_name(wanted.name);
                response.topics.push_back(
                    {.error_code = may_exist ? ErrorCode::unknown_topic_or_partition : ErrorCode::invalid_topic_exception,
                     .name = wanted.name});
            }
        }
    }
    if (request.include_cluster_authorized_operations) response.cluster_authorized_operations = may_describe | may_describe_configs;
    return response;
}

kafka_protocol::DescribeClusterResponse describe_cluster(const kafka_protocol::DescribeClusterRequest& request, const Cluster& cluster) {
    kafka_protocol::DescribeClusterResponse response;
    response.cluster_id = cluster.id;
    response.controller_id = node_id;
    response.brokers.push_back({.broker_id = node_id, .host = cluster.endpoint.host, .port = cluster.endpoint.port});
    if (request.include_cluster_authorized_operations) response.cluster_authorized_operations = may_describe | may_describe_configs;
    return response;
}

kafka_protocol::FindCoordinatorResponse find_coordinator(const kafka_protocol::FindCoordinatorRequest& request, const Cluster& cluster) {
    constexpr std::int8_t of_a_group = 0;
    if (request.key_type == of_a_group)
        return {.error_message = "NONE", .node_id = node_id, .host = cluster.endpoint.host, .port = cluster.endpoint.port};
    constexpr std::int8_t of_a_transaction = 1;
    const bool is_transaction = request.key_type == of_a_transaction;
    return {.error_code = is_transaction ? ErrorCode::transactional_id_authorization_failed : ErrorCode::invalid_request,
            .error_message = is_transaction ? "nothing is written here, so there are no transactions" : "no such kind of coordinator",
            .node_id = -1,
            .port = -1};
}

}  // namespace tenter::broker
