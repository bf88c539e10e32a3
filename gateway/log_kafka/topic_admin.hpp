#pragma once
// gateway/log_kafka/topic_admin.hpp: what a cluster says of topics, and the making of those that are missing.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "tenter/base/result.hpp"
#include "tenter/kafka_client/client.hpp"

namespace tenter::log::kafka {

struct TopicToMake {
    std::string name;
    std::int32_t partition_count = 1;
    std::uint64_t max_message_bytes = 0;  ///< 0: the cluster's default.
};

/// Those of `names` that the cluster does not have, or does not show to this user.
[[nodiscard]] Result<std::vector<std::string>> missing_topics(rd_kafka_s* client, std::span<const std::string> names,
                                                              std::chrono::milliseconds timeout);

/// Makes topics with the cluster's default replication, and waits until their leaders answer. One that is there by now is fine. The error
/// names the first that could not be made.
[[nodiscard]] Result<void> make_topics(rd_kafka_s* client, std::span<const TopicToMake> topics, std::chrono::milliseconds timeout);

/// `max.message.bytes` of each topic. Topics of which this user may not know it, or the broker does not tell, are left out and the reason
/// is in `refusal`.
struct MessageLimits {
    std::map<std::string, std::size_t, std::less<>> bytes;
    std::string refusal;
};
[[nodiscard]] MessageLimits message_limits(rd_kafka_s* client, std::span<const std::string> topics, std::chrono::milliseconds timeout);

}  // namespace tenter::log::kafka
