#include "gateway/broker/positions.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include "gateway/broker/describe.hpp"

namespace tenter::broker {

using kafka_protocol::EpochEndOffset;
using kafka_protocol::ErrorCode;
using kafka_protocol::ListOffsetsPartition;
using kafka_protocol::ListOffsetsPartitionResponse;
using kafka_protocol::OffsetForLeaderPartition;

namespace {

/// ListOffsets' times that are none. Kafka's: never renumber.
constexpr std::int64_t latest = -1;
constexpr std::int64_t earliest = -2;
constexpr std::int64_t greatest_timestamp = -3;
constexpr std::int16_t greatest_timestamp_since = 7;

class ListOffsets {
public:
    ListOffsets(std::int16_t version, const log::EventLog& event_log, const Damage& damage)
        : version_(version), log_(event_log), damage_(damage) {}

    [[nodiscard]] ListOffsetsPartitionResponse answer(const ListOffsetsPartition& wanted, log::TopicPartition at) const {
        const auto number = wanted.partition_index;
        if (const auto error = check_leader_epoch(wanted.current_leader_epoch); error != ErrorCode::none) return refused(number, error);
        if (wanted.timestamp == latest || wanted.timestamp == earliest) return bound(wanted, at);
        if (wanted.timestamp == greatest_timestamp && version_ >= greatest_timestamp_since) return timed(number, log_.newest(at));
        if (wanted.timestamp < 0) return refused(number, ErrorCode::unsupported_version);
        return timed(number, log_.offset_for_time(at, UnixMillis(std::chrono::milliseconds(wanted.timestamp))));
    }

    [[nodiscard]] static ListOffsetsPartitionResponse refused(std::int32_t number, ErrorCode error) {
        return {.partition_index = number, .error_code = error};
    }

private:
    [[nodiscard]] ListOffsetsPartitionResponse bound(const ListOffsetsPartition& wanted, log::TopicPartition at) const {
        const auto bounds = log_.bounds(at);
        if (!bounds) return unreadable(wanted.partition_index, bounds.error());
        const auto offset = wanted.timestamp == latest ? bounds->next : bounds->first;
        return {.partition_index = wanted.partition_index, .offset = offset.value, .leader_epoch = leader_epoch};
    }

    [[nodiscard]] ListOffsetsPartitionResponse timed(std::int32_t number, const Result<std::optional<log::TimedOffset>>& found) const {
        if (!found) return unreadable(number, found.error());
        if (!*found) return {.partition_index = number};
        return {.partition_index = number,
                .timestamp = (*found)->timestamp.time_since_epoch().count(),
                .offset = (*found)->offset.value,
                .leader_epoch = leader_epoch};
    }

    [[nodiscard]] ListOffsetsPartitionResponse unreadable(std::int32_t number, const Error& error) const {
        damage_(error);
        return refused(number, ErrorCode::kafka_storage_error);
    }

    std::int16_t version_;
    const log::EventLog& log_;
    const Damage& damage_;
};

/// How often each partition is asked for: more than once is an error, as in Kafka.
std::map<std::pair<std::string_view, std::int32_t>, int> counted(const kafka_protocol::ListOffsetsRequest& request) {
    std::map<std::pair<std::string_view, std::int32_t>, int> counts;
    for (const auto& topic : request.topics)
        for (const auto& partition : topic.partitions) ++counts[{topic.name, partition.partition_index}];
    return counts;
}

EpochEndOffset end_of_epoch(const OffsetForLeaderPartition& wanted, std::optional<log::TopicPartition> at, const log::EventLog& event_log,
                            const Damage& damage) {
    EpochEndOffset told{.partition = wanted.partition};
    if (!at) {
        told.error_code = ErrorCode::unknown_topic_or_partition;
        return told;
    }
    told.error_code = check_leader_epoch(wanted.current_leader_epoch);
    // Of an epoch that is not there yet there is no end.
    if (told.error_code != ErrorCode::none || wanted.leader_epoch != leader_epoch) return told;
    const auto bounds = event_log.bounds(*at);
    if (!bounds) {
        damage(bounds.error());
        told.error_code = ErrorCode::kafka_storage_error;
        return told;
    }
    told.leader_epoch = leader_epoch;
    told.end_offset = bounds->next.value;
    return told;
}

}  // namespace

ErrorCode check_leader_epoch(std::int32_t current_leader_epoch) noexcept {
    constexpr std::int32_t unsaid = -1;
    if (current_leader_epoch == unsaid || current_leader_epoch == leader_epoch) return ErrorCode::none;
    return current_leader_epoch > leader_epoch ? ErrorCode::unknown_leader_epoch : ErrorCode::fenced_leader_epoch;
}

kafka_protocol::ListOffsetsResponse list_offsets(const kafka_protocol::ListOffsetsRequest& request, std::int16_t version, const View& view,
                                                 const log::EventLog& event_log, const Damage& damage) {
    const auto counts = counted(request);
    const ListOffsets answers(version, event_log, damage);
    kafka_protocol::ListOffsetsResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.topics.emplace_back();
        told.name = topic.name;
        for (const auto& partition : topic.partitions) {
            const auto number = partition.partition_index;
            const auto at = view.find(topic.name, number);
            if (counts.at({topic.name, number}) > 1) {
                told.partitions.push_back(ListOffsets::refused(number, ErrorCode::invalid_request));
            } else if (!at) {
                told.partitions.push_back(ListOffsets::refused(number, ErrorCode::unknown_topic_or_partition));
            } else {
                told.partitions.push_back(answers.answer(partition, *at));
            }
        }
    }
    return response;
}

kafka_protocol::OffsetForLeaderEpochResponse offset_for_leader_epoch(const kafka_protocol::OffsetForLeaderEpochRequest& request,
                                                                     const View& view, const log::EventLog& event_log,
                                                                     const Damage& damage) {
    kafka_protocol::OffsetForLeaderEpochResponse response;
    for (const auto& topic : request.topics) {
        auto& told = response.topics.emplace_back();
        told.topic = topic.topic;
        for (const auto& partition : topic.partitions)
            told.partitions.push_back(end_of_epoch(partition, view.find(topic.topic, partition.partition), event_log, damage));
    }
    return response;
}

}  // namespace tenter::broker
