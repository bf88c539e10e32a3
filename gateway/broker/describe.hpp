#pragma once
// gateway/broker/describe.hpp: what there is: Metadata, DescribeCluster, DescribeConfigs, FindCoordinator. One broker, number 1, which
// leads every partition in epoch 0, coordinates every group and is the controller.

#include <cstdint>
#include <string>

#include "gateway/broker/client.hpp"
#include "gateway/broker/topics.hpp"
#include "gateway/kafka_protocol/messages_cluster.hpp"
#include "gateway/kafka_protocol/messages_group.hpp"

namespace tenter::broker {

inline constexpr std::int32_t node_id = 1;
inline constexpr std::int32_t leader_epoch = 0;

/// The cluster as one client is told.
struct Cluster {
    std::string id;
    Endpoint endpoint;  ///< Where the client finds the broker again.
};

/// Where a client that came so is told to connect to.
[[nodiscard]] Endpoint endpoint_for(const std::optional<Endpoint>& advertise, const Arrival& arrival);

[[nodiscard]] kafka_protocol::MetadataResponse metadata(const kafka_protocol::MetadataRequest& request, const View& view,
                                                        const Cluster& cluster);
[[nodiscard]] kafka_protocol::DescribeClusterResponse describe_cluster(const kafka_protocol::DescribeClusterRequest& request,
                                                                       const Cluster& cluster);
[[nodiscard]] kafka_protocol::DescribeConfigsResponse describe_configs(const kafka_protocol::DescribeConfigsRequest& request,
                                                                       const View& view);
/// Of groups this broker; transactions are nobody's.
[[nodiscard]] kafka_protocol::FindCoordinatorResponse find_coordinator(const kafka_protocol::FindCoordinatorRequest& request,
                                                                       const Cluster& cluster);

}  // namespace tenter::broker
