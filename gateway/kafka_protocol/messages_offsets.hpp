#pragma once
// gateway/kafka_protocol/messages_offsets.hpp: how far a group has read: OffsetCommit, OffsetFetch.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "gateway/kafka_protocol/api.hpp"
#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/schema.hpp"

namespace tenter::kafka_protocol {

struct OffsetCommitPartition {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> committed_metadata{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetCommitPartition::partition_index>(),
            field<&OffsetCommitPartition::committed_offset>(),
            field<&OffsetCommitPartition::committed_leader_epoch>(since(6)),
            field<&OffsetCommitPartition::committed_metadata>(),
        };
    }
};

struct OffsetCommitTopic {
    std::string name{};
    std::vector<OffsetCommitPartition> partitions{};

    static constexpr auto fields() { return std::tuple{field<&OffsetCommitTopic::name>(), field<&OffsetCommitTopic::partitions>()}; }
};

struct OffsetCommitRequest {
    static constexpr std::string_view type_name = "OffsetCommitRequest";
    static constexpr ApiKey api_key = ApiKey::offset_commit;

    std::string group_id{};
    std::int32_t generation_id_or_member_epoch = -1;  ///< -1, with an empty member: by a tool, not by a member.
    std::string member_id{};
    std::optional<std::string> group_instance_id{};
    std::int64_t retention_time_ms = -1;
    std::vector<OffsetCommitTopic> topics{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetCommitRequest::group_id>(),
            field<&OffsetCommitRequest::generation_id_or_member_epoch>(),
            field<&OffsetCommitRequest::member_id>(),
            field<&OffsetCommitRequest::group_instance_id>(since(7)),
            field<&OffsetCommitRequest::retention_time_ms>(between(2, 4)),
            field<&OffsetCommitRequest::topics>(),
        };
    }
};

struct OffsetCommitPartitionResponse {
    std::int32_t partition_index = 0;
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetCommitPartitionResponse::partition_index>(),
            field<&OffsetCommitPartitionResponse::error_code>(),
        };
    }
};

struct OffsetCommitTopicResponse {
    std::string name{};
    std::vector<OffsetCommitPartitionResponse> partitions{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetCommitTopicResponse::name>(),
            field<&OffsetCommitTopicResponse::partitions>(),
        };
    }
};

struct OffsetCommitResponse {
    static constexpr std::string_view type_name = "OffsetCommitResponse";
    static constexpr ApiKey api_key = ApiKey::offset_commit;

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetCommitTopicResponse> topics{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetCommitResponse::throttle_time_ms>(since(3)),
            field<&OffsetCommitResponse::topics>(),
        };
    }
};

struct OffsetFetchTopic {
    std::string name{};
    std::vector<std::int32_t> partition_indexes{};

    static constexpr auto fields() { return std::tuple{field<&OffsetFetchTopic::name>(), field<&OffsetFetchTopic::partition_indexes>()}; }
};

struct OffsetFetchRequest {
    static constexpr std::string_view type_name = "OffsetFetchRequest";
    static constexpr ApiKey api_key = ApiKey::offset_fetch;

    std::string group_id{};
    std::optional<std::vector<OffsetFetchTopic>> topics{};  ///< Null: all that the group has committed.

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetFetchRequest::group_id>(),
            field<&OffsetFetchRequest::topics>().nullable(since(2)),
        };
    }
};

struct OffsetFetchPartitionResponse {
    std::int32_t partition_index = 0;
    std::int64_t committed_offset = 0;
    std::int32_t committed_leader_epoch = -1;
    std::optional<std::string> metadata{};
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetFetchPartitionResponse::partition_index>(),
            field<&OffsetFetchPartitionResponse::committed_offset>(),
            field<&OffsetFetchPartitionResponse::committed_leader_epoch>(since(5)),
            field<&OffsetFetchPartitionResponse::metadata>(),
            field<&OffsetFetchPartitionResponse::error_code>(),
        };
    }
};

struct OffsetFetchTopicResponse {
    std::string name{};
    std::vector<OffsetFetchPartitionResponse> partitions{};

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetFetchTopicResponse::name>(),
            field<&OffsetFetchTopicResponse::partitions>(),
        };
    }
};

struct OffsetFetchResponse {
    static constexpr std::string_view type_name = "OffsetFetchResponse";
    static constexpr ApiKey api_key = ApiKey::offset_fetch;

    std::int32_t throttle_time_ms = 0;
    std::vector<OffsetFetchTopicResponse> topics{};
    ErrorCode error_code = ErrorCode::none;

    static constexpr auto fields() {
        return std::tuple{
            field<&OffsetFetchResponse::throttle_time_ms>(since(3)),
            field<&OffsetFetchResponse::topics>(),
            field<&OffsetFetchResponse::error_code>(since(2)),
        };
    }
};

}  // namespace tenter::kafka_protocol
