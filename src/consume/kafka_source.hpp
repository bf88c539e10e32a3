#pragma once
// src/consume/kafka_source.hpp: records from a Kafka cluster, by librdkafka.
//
// Each partition keeps its own queue in librdkafka (`rd_kafka_queue_forward(queue, NULL)` before it is assigned, so that assigning does not
// forward it). What comes by the consumer's queue are rebalances and errors alone, so these are served however full our buffers are; a
// partition whose queue nobody reads is paused, without the refetching that rd_kafka_pause_partitions costs; and no batch holds records
// from before and after a rebalance, which librdkafka 2.0.2 lets happen where partitions share a queue.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>

#include "src/consume/kafka_dead_letters.hpp"
#include "src/consume/record_source.hpp"
#include "src/consume/waker.hpp"
#include "tenter/kafka_client/client.hpp"

namespace tenter::consume {

struct DestroyList {
    void operator()(rd_kafka_topic_partition_list_t* list) const noexcept { rd_kafka_topic_partition_list_destroy(list); }
};
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList>;
struct DestroyQueue {
    void operator()(rd_kafka_queue_t* queue) const noexcept {
        rd_kafka_queue_cb_event_enable(queue, nullptr, nullptr);
        rd_kafka_queue_destroy(queue);
    }
};
using Queue = std::unique_ptr<rd_kafka_queue_t, DestroyQueue>;

/// For `rd_kafka_queue_cb_event_enable`: called when a queue is no longer empty.
inline void wake_by_queue(rd_kafka_t*, void* waker) { static_cast<Waker*>(waker)->wake(); }

/// What a source is made of.
struct KafkaPlan {
    kafka_client::Cluster cluster;
    std::vector<std::string> topics;
    std::string group;
    StartPoint start;
    std::vector<std::pair<std::string, std::string>> more_properties{};  ///< Of librdkafka, for tests.
};

class KafkaSource final : public RecordSource {
public:
    /// `options` live as long as it.
    KafkaSource(KafkaPlan plan, const ConsumerOptions& options);
    ~KafkaSource() override;

    [[nodiscard]] Result<void> start(SourceListener& listener, const std::function<bool()>& stop) override;
    void poll(std::chrono::milliseconds timeout, bool idle) override;
    void wake() noexcept override { waker_.wake(); }
    void commit_later(const std::vector<OffsetToCommit>& offsets) override;
    [[nodiscard]] Result<void> commit_now(const std::vector<OffsetToCommit>& offsets, std::chrono::milliseconds timeout) override;
    [[nodiscard]] Result<void> dead_letter(const DeadLetter& letter, const std::function<bool()>& stop) override;
    void stop(std::chrono::milliseconds timeout) override;

private:
    struct EndOfCommit {
        std::uint64_t number;
        Result<void> result;
    };

    [[nodiscard]] Result<kafka_client::Client> connect();
    void apply(kafka_client::Settings& settings) const;
    [[nodiscard]] Result<void> begin();
    [[nodiscard]] AssignedPartition split_off(const std::string& topic, std::int32_t partition);
    [[nodiscard]] std::vector<AssignedPartition> split_off(const rd_kafka_topic_partition_list_t* list);

    void serve_events();
    void serve_commits(std::chrono::milliseconds timeout);
    std::uint64_t begin_commit(const std::vector<OffsetToCommit>& offsets, rd_kafka_resp_err_t& fault);
    void on_rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list);
    void on_client_error(int code, const char* reason);
    void on_consumer_error(rd_kafka_resp_err_t code, const std::string& reason);
    void fail_if_topics_are_gone();
    void find_new_partitions();
    void heard();
    void doubt();
    void look_for_brokers();
    void set_disconnected();
    void end_with(Error error);

    const KafkaPlan plan_;
    const ConsumerOptions& options_;
    SourceListener* listener_ = nullptr;
    Waker waker_;
    kafka_client::ConnectionErrors errors_;
    std::atomic<bool> running_ = false;  ///< From when on errors go to the listener.
    kafka_client::Client client_;
    Queue events_;
    Queue commits_;
    std::unique_ptr<KafkaDeadLetters> dead_letters_;
    std::map<std::string, std::int32_t> partition_counts_;  ///< Without a group: how many are assigned.

    std::uint64_t last_commit_ = 0;
    std::optional<std::uint64_t> commit_later_;
    std::vector<EndOfCommit> ended_commits_;

    bool is_connected_ = true;
    bool suspects_topics_ = false;
    Instant next_look_{};  ///< For brokers: soon after an error, and when nothing was heard for a while.
    std::optional<Instant> in_doubt_since_;
    Instant next_refresh_{};

    friend class KafkaPartition;
};

/// The next record of the start point in a partition, as an offset; librdkafka's logical ones for its ends.
/// Moves what the group has committed to the start point. No member of the group may run.
[[nodiscard]] Result<void> move_group(rd_kafka_t* client, const KafkaPlan& plan, const std::vector<kafka_client::TopicFacts>& topics,
                                      std::chrono::milliseconds timeout);
/// All partitions of the topics with the offset to begin at, for reading without a group.
[[nodiscard]] Result<PartitionList> start_offsets(rd_kafka_t* client, const KafkaPlan& plan,
                                                  const std::vector<kafka_client::TopicFacts>& topics, std::chrono::milliseconds timeout);

}  // namespace tenter::consume
