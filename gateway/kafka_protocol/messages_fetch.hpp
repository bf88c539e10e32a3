#pragma once
// gateway/kafka_protocol/messages_fetch.hpp: reading records: Fetch, ListOffsets, OffsetForLeaderEpoch; and Produce, so that it can be
// refused for each partition.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gateway/kafka_protocol/api.hpp"
#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/frame.hpp"
#include "gateway/kafka_protocol/schema.hpp"

namespace tenter::kafka_protocol {

struct ProducePartition {
    std::int32_t index = 0;
    Records records{};

    static constexpr auto fields() { return std::tuple{field<&ProducePartition::index>(), field<&ProducePartition::records>()}; }
};

struct ProduceTopic {
    std::string name{};
    std::vector<ProducePartition> partition_data{};

    static constexpr auto fields() { return std::tuple{field<&ProduceTopic::name>(), field<&ProduceTopic::partition_data>()}; }
};

struct ProduceRequest {
    static constexpr std::string_view type_name = "ProduceRequest";
    static constexpr ApiKey api_key = ApiKey::produce;

    std::optional<std::string> transactional_id{};
    std::int16_t acks = 0;  ///< 0: the client wants no answer.
    std::int32_t timeout_ms = 0;
    std::vector<ProduceTopic> topic_data{};

    static constexpr auto fields() {
        return std::tuple{
            field<&ProduceRequest::transactional_id>(),
            field<&ProduceRequest::acks>(),
            field<&ProduceRequest::timeout_ms>(),
            field<&ProduceRequest::topic_data>(),
        };
    }
};

struct ProducePartitionResponse {
    std::int32_t index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t base_offset = 0;
    std::int64_t log_append_time_ms = -1;

    static constexpr auto fields() {
        return std::tuple{
            field<&ProducePartitionResponse::index>(),
            field<&ProducePartitionResponse::error_code>(),
            field<&ProducePartitionResponse::base_offset>(),
            field<&ProducePartitionResponse::log_append_time_ms>(),
        };
    }
};

struct ProduceTopicResponse {
    std::string name{};
    std::vector<ProducePartitionResponse> partition_responses{};

    static constexpr auto fields() {
        return std::tuple{
            field<&ProduceTopicResponse::name>(),
            field<&ProduceTopicResponse::partition_responses>(),
        };
    }
};

struct ProduceResponse {
    static constexpr std::string_view type_name = "ProduceResponse";
    static constexpr ApiKey api_key = ApiKey::produce;

    std::vector<ProduceTopicResponse> responses{};
    std::int32_t throttle_time_ms = 0;

    static constexpr auto fields() { return std::tuple{field<&ProduceResponse::responses>(), field<&ProduceResponse::throttle_time_ms>()}; }
};

struct FetchPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t fetch_offset = 0;
    std::int64_t log_start_offset = -1;
    std::int32_t partition_max_bytes = 0;

    static constexpr auto fields() {
        return std::tuple{
            field<&FetchPartition::partition>(),           field<&FetchPartition::current_leader_epoch>(since(9)),
            field<&FetchPartition::fetch_offset>(),        field<&FetchPartition::log_start_offset>(since(5)),
            field<&FetchPartition::partition_max_bytes>(),
        };
    }
};

struct FetchTopic {
    std::string topic{};
    std::vector<FetchPartition> partitions{};

    static constexpr auto fields() { return std::tuple{field<&FetchTopic::topic>(), field<&FetchTopic::partitions>()}; }
};

struct ForgottenTopic {
    std::string topic{};
    std::vector<std::int32_t> partitions{};

    static constexpr auto fields() { return std::tuple{field<&ForgottenTopic::topic>(), field<&ForgottenTopic::partitions>()}; }
};

struct FetchRequest {
    static constexpr std::string_view type_name = "FetchRequest";
    static constexpr ApiKey api_key = ApiKey::fetch;

    std::int32_t replica_id = -1;
    std::int32_t max_wait_ms = 0;
    std::int32_t min_bytes = 0;
    std::int32_t max_bytes = 0x7fffffff;
    std::int8_t isolation_level = 0;  ///< 1: read_committed.
    std::int32_t session_id = 0;
    std::int32_t session_epoch = -1;  ///< -1: no session is wanted.
    std::vector<FetchTopic> topics{};
    std::vector<ForgottenTopic> forgotten_topics_data{};
    std::string rack_id{};

    static constexpr auto fields() {
        return std::tuple{
            field<&FetchRequest::replica_id>(),
            field<&FetchRequest::max_wait_ms>(),
            field<&FetchRequest::min_bytes>(),
            field<&FetchRequest::max_bytes>(),
            field<&FetchRequest::isolation_level>(),
            field<&FetchRequest::session_id>(since(7)),
            field<&FetchRequest::session_epoch>(since(7)),
            field<&FetchRequest::topics>(),
            field<&FetchRequest::forgotten_topics_data>(since(7)),
            field<&FetchRequest::rack_id>(since(11)),
        };
    }
};

struct AbortedTransaction {
    std::int64_t producer_id = 0;
    std::int64_t first_offset = 0;

    static constexpr auto fields() {
        return std::tuple{
            field<&AbortedTransaction::producer_id>(),
            field<&AbortedTransaction::first_offset>(),
        };
    }
};

struct FetchPartitionResponse {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t high_watermark = 0;
    std::int64_t last_stable_offset = -1;
    std::int64_t log_start_offset = -1;
    std::optional<std::vector<AbortedTransaction>> aborted_transactions{};
    std::int32_t preferred_read_replica = -1;
    Records records{};

    static constexpr auto fields() {
        return std::tuple{
            field<&FetchPartitionResponse::partition_index>(),
            field<&FetchPartitionResponse::error_code>(),
            field<&FetchPartitionResponse::high_watermark>(),
            field<&FetchPartitionResponse::last_stable_offset>(),
            field<&FetchPartitionResponse::log_start_offset>(since(5)),
            field<&FetchPartitionResponse::aborted_transactions>(),
            field<&FetchPartitionResponse::preferred_read_replica>(since(11)),
            field<&FetchPartitionResponse::records>(),
        };
    }
};

struct FetchTopicResponse {
    std::string topic{};
    std::vector<FetchPartitionResponse> partitions{};

    static constexpr auto fields() { return std::tuple{field<&FetchTopicResponse::topic>(), field<&FetchTopicResponse::partitions>()}; }
};

struct FetchResponse {
    static constexpr std::string_view type_name = "FetchResponse";
    static constexpr ApiKey api_key = ApiKey::fetch;

    std::int32_t throttle_time_ms = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int32_t session_id = 0;  ///< 0: there is no session, fetch in full.
    std::vector<FetchTopicResponse> responses{};

    static constexpr auto fields() {
        return std::tuple{
            field<&FetchResponse::throttle_time_ms>(),
            field<&FetchResponse::error_code>(since(7)),
            field<&FetchResponse::session_id>(since(7)),
            field<&FetchResponse::responses>(),
        };
    }
};

struct ListOffsetsPartition {
    std::int32_t partition_index = 0;
    std::int32_t current_leader_epoch = -1;
    std::int64_t timestamp = 0;  ///< Milliseconds; -1 latest, -2 earliest, -3 the record with the greatest timestamp.

    static constexpr auto fields() {
        return std::tuple{
            field<&ListOffsetsPartition::partition_index>(),
            field<&ListOffsetsPartition::current_leader_epoch>(since(4)),
            field<&ListOffsetsPartition::timestamp>(),
        };
    }
};

struct ListOffsetsTopic {
    std::string name{};
    std::vector<ListOffsetsPartition> partitions{};

    static constexpr auto fields() { return std::tuple{field<&ListOffsetsTopic::name>(), field<&ListOffsetsTopic::partitions>()}; }
};

struct ListOffsetsRequest {
    static constexpr std::string_view type_name = "ListOffsetsRequest";
    static constexpr ApiKey api_key = ApiKey::list_offsets;

    std::int32_t replica_id = 0;
    std::int8_t isolation_level = 0;
    std::vector<ListOffsetsTopic> topics{};

    static constexpr auto fields() {
        return std::tuple{
            field<&ListOffsetsRequest::replica_id>(),
            field<&ListOffsetsRequest::isolation_level>(since(2)),
            field<&ListOffsetsRequest::topics>(),
        };
    }
};

struct ListOffsetsPartitionResponse {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;
    std::int64_t timestamp = -1;
    std::int64_t offset = -1;
    std::int32_t leader_epoch = -1;

    static constexpr auto fields() {
        return std::tuple{
            field<&ListOffsetsPartitionResponse::partition_index>(),
            field<&ListOffsetsPartitionResponse::error_code>(),
            field<&ListOffsetsPartitionResponse::timestamp>(),
            field<&ListOffsetsPartitionResponse::offset>(),
            field<&ListOffsetsPartitionResponse::leader_epoch>(since(4)),
        };
    }
};

struct ListOffsetsTopicResponse {
    std::string name{};
    std::vector<ListOffsetsPartitionResponse> partitions{};

    static constexpr auto fields() {
        return std::tuple{
            field<&ListOffsetsTopicResponse::name>(),
            field<&ListOffsetsTopicResponse::partitions>(),
        };
    }
};

struct ListOffsetsResponse {
    static constexpr std::string_view type_name = "ListOffsetsResponse";
    static constexpr ApiKey api_key = ApiKey::list_offsets;

    std::int32_t throttle_time_ms = 0;
    std::vector<ListOffsetsTopicResponse> topics{};

    static constexpr auto fields() {
        return std::tuple{
            field<&ListOffsetsResponse::throttle_time_ms>(since(2)),
            field<&ListOffsetsResponse::topics>(),
        };
    }
};

struct OffsetForLeaderPartition {
    std::int32_t partition = 0;
    std::int32_t current_leader_epoch = -1;
    std::int32_t leader_epoch = 0;

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetForLeaderPartition::partition>(),
            field<&OffsetForLeaderPartition::current_leader_epoch>(),
            field<&OffsetForLeaderPartition::leader_epoch>(),
        };
    }
};

struct OffsetForLeaderTopic {
    std::string topic{};
    std::vector<OffsetForLeaderPartition> partitions{};

    static constexpr auto fields() { return std::tuple{field<&OffsetForLeaderTopic::topic>(), field<&OffsetForLeaderTopic::partitions>()}; }
};

struct OffsetForLeaderEpochRequest {
    static constexpr std::string_view type_name = "OffsetForLeaderEpochRequest";
    static constexpr ApiKey api_key = ApiKey::offset_for_leader_epoch;

    std::int32_t replica_id = -2;
    std::vector<OffsetForLeaderTopic> topics{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetForLeaderEpochRequest::replica_id>(since(3)),
            field<&OffsetForLeaderEpochRequest::topics>(),
        };
    }
};

struct EpochEndOffset {
    ErrorCode error_code = ErrorCode::none;
    std::int32_t partition = 0;
    std::int32_t leader_epoch = -1;
    std::int64_t end_offset = -1;

    static constexpr auto fields() {
        return std::tuple{
            field<&EpochEndOffset::error_code>(),
            field<&EpochEndOffset::partition>(),
            field<&EpochEndOffset::leader_epoch>(),
            field<&EpochEndOffset::end_offset>(),
        };
    }
};

struct OffsetForLeaderTopicResponse {
    std::string topic{};
    std::vector<EpochEndOffset> partitions{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetForLeaderTopicResponse::topic>(),
            field<&OffsetForLeaderTopicResponse::partitions>(),
        };
    }
};

struct OffsetForLeaderEpochResponse {
    static constexpr std::string_view type_name = "OffsetForLeaderEpochResponse";
    static constexpr ApiKey api_key = ApiKey::offset_for_leader_epoch;

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetForLeaderTopicResponse> topics{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetForLeaderEpochResponse::throttle_time_ms>(),
            field<&OffsetForLeaderEpochResponse::topics>(),
        };
    }
};

}  // namespace tenter::kafka_protocol
