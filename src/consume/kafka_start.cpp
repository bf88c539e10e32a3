// Where to begin.
#include <algorithm>
#include <utility>

#include "src/consume/kafka_source.hpp"

namespace tenter::consume {
namespace {

int milliseconds(std::chrono::milliseconds timeout) { return static_cast<int>(timeout.count()); }

PartitionList all_partitions(const std::vector<kafka_client::TopicFacts>& topics, std::int64_t offset) {
    PartitionList list(rd_kafka_topic_partition_list_new(8));
    for (const auto& topic : topics) {
        for (std::int32_t partition = 0; partition < topic.partition_count; ++partition)
            rd_kafka_topic_partition_list_add(list.get(), topic.name.c_str(), partition)->offset = offset;
    }
    return list;
}

Error no_start(rd_kafka_resp_err_t code) { return kafka_client::to_error(code, "cannot find the start point"); }

Result<void> find_time(rd_kafka_t* client, rd_kafka_topic_partition_list_t& list, std::chrono::milliseconds timeout) {
    if (const auto code = rd_kafka_offsets_for_times(client, &list, milliseconds(timeout)); code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(no_start(code));
    for (int i = 0; i < list.cnt; ++i)
        if (list.elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(no_start(list.elems[i].err));
    return {};
}

/// Logical offsets as numbers, which is what can be committed.
Result<void> find_numbers(rd_kafka_t* client, rd_kafka_topic_partition_list_t& list, std::chrono::milliseconds timeout) {
    for (int i = 0; i < list.cnt; ++i) {
        auto& place = list.elems[i];
        if (place.offset >= 0) continue;
        std::int64_t low = 0;
        std::int64_t high = 0;
        const auto code = rd_kafka_query_watermark_offsets(client, place.topic, place.partition, &low, &high, milliseconds(timeout));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(no_start(code));
        place.offset = place.offset == RD_KAFKA_OFFSET_BEGINNING ? low : high;
    }
    return {};
}

/// The offset in each partition that has it, else the nearest that it has.
Result<void> find_offset(rd_kafka_t* client, rd_kafka_topic_partition_list_t& list, std::int64_t offset,
                         std::chrono::milliseconds timeout) {
    for (int i = 0; i < list.cnt; ++i) {
        auto& place = list.elems[i];
        std::int64_t low = 0;
        std::int64_t high = 0;
        const auto code = rd_kafka_query_watermark_offsets(client, place.topic, place.partition, &low, &high, milliseconds(timeout));
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(no_start(code));
        place.offset = std::clamp(offset, low, high);
    }
    return {};
}

/// Nothing where a place names a partition that is not there.
Result<void> set_places(rd_kafka_topic_partition_list_t& list, const std::vector<StartPoint::Place>& places) {
    for (const auto& place : places) {
        auto* const found = rd_kafka_topic_partition_list_find(&list, place.topic.c_str(), place.partition);
        if (found == nullptr)
            return fail(Errc::not_found,
                        "the start point names " + place.topic + " partition " + std::to_string(place.partition) + ", which is not there");
        if (place.offset < 0) return fail(Errc::invalid_input, "the start point has a negative offset");
        found->offset = place.offset;
    }
    return {};
}

}  // namespace

Result<PartitionList> start_offsets(rd_kafka_t* client, const KafkaPlan& plan, const std::vector<kafka_client::TopicFacts>& topics,
                                    std::chrono::milliseconds timeout) {
    using Kind = StartPoint::Kind;
    std::int64_t offset = RD_KAFKA_OFFSET_BEGINNING;
    if (plan.start.kind == Kind::latest) offset = RD_KAFKA_OFFSET_END;
    if (plan.start.kind == Kind::time) offset = plan.start.time.time_since_epoch().count();
    auto list = all_partitions(topics, offset);
    if (plan.start.kind == Kind::time) {
        if (auto found = find_time(client, *list, timeout); !found) return fail(std::move(found.error()));
    }
    if (plan.start.kind == Kind::offsets) {
        if (auto set = set_places(*list, plan.start.places); !set) return fail(std::move(set.error()));
    }
    if (plan.start.kind == Kind::offset) {
        if (auto found = find_offset(client, *list, plan.start.offset, timeout); !found) return fail(std::move(found.error()));
    }
    if (plan.start.kind == Kind::latest) {  // now, and not when the first fetch comes to it
        if (auto found = find_numbers(client, *list, timeout); !found) return fail(std::move(found.error()));
    }
    return list;
}

Result<void> move_group(rd_kafka_t* client, const KafkaPlan& plan, const std::vector<kafka_client::TopicFacts>& topics,
                        std::chrono::milliseconds timeout) {
    auto list = start_offsets(client, plan, topics, timeout);
    if (!list) return fail(std::move(list.error()));
    if (plan.start.kind == StartPoint::Kind::offsets) {  // the others stay where they are
        PartitionList named(rd_kafka_topic_partition_list_new(8));
        for (const auto& place : plan.start.places)
            rd_kafka_topic_partition_list_add(named.get(), place.topic.c_str(), place.partition)->offset = place.offset;
        *list = std::move(named);
    }
    if (auto found = find_numbers(client, **list, timeout); !found) return fail(std::move(found.error()));
    const std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t, decltype(&rd_kafka_AlterConsumerGroupOffsets_destroy)> request(
        rd_kafka_AlterConsumerGroupOffsets_new(plan.group.c_str(), list->get()), &rd_kafka_AlterConsumerGroupOffsets_destroy);
    const Queue answers(rd_kafka_queue_new(client));
    rd_kafka_AlterConsumerGroupOffsets_t* requests[] = {request.get()};
    const std::unique_ptr<rd_kafka_AdminOptions_t, decltype(&rd_kafka_AdminOptions_destroy)> options(
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS), &rd_kafka_AdminOptions_destroy);
    char reason[256] = "";
    rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds(timeout), reason, sizeof reason);
    rd_kafka_AlterConsumerGroupOffsets(client, requests, 1, options.get(), answers.get());
    const std::unique_ptr<rd_kafka_event_t, decltype(&rd_kafka_event_destroy)> event(
        rd_kafka_queue_poll(answers.get(), milliseconds(timeout) + 1000), &rd_kafka_event_destroy);
    if (!event) return fail(Errc::unavailable, "group \"" + plan.group + "\": no answer when its offsets were to be moved");
    const auto refused = [&](rd_kafka_resp_err_t code) -> std::unexpected<Error> {
        if (code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID || code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP ||
            code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION)
            return fail(Errc::unavailable,
                        "group \"" + plan.group +
                            "\" has running members: a start point other than last_processed can be set only while none runs");
        return fail(kafka_client::to_error(code, "group \"" + plan.group + "\": its offsets cannot be moved"));
    };
    if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR) return refused(code);
    std::size_t count = 0;
    const auto* const groups =
        rd_kafka_AlterConsumerGroupOffsets_result_groups(rd_kafka_event_AlterConsumerGroupOffsets_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto* const error = rd_kafka_group_result_error(groups[i]); error != nullptr) return refused(rd_kafka_error_code(error));
        const auto* const partitions = rd_kafka_group_result_partitions(groups[i]);
        for (int j = 0; j < partitions->cnt; ++j)
            if (partitions->elems[j].err != RD_KAFKA_RESP_ERR_NO_ERROR) return refused(partitions->elems[j].err);
    }
    return {};
}

}  // namespace tenter::consume
