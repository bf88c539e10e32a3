#pragma once
// gateway/log_kafka/kafka_log.hpp: the log in a Kafka cluster: where a gateway keeps its events when one machine is not enough.
//
//   append --> [under way, at most queue_bytes] --> librdkafka, idempotent, acks=all --> broker --delivery report--> AppendDone (2xx)
//                   |                                                                       |
//                   `-- older than delivery_timeout: `unavailable`, and a new producer      `--> read, bounds, times, follow
//
// What acks=all does and does not promise: docs/kafka-log.md. Why it is built so: docs/adr/0006-the-log-in-kafka.md.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log/types.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/kafka_client/client.hpp"

namespace tenter::log {

/// A topic that must be there when the log opens.
struct RequiredTopic {
    std::string name;                  ///< In the log: the source's.
    std::int32_t partition_count = 1;  ///< At least.
};

struct KafkaLogOptions {
    kafka_client::Cluster cluster;
    std::function<std::string(std::string_view)> topic_name;  ///< In Kafka, of a topic of the log; unset: its own.
    std::vector<RequiredTopic> topics;
    /// Makes topics that are missing, with the cluster's default replication, instead of failing.
    bool create_topics = false;
    /// The largest record that will be appended: `max.message.bytes` of topics that are made, and a notice where a topic has less. 0:
    /// unknown.
    std::uint64_t largest_record_bytes = 0;
    /// What may be under way; beyond it appends are `overloaded`. One append alone may be larger.
    std::uint64_t queue_bytes = 64ULL << 20;
    std::chrono::milliseconds connect_timeout{10'000};  ///< For `open` to reach the cluster.
    std::chrono::milliseconds limits_timeout{5'000};    ///< For the topics' `max.message.bytes`; without an answer they are unknown.
    /// When the oldest append under way is older, it and all others that are under way become `unavailable`.
    std::chrono::milliseconds delivery_timeout{10'000};
    /// The state becomes `unreachable` when an append waits so long, or nothing was heard of the cluster.
    std::chrono::milliseconds unreachable_after{2'000};
    /// How long a record may wait for others to share its request. Under load they do so anyway, while five requests are in flight.
    std::chrono::milliseconds linger{0};
    /// librdkafka's properties on top of ours.
    std::vector<std::pair<std::string, std::string>> properties;
};

/// Calls out of the log, from threads of its own; must not block or call back into the log.
struct KafkaLogObserver {
    std::function<void(std::string_view)> on_notice;  ///< For the operator: the cluster does not answer, answers again, limits of topics.
};

/// Bytes of a record batch that holds this record alone: what the broker holds against `max.message.bytes`.
[[nodiscard]] std::size_t batch_size_of(const NewRecord& record) noexcept;

/// The log in a Kafka cluster. An append is not atomic over partitions: one that was stored in part is `unavailable`.
///
/// `unavailable` means that the outcome is unknown: the records may be stored, also later than records that were acknowledged since, if the
/// broker had received them and was frozen. Nothing is sent again after the answer. A record is never sent by two producers, so none that
/// was acknowledged is stored twice, and acknowledged records of one partition stand in the order of their appends.
class KafkaLog final : public EventLog {
public:
    /// Connects and looks at all `options.topics` at once.
    ///   `unauthenticated`, `unavailable`  as kafka_client::find_topics: credentials, right, certificate, or address
    ///   `not_found`                       names all topics that are not there
    ///   `invalid_input`                   a name that Kafka does not take, fewer partitions than are required, or a property
    /// `clock` must outlive the log; its monotonic side measures ages.
    [[nodiscard]] static Result<std::unique_ptr<KafkaLog>> open(const Clock& clock, KafkaLogOptions options,
                                                                KafkaLogObserver observer = {});
    /// Stops, as `stop()`.
    ~KafkaLog() override;

    [[nodiscard]] Capabilities capabilities() const noexcept override;
    /// A topic that `open` did not ask for is looked up now, and made where `create_topics` says so.
    [[nodiscard]] Result<TopicId> ensure_topic(std::string_view name, std::int32_t partition_count) override;
    /// Those that this object has opened.
    [[nodiscard]] std::vector<TopicInfo> topics() const override;
    /// Also one that is in Kafka and was not opened before.
    [[nodiscard]] Result<TopicInfo> find_topic(std::string_view name) const override;
    /// `too_large`: a record alone is over its topic's `max.message.bytes`, as it was when the log opened. Only an answer
    /// of the broker that names the record's offset is an acknowledgement.
    void append(std::span<const NewRecord> records, AppendDone done) override;
    /// Records as Kafka has them, encoded anew: batches of other sizes than the broker's, none over a gap of its offsets. Transactions that
    /// are not committed are not shown. `unavailable` when the broker does not answer within `delivery_timeout`.
    [[nodiscard]] Result<StoredBatches> read(TopicPartition at, Offset from, std::size_t max_bytes) const override;
    [[nodiscard]] Result<PartitionBounds> bounds(TopicPartition at) const override;
    [[nodiscard]] Result<std::optional<TimedOffset>> offset_for_time(TopicPartition at, UnixMillis time) const override;
    /// `unsupported`: librdkafka 2.0.2 cannot ask for it.
    [[nodiscard]] Result<std::optional<TimedOffset>> newest(TopicPartition at) const override;
    /// `unsupported`: how long the cluster keeps records is its operators' to say.
    [[nodiscard]] Result<void> remove_before(TopicPartition at, Offset first) override;
    /// Records of this object at once; those of other writers within a fraction of a second, while none of its own is under way there.
    [[nodiscard]] Result<std::unique_ptr<Subscription>> follow(TopicPartition at, std::function<void(Offset)> moved) override;
    [[nodiscard]] LogState state() const noexcept override;
    /// Waits for what is under way, at most `delivery_timeout`; the rest becomes `unavailable`.
    Result<void> stop() override;

private:
    struct Core;
    explicit KafkaLog(std::unique_ptr<Core> core);
    std::unique_ptr<Core> core_;
};

}  // namespace tenter::log
