// Which partitions are ours: what the group says, and without a group what there is.
#include <memory>
#include <utility>

#include "src/consume/kafka_source.hpp"

namespace tenter::consume {
void KafkaSource::on_rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list) {
    auto* const client = client_.get();
    const bool is_cooperative = std::string_view(rd_kafka_rebalance_protocol(client)) == "COOPERATIVE";
    std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> error(nullptr, &rd_kafka_error_destroy);
    auto result = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        auto assigned = split_off(list);
        if (is_cooperative) {
            error.reset(rd_kafka_incremental_assign(client, list));
        } else {
            result = rd_kafka_assign(client, list);
        }
        listener_->on_assigned(std::move(assigned));
    } else {
        std::vector<Notice::Partition> revoked;
        for (int i = 0; i < list->cnt; ++i) revoked.push_back({.topic = list->elems[i].topic, .partition = list->elems[i].partition});
        listener_->on_revoked(revoked, rd_kafka_assignment_lost(client) != 0);
        if (is_cooperative) {
            error.reset(rd_kafka_incremental_unassign(client, list));
        } else {
            result = rd_kafka_assign(client, nullptr);
        }
    }
    if (error) result = rd_kafka_error_code(error.get());
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR) on_consumer_error(result, "rebalance");
}

void KafkaSource::find_new_partitions() {
    next_refresh_ = std::chrono::steady_clock::now() + options_.metadata_refresh;
    const auto found = kafka_client::find_topics(client_.get(), plan_.cluster, errors_, plan_.topics, std::chrono::milliseconds(1000));
    if (!found) {
        if (found.error().code == Errc::not_found) end_with(found.error());
        return;
    }
    const PartitionList added(rd_kafka_topic_partition_list_new(4));
    for (const auto& topic : *found) {
        for (auto& count = partition_counts_[topic.name]; count < topic.partition_count; ++count)
            rd_kafka_topic_partition_list_add(added.get(), topic.name.c_str(), count)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    if (added->cnt == 0) return;
    auto assigned = split_off(added.get());
    const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> error(
        rd_kafka_incremental_assign(client_.get(), added.get()), &rd_kafka_error_destroy);
    if (error) return end_with(kafka_client::to_error(rd_kafka_error_code(error.get()), "cannot read new partitions"));
    listener_->on_assigned(std::move(assigned));
}

}  // namespace tenter::consume
