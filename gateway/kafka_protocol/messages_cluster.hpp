#pragma once
// gateway/kafka_protocol/messages_cluster.hpp: what there is and who may see it: ApiVersions, SASL, Metadata, DescribeCluster,
// DescribeConfigs.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gateway/kafka_protocol/api.hpp"
#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/schema.hpp"
#include "tenter/base/bytes.hpp"

namespace tenter::kafka_protocol {

/// In answers: which operations are allowed was not asked, or is not told.
inline constexpr std::int32_t no_authorized_operations = std::numeric_limits<std::int32_t>::min();

struct ApiVersionsRequest {
    static constexpr std::string_view type_name = "ApiVersionsRequest";
    static constexpr ApiKey api_key = ApiKey::api_versions;

    static constexpr auto fields() { return std::tuple{}; }
};

struct ApiVersion {
    ApiKey api_key{};
    std::int16_t min_version = 0;
    std::int16_t max_version = 0;

    static constexpr auto fields() {
        return std::tuple{
            field<&ApiVersion::api_key>(),
            field<&ApiVersion::min_version>(),
            field<&ApiVersion::max_version>(),
        };
    }
};

struct ApiVersionsResponse {
    static constexpr std::string_view type_name = "ApiVersionsResponse";
    static constexpr ApiKey api_key = ApiKey::api_versions;

    ErrorCode error_code = ErrorCode::none;
    std::vector<ApiVersion> api_keys{};
    std::int32_t throttle_time_ms = 0;

    static constexpr auto fields() {
        return std::tuple{
            field<&ApiVersionsResponse::error_code>(),
            field<&ApiVersionsResponse::api_keys>(),
            field<&ApiVersionsResponse::throttle_time_ms>(since(1)),
        };
    }
};

struct SaslHandshakeRequest {
    static constexpr std::string_view type_name = "SaslHandshakeRequest";
    static constexpr ApiKey api_key = ApiKey::sasl_handshake;

    std::string mechanism{};

    static constexpr auto fields() { return std::tuple{field<&SaslHandshakeRequest::mechanism>()}; }
};

struct SaslHandshakeResponse {
    static constexpr std::string_view type_name = "SaslHandshakeResponse";
    static constexpr ApiKey api_key = ApiKey::sasl_handshake;

    ErrorCode error_code = ErrorCode::none;
    std::vector<std::string> mechanisms{};

    static constexpr auto fields() {
        return std::tuple{
            field<&SaslHandshakeResponse::error_code>(),
            field<&SaslHandshakeResponse::mechanisms>(),
        };
    }
};

struct SaslAuthenticateRequest {
    static constexpr std::string_view type_name = "SaslAuthenticateRequest";
    static constexpr ApiKey api_key = ApiKey::sasl_authenticate;

    Bytes auth_bytes{};  ///< Secret.

    static constexpr auto fields() { return std::tuple{field<&SaslAuthenticateRequest::auth_bytes>().octets()}; }
};

struct SaslAuthenticateResponse {
    static constexpr std::string_view type_name = "SaslAuthenticateResponse";
    static constexpr ApiKey api_key = ApiKey::sasl_authenticate;

    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};
    Bytes auth_bytes{};
    std::int64_t session_lifetime_ms = 0;  ///< 0: it does not end.

    static constexpr auto fields() {
        return std::tuple{
            field<&SaslAuthenticateResponse::error_code>(),
            field<&SaslAuthenticateResponse::error_message>(),
            field<&SaslAuthenticateResponse::auth_bytes>().octets(),
            field<&SaslAuthenticateResponse::session_lifetime_ms>(since(1)),
        };
    }
};

struct MetadataRequestTopic {
    std::string name{};

    static constexpr auto fields() { return std::tuple{field<&MetadataRequestTopic::name>()}; }
};

struct MetadataRequest {
    static constexpr std::string_view type_name = "MetadataRequest";
    static constexpr ApiKey api_key = ApiKey::metadata;

    std::optional<std::vector<MetadataRequestTopic>> topics{};  ///< Null: all; empty: none, only the brokers.
    bool allow_auto_topic_creation = true;
    bool include_cluster_authorized_operations = false;
    bool include_topic_authorized_operations = false;

    static constexpr auto fields() {
        return std::tuple{
            field<&MetadataRequest::topics>(),
            field<&MetadataRequest::allow_auto_topic_creation>(since(4)),
            field<&MetadataRequest::include_cluster_authorized_operations>(since(8)),
            field<&MetadataRequest::include_topic_authorized_operations>(since(8)),
        };
    }
};

struct MetadataBroker {
    std::int32_t node_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};

    static constexpr auto fields() {
        return std::tuple{
            field<&MetadataBroker::node_id>(),
            field<&MetadataBroker::host>(),
            field<&MetadataBroker::port>(),
            field<&MetadataBroker::rack>(),
        };
    }
};

struct MetadataPartition {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition_index = 0;
    std::int32_t leader_id = 0;
    std::int32_t leader_epoch = -1;
    std::vector<std::int32_t> replica_nodes{};
    std::vector<std::int32_t> isr_nodes{};
    std::vector<std::int32_t> offline_replicas{};

    static constexpr auto fields() {
        return std::tuple{
            field<&MetadataPartition::error_code>(),
            field<&MetadataPartition::partition_index>(),
            field<&MetadataPartition::leader_id>(),
            field<&MetadataPartition::leader_epoch>(since(7)),
            field<&MetadataPartition::replica_nodes>(),
            field<&MetadataPartition::isr_nodes>(),
            field<&MetadataPartition::offline_replicas>(since(5)),
        };
    }
};

struct MetadataTopic {
    ErrorCode error_code = ErrorCode::none;
    std::string name{};
    bool is_internal = false;
    std::vector<MetadataPartition> partitions{};
    std::int32_t topic_authorized_operations = no_authorized_operations;

    static constexpr auto fields() {
        return std::tuple{
            field<&MetadataTopic::error_code>(),
            field<&MetadataTopic::name>(),
            field<&MetadataTopic::is_internal>(),
            field<&MetadataTopic::partitions>(),
            field<&MetadataTopic::topic_authorized_operations>(since(8)),
        };
    }
};

struct MetadataResponse {
    static constexpr std::string_view type_name = "MetadataResponse";
    static constexpr ApiKey api_key = ApiKey::metadata;

    std::int32_t throttle_time_ms = 0;
    std::vector<MetadataBroker> brokers{};
    std::optional<std::string> cluster_id{};
    std::int32_t controller_id = -1;
    std::vector<MetadataTopic> topics{};
    std::int32_t cluster_authorized_operations = no_authorized_operations;

    static constexpr auto fields() {
        return std::tuple{
            field<&MetadataResponse::throttle_time_ms>(since(3)),
            field<&MetadataResponse::brokers>(),
            field<&MetadataResponse::cluster_id>(since(2)),
            field<&MetadataResponse::controller_id>(),
            field<&MetadataResponse::topics>(),
            field<&MetadataResponse::cluster_authorized_operations>(since(8)),
        };
    }
};

struct DescribeClusterRequest {
    static constexpr std::string_view type_name = "DescribeClusterRequest";
    static constexpr ApiKey api_key = ApiKey::describe_cluster;

    bool include_cluster_authorized_operations = false;

    static constexpr auto fields() { return std::tuple{field<&DescribeClusterRequest::include_cluster_authorized_operations>()}; }
};

struct DescribeClusterBroker {
    std::int32_t broker_id = 0;
    std::string host{};
    std::int32_t port = 0;
    std::optional<std::string> rack{};

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeClusterBroker::broker_id>(),
            field<&DescribeClusterBroker::host>(),
            field<&DescribeClusterBroker::port>(),
            field<&DescribeClusterBroker::rack>(),
        };
    }
};

struct DescribeClusterResponse {
    static constexpr std::string_view type_name = "DescribeClusterResponse";
    static constexpr ApiKey api_key = ApiKey::describe_cluster;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};
    std::string cluster_id{};
    std::int32_t controller_id = -1;
    std::vector<DescribeClusterBroker> brokers{};
    std::int32_t cluster_authorized_operations = no_authorized_operations;

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeClusterResponse::throttle_time_ms>(),
            field<&DescribeClusterResponse::error_code>(),
            field<&DescribeClusterResponse::error_message>(),
            field<&DescribeClusterResponse::cluster_id>(),
            field<&DescribeClusterResponse::controller_id>(),
            field<&DescribeClusterResponse::brokers>(),
            field<&DescribeClusterResponse::cluster_authorized_operations>(),
        };
    }
};

struct DescribeConfigsResource {
    std::int8_t resource_type = 0;  ///< 2: a topic, 4: a broker.
    std::string resource_name{};
    std::optional<std::vector<std::string>> configuration_keys{};  ///< Null: all.

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeConfigsResource::resource_type>(),
            field<&DescribeConfigsResource::resource_name>(),
            field<&DescribeConfigsResource::configuration_keys>(),
        };
    }
};

struct DescribeConfigsRequest {
    static constexpr std::string_view type_name = "DescribeConfigsRequest";
    static constexpr ApiKey api_key = ApiKey::describe_configs;

    std::vector<DescribeConfigsResource> resources{};
    bool include_synonyms = false;
    bool include_documentation = false;

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeConfigsRequest::resources>(),
            field<&DescribeConfigsRequest::include_synonyms>(since(1)),
            field<&DescribeConfigsRequest::include_documentation>(since(3)),
        };
    }
};

struct DescribeConfigsSynonym {
    std::string name{};
    std::optional<std::string> value{};
    std::int8_t source = 0;

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeConfigsSynonym::name>(),
            field<&DescribeConfigsSynonym::value>(),
            field<&DescribeConfigsSynonym::source>(),
        };
    }
};

struct DescribeConfigsEntry {
    std::string name{};
    std::optional<std::string> value{};
    bool read_only = false;
    bool is_default = false;
    std::int8_t config_source = -1;
    bool is_sensitive = false;
    std::vector<DescribeConfigsSynonym> synonyms{};
    std::int8_t config_type = 0;
    std::optional<std::string> documentation = "";

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeConfigsEntry::name>(),
            field<&DescribeConfigsEntry::value>(),
            field<&DescribeConfigsEntry::read_only>(),
            field<&DescribeConfigsEntry::is_default>(between(0, 0)),
            field<&DescribeConfigsEntry::config_source>(since(1)),
            field<&DescribeConfigsEntry::is_sensitive>(),
            field<&DescribeConfigsEntry::synonyms>(since(1)),
            field<&DescribeConfigsEntry::config_type>(since(3)),
            field<&DescribeConfigsEntry::documentation>(since(3)),
        };
    }
};

struct DescribeConfigsResult {
    ErrorCode error_code = ErrorCode::none;
    std::optional<std::string> error_message{};
    std::int8_t resource_type = 0;
    std::string resource_name{};
    std::vector<DescribeConfigsEntry> configs{};

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeConfigsResult::error_code>(),    field<&DescribeConfigsResult::error_message>(),
            field<&DescribeConfigsResult::resource_type>(), field<&DescribeConfigsResult::resource_name>(),
            field<&DescribeConfigsResult::configs>(),
        };
    }
};

struct DescribeConfigsResponse {
    static constexpr std::string_view type_name = "DescribeConfigsResponse";
    static constexpr ApiKey api_key = ApiKey::describe_configs;

    std::int32_t throttle_time_ms = 0;
    std::vector<DescribeConfigsResult> results{};

    static constexpr auto fields() {
        return std::tuple{
            field<&DescribeConfigsResponse::throttle_time_ms>(),
            field<&DescribeConfigsResponse::results>(),
        };
    }
};

}  // namespace tenter::kafka_protocol
