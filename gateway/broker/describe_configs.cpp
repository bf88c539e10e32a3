// DescribeConfigs: the few settings by which tools judge a topic or a broker. None of them can be altered here.

#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "gateway/broker/describe.hpp"

namespace tenter::broker {

using kafka_protocol::DescribeConfigsResource;
using kafka_protocol::DescribeConfigsResult;
using kafka_protocol::ErrorCode;

namespace {

/// Kafka's codes of resources, of sources and of types of a setting: never renumber.
constexpr std::int8_t topic_resource = 2;
constexpr std::int8_t broker_resource = 4;
constexpr std::int8_t default_config = 5;
enum class Type : std::int8_t { boolean = 1, string = 2, int32 = 3, int64 = 5, list = 7 };

struct Setting {
    std::string_view name;
    std::string_view value;
    Type type;
    std::string_view documentation;
};

// What the log does, in Kafka's words.
constexpr std::array topic_settings{
    Setting{"cleanup.policy", "delete", Type::list, "Records are never compacted."},
    Setting{"compression.type", "uncompressed", Type::string, "Record batches are stored as they are sent."},
    Setting{"max.message.bytes", "1048588", Type::int32, "Of a record batch that holds more than one record."},
    Setting{"message.timestamp.type", "CreateTime", Type::string, "When the webhook was received."},
    Setting{"min.insync.replicas", "1", Type::int32, "There is one replica."},
    Setting{"retention.bytes", "-1", Type::int64, "Not limited by size."},
    Setting{"retention.ms", "-1", Type::int64, "Not limited by age."},
};
constexpr std::array broker_settings{
    Setting{"auto.create.topics.enable", "false", Type::boolean, "Topics are the sources of tenter.toml."},
    Setting{"default.replication.factor", "1", Type::int32, "There is one broker."},
    Setting{"offsets.retention.minutes", "10080", Type::int32, "Of groups without members; a consumer's own group keeps its offsets."},
};

DescribeConfigsResult described(const DescribeConfigsResource& resource, std::span<const Setting> settings,
                                const kafka_protocol::DescribeConfigsRequest& request) {
    DescribeConfigsResult result{.error_message = "", .resource_type = resource.resource_type, .resource_name = resource.resource_name};
    for (const auto& setting : settings) {
        const auto& keys = resource.configuration_keys;
        if (keys && std::ranges::find(*keys, setting.name) == keys->end()) continue;
        auto& entry = result.configs.emplace_back();
        entry.name = setting.name;
        entry.value = setting.value;
        entry.read_only = true;
        entry.is_default = true;
        entry.config_source = default_config;
        entry.config_type = static_cast<std::int8_t>(setting.type);
        if (request.include_synonyms)
            entry.synonyms.push_back({.name = std::string(setting.name), .value = std::string(setting.value), .source = default_config});
        if (request.include_documentation) {
            entry.documentation = setting.documentation;
        } else {
            entry.documentation.reset();
        }
    }
    return result;
}

DescribeConfigsResult refused(const DescribeConfigsResource& resource, ErrorCode error, std::string message) {
    return {.error_code = error,
            .error_message = std::move(message),
            .resource_type = resource.resource_type,
            .resource_name = resource.resource_name};
}

}  // namespace

kafka_protocol::DescribeConfigsResponse describe_configs(const kafka_protocol::DescribeConfigsRequest& request, const View& view) {
    kafka_protocol::DescribeConfigsResponse response;
    std::set<std::pair<std::int8_t, std::string_view>> told;  // each once: what is told is much longer than a name
    for (const auto& resource : request.resources) {
        if (!told.emplace(resource.resource_type, resource.resource_name).second) continue;
        if (resource.resource_type == topic_resource) {
            response.results.push_back(view.find(resource.resource_name) != nullptr
                                           ? described(resource, topic_settings, request)
                                           : refused(resource, ErrorCode::unknown_topic_or_partition, "no such topic"));
        } else if (resource.resource_type == broker_resource) {
            const bool is_here = resource.resource_name.empty() || resource.resource_name == std::to_string(node_id);
            response.results.push_back(is_here ? described(resource, broker_settings, request)
                                               : refused(resource, ErrorCode::invalid_request, "the only broker is 1"));
        } else {
            response.results.push_back(refused(resource, ErrorCode::invalid_request, "settings are those of topics and brokers"));
        }
    }
    return response;
}

}  // namespace tenter::broker
