// Records as librdkafka has them, and the queue of a partition from which they are taken.
#include <utility>

#include "src/consume/kafka_source.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::consume {
namespace {

/// Messages of librdkafka, as they came.
class KafkaBatch final : public RecordBatch {
public:
    explicit KafkaBatch(std::vector<rd_kafka_message_t*> messages) : messages_(std::move(messages)) {}
    ~KafkaBatch() override {
        for (auto* const message : messages_) rd_kafka_message_destroy(message);
    }

    [[nodiscard]] std::size_t size() const noexcept override { return messages_.size(); }

    [[nodiscard]] Record record(std::size_t index) const override {
        const auto& message = *messages_[index];
        rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        const auto timestamp = rd_kafka_message_timestamp(&message, &kind);
        return {.offset = message.offset,
                .timestamp = UnixMillis(std::chrono::milliseconds(kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : timestamp)),
                .key = view(message.key, message.key_len),
                .value = view(message.payload, message.len)};
    }

    [[nodiscard]] std::optional<RecordHeaders::Entry> header(std::size_t index, std::size_t number) const override {
        rd_kafka_headers_t* headers = nullptr;
        if (rd_kafka_message_headers(messages_[index], &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        if (rd_kafka_header_get_all(headers, number, &name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
        return RecordHeaders::Entry{.name = name, .value = view(value, size)};
    }

private:
    static std::optional<BytesView> view(const void* octets, std::size_t size) {
        if (octets == nullptr) return std::nullopt;
        return BytesView(static_cast<const char*>(octets), size);
    }

    const std::vector<rd_kafka_message_t*> messages_;
};

}  // namespace

/// The queue of a partition.
class KafkaPartition final : public SourcePartition {
public:
    KafkaPartition(KafkaSource& source, Notice::Partition id, Queue queue)
        : source_(source), id_(std::move(id)), queue_(std::move(queue)) {}

    [[nodiscard]] Taken take(std::size_t max) override {
        std::vector<rd_kafka_message_t*> messages(max);
        const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), max);
        messages.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        Taken taken;
        std::erase_if(messages, [&](rd_kafka_message_t* message) {
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                taken.at_end = false;
                return false;
            }
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                taken.at_end = true;
            } else {
                source_.on_consumer_error(message->err, rd_kafka_message_errstr(message));
            }
            rd_kafka_message_destroy(message);
            return true;
        });
        if (count > 0) source_.heard();
        if (!messages.empty()) taken.records = std::make_shared<KafkaBatch>(std::move(messages));
        return taken;
    }

    [[nodiscard]] std::optional<std::int64_t> end() const override {
        std::int64_t low = RD_KAFKA_OFFSET_INVALID;
        std::int64_t high = RD_KAFKA_OFFSET_INVALID;
        rd_kafka_get_watermark_offsets(source_.client_.get(), id_.topic.c_str(), id_.partition, &low, &high);
        if (high < 0) return std::nullopt;
        return high;
    }

private:
    KafkaSource& source_;
    const Notice::Partition id_;
    const Queue queue_;
};

AssignedPartition KafkaSource::split_off(const std::string& topic, std::int32_t partition) {
    Queue queue(rd_kafka_queue_get_partition(client_.get(), topic.c_str(), partition));
    TENTER_ASSERT(queue != nullptr);
    rd_kafka_queue_forward(queue.get(), nullptr);
    rd_kafka_queue_cb_event_enable(queue.get(), &wake_by_queue, &waker_);
    Notice::Partition id{.topic = topic, .partition = partition};
    return {.id = id, .source = std::make_shared<KafkaPartition>(*this, id, std::move(queue))};
}

std::vector<AssignedPartition> KafkaSource::split_off(const rd_kafka_topic_partition_list_t* list) {
    std::vector<AssignedPartition> assigned;
    for (int i = 0; i < list->cnt; ++i) assigned.push_back(split_off(list->elems[i].topic, list->elems[i].partition));
    return assigned;
}

}  // namespace tenter::consume
