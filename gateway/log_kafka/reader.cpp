#include "gateway/log_kafka/reader.hpp"

#include <algorithm>
#include <deque>

#include <librdkafka/rdkafka.h>

#include "gateway/log/record_batch.hpp"

namespace tenter::log::kafka {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t most_cursors = 64;
constexpr std::chrono::seconds idle_cursor{5};
constexpr milliseconds fetch_slice{100};
constexpr std::size_t most_recent_bytes = 1 << 20;

struct DestroyMessage {
    void operator()(rd_kafka_message_t* message) const noexcept { rd_kafka_message_destroy(message); }
};
using Message = std::unique_ptr<rd_kafka_message_t, DestroyMessage>;
struct DestroyList {
    void operator()(rd_kafka_topic_partition_list_t* list) const noexcept { rd_kafka_topic_partition_list_destroy(list); }
};
struct DestroyTopic {
    void operator()(rd_kafka_topic_t* topic) const noexcept { rd_kafka_topic_destroy(topic); }
};

std::optional<BytesView> view(const void* data, std::size_t size) {
    return data == nullptr ? std::nullopt : std::optional<BytesView>(BytesView(static_cast<const char*>(data), size));
}

std::vector<RecordHeaderView> headers_of(const rd_kafka_message_t* message) {
    std::vector<RecordHeaderView> views;
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return views;
    const char* name = nullptr;
    const void* value = nullptr;
    std::size_t size = 0;
    for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        views.push_back({name, view(value, size)});
    return views;
}

}  // namespace

/// Batches of the records that it is given, a new one where offsets leave some out.
class Reader::BatchWriter {
public:
    explicit BatchWriter(std::size_t max_bytes) : max_bytes_(max_bytes) {}

    /// False, and nothing done, where the answer would become too large; the first record is always taken.
    [[nodiscard]] bool add(const rd_kafka_message_t* message) {
        payload_.clear();
        encode_record_payload(payload_, view(message->key, message->key_len), view(message->payload, message->len), headers_of(message));
        const bool fits = out_.size() + batch_header_size + encoded_record_size_bound(payload_.size()) <= max_bytes_;
        if (!out_.empty() && !fits) return false;
        if (builder_ && message->offset != next_) finish_batch();
        if (!builder_) builder_.emplace(out_, Offset{message->offset});
        builder_->add(UnixMillis(milliseconds(rd_kafka_message_timestamp(message, nullptr))), payload_);
        next_ = message->offset + 1;
        return true;
    }
    [[nodiscard]] bool empty() const noexcept { return out_.empty(); }
    [[nodiscard]] Offset next() const noexcept { return Offset{next_}; }
    [[nodiscard]] Bytes take() {
        finish_batch();
        return std::move(out_);
    }

private:
    void finish_batch() {
        if (builder_) builder_->finish();
        builder_.reset();
    }

    std::size_t max_bytes_;
    Bytes out_;
    Bytes payload_;
    std::optional<RecordBatchBuilder> builder_;
    std::int64_t next_ = 0;
};

/// A partition's place in the cluster's records: what librdkafka reads ahead of it, and the last of what it read, so that readers who
/// follow one another closely need not go back. One caller at a time, under `mutex`.
class Reader::Cursor {
public:
    enum class Fetched : std::uint8_t { record, end, nothing };

    Cursor(rd_kafka_t* client, const OpenTopic& topic, PartitionId partition)
        : topic_(rd_kafka_topic_new(client, topic.kafka_name.c_str(), nullptr)), partition_(partition.value) {}
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;
    ~Cursor() { end(); }

    std::mutex mutex;
    Instant last_used;  ///< Guarded by the reader's mutex.

    /// Whether it can go on from there without asking the broker to begin anew.
    [[nodiscard]] bool covers(Offset from) const noexcept { return started_ && begin_ <= from.value && from.value <= position_; }

    [[nodiscard]] Result<void> move_to(Offset from, milliseconds timeout) {
        if (covers(from)) return {};
        forget();
        if (started_ &&
            rd_kafka_seek(topic_.get(), partition_, from.value, static_cast<int>(timeout.count())) != RD_KAFKA_RESP_ERR_NO_ERROR)
            end();
        if (!started_ && rd_kafka_consume_start(topic_.get(), partition_, from.value) != 0)
            return fail(kafka_client::to_error(rd_kafka_last_error(), "reading"));
        started_ = true;
        begin_ = position_ = from.value;
        return {};
    }

    /// Writes records from `from` on, which it covers, until the answer is full or nothing more comes within `wait`. Returns where to go
    /// on.
    [[nodiscard]] Result<Offset> write(Offset from, milliseconds wait, BatchWriter& writer) {
        auto next = static_cast<std::size_t>(std::ranges::lower_bound(recent_, from.value, {}, offset_of) - recent_.begin());
        for (;; ++next) {
            if (next == recent_.size()) {
                auto fetched = fetch(writer.empty() ? wait : milliseconds(0));
                if (!fetched) return fail(std::move(fetched.error()));
                if (*fetched == Fetched::nothing || *fetched == Fetched::end) break;
            }
            if (!writer.add(recent_[next].get())) return writer.next();
        }
        trim();
        return Offset{position_};  // also over a gap behind the last record
    }

    void end() noexcept {
        forget();
        if (started_) rd_kafka_consume_stop(topic_.get(), partition_);
        started_ = false;
    }

private:
    static std::int64_t offset_of(const Message& message) noexcept { return message->offset; }
    static std::size_t size_of(const Message& message) noexcept { return message->len + message->key_len + 256; }

    [[nodiscard]] Result<Fetched> fetch(milliseconds wait) {
        Message message(rd_kafka_consume(topic_.get(), partition_, static_cast<int>(wait.count())));
        if (!message) return Fetched::nothing;
        switch (message->err) {
            case RD_KAFKA_RESP_ERR_NO_ERROR:
                position_ = message->offset + 1;
                recent_bytes_ += size_of(message);
                recent_.push_back(std::move(message));
                return Fetched::record;
            case RD_KAFKA_RESP_ERR__PARTITION_EOF: position_ = std::max(position_, message->offset); return Fetched::end;
            case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
            case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: {
                const auto at = position_;
                end();
                return fail(Errc::not_found, "offset " + std::to_string(at) + " is not kept any more");
            }
            default: return Fetched::nothing;  // of a connection: librdkafka tries again
        }
    }

    void trim() noexcept {
        while (recent_bytes_ > most_recent_bytes && recent_.size() > 1) {
            begin_ = recent_.front()->offset + 1;
            recent_bytes_ -= size_of(recent_.front());
            recent_.pop_front();
        }
    }
    void forget() noexcept {
        recent_.clear();
        recent_bytes_ = 0;
    }

    std::unique_ptr<rd_kafka_topic_t, DestroyTopic> topic_;
    std::int32_t partition_;
    bool started_ = false;
    std::int64_t begin_ = 0;     ///< From here on `recent_` leaves nothing out.
    std::int64_t position_ = 0;  ///< What librdkafka hands out next.
    std::deque<Message> recent_;
    std::size_t recent_bytes_ = 0;
};

Reader::Reader(const Clock& clock, ReaderOptions options) : clock_(clock), options_(std::move(options)) {}

Reader::~Reader() { cursors_.clear(); }

Result<rd_kafka_s*> Reader::client() {
    const std::scoped_lock lock(mutex_);
    if (client_) return client_.get();
    kafka_client::Settings settings(options_.cluster);
    settings.set("enable.partition.eof", "true");
    settings.set("auto.offset.reset", "error");
    settings.set("isolation.level", "read_committed");
    // A cursor that moves waits for the end of the question that is under way, so such a question must not wait for long.
    settings.set("fetch.wait.max.ms", 10);
    settings.set("fetch.error.backoff.ms", 50);
    settings.set("queued.max.messages.kbytes", 4096);
    settings.set("socket.nagle.disable", "true");
    for (const auto& [name, value] : options_.properties) settings.set(name, value);
    auto made = std::move(settings).make_consumer();
    if (!made) return fail(std::move(made.error()));
    client_ = std::move(*made);
    return client_.get();
}

Result<std::shared_ptr<Reader::Cursor>> Reader::cursor(const OpenTopic& topic, PartitionId partition) {
    auto client = this->client();
    if (!client) return fail(std::move(client.error()));
    std::shared_ptr<Cursor> ended;  // after the lock: its end waits for librdkafka
    const std::scoped_lock lock(mutex_);
    auto& cursor = cursors_[{topic.id, partition}];
    if (!cursor) cursor = std::make_shared<Cursor>(*client, topic, partition);
    cursor->last_used = clock_.monotonic();
    if (cursors_.size() > most_cursors) {
        const auto oldest = std::ranges::min_element(cursors_, {}, [](const auto& entry) { return entry.second->last_used; });
        ended = std::move(oldest->second);
        cursors_.erase(oldest);
    }
    return cursors_.at({topic.id, partition});
}

void Reader::end_idle_cursors() {
    std::vector<std::shared_ptr<Cursor>> ended;
    const std::scoped_lock lock(mutex_);
    std::erase_if(cursors_, [&](auto& entry) {
        if (clock_.monotonic() - entry.second->last_used < idle_cursor) return false;
        ended.push_back(std::move(entry.second));
        return true;
    });
}

Result<StoredBatches> Reader::read(const OpenTopic& topic, PartitionId partition, Offset from, std::size_t max_bytes) {
    auto found = cursor(topic, partition);
    if (!found) return fail(std::move(found.error()));
    auto& cursor = **found;
    const std::scoped_lock lock(cursor.mutex);
    BatchWriter writer(max_bytes);
    StoredBatches batches{{}, from, from};
    if (cursor.covers(from)) {
        auto next = cursor.write(from, milliseconds(0), writer);
        if (!next) return fail(std::move(next.error()));
        batches.next_offset = *next;
        std::int64_t low = 0;
        std::int64_t high = 0;
        if (rd_kafka_get_watermark_offsets(client_.get(), topic.kafka_name.c_str(), partition.value, &low, &high) ==
            RD_KAFKA_RESP_ERR_NO_ERROR)
            batches.high_watermark = Offset{high};
    }
    if (batches.next_offset == from) {
        auto limits = bounds(topic, partition);
        if (!limits) return fail(std::move(limits.error()));
        if (from < limits->first || from > limits->next)
            return fail(Errc::not_found, "offset " + std::to_string(from.value) + " is outside " + std::to_string(limits->first.value) +
                                             " to " + std::to_string(limits->next.value));
        batches.high_watermark = limits->next;
        if (from == limits->next) return batches;
        if (auto next = wait_for_records(cursor, topic, from, writer); !next) {
            return fail(std::move(next.error()));
        } else {
            batches.next_offset = *next;
        }
    }
    batches.bytes = writer.take();
    batches.high_watermark = std::max(batches.high_watermark, batches.next_offset);
    return batches;
}

/// There are records at or behind `from`, or a gap: until the broker has sent them.
Result<Offset> Reader::wait_for_records(Cursor& cursor, const OpenTopic& topic, Offset from, BatchWriter& writer) const {
    if (auto moved = cursor.move_to(from, options_.timeout); !moved) return fail(std::move(moved.error()));
    const Instant deadline = clock_.monotonic() + options_.timeout;
    for (;;) {
        auto next = cursor.write(from, fetch_slice, writer);
        if (!next || *next != from) return next;
        if (clock_.monotonic() >= deadline)
            return fail(Errc::unavailable,
                        "no records of " + topic.kafka_name + " within " + std::to_string(options_.timeout.count()) + " ms");
    }
}

Result<PartitionBounds> Reader::bounds(const OpenTopic& topic, PartitionId partition) {
    auto client = this->client();
    if (!client) return fail(std::move(client.error()));
    std::int64_t low = 0;
    std::int64_t high = 0;
    const auto code = rd_kafka_query_watermark_offsets(*client, topic.kafka_name.c_str(), partition.value, &low, &high,
                                                       static_cast<int>(options_.timeout.count()));
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_client::to_error(code, "bounds of " + topic.kafka_name));
    return PartitionBounds{Offset{low}, Offset{high}};
}

Result<std::optional<TimedOffset>> Reader::offset_for_time(const OpenTopic& topic, PartitionId partition, UnixMillis time) {
    auto client = this->client();
    if (!client) return fail(std::move(client.error()));
    const std::unique_ptr<rd_kafka_topic_partition_list_t, DestroyList> list(rd_kafka_topic_partition_list_new(1));
    auto* const one = rd_kafka_topic_partition_list_add(list.get(), topic.kafka_name.c_str(), partition.value);
    one->offset = std::max<std::int64_t>(time.time_since_epoch().count(), 0);  // below 0 there are other questions
    auto code = rd_kafka_offsets_for_times(*client, list.get(), static_cast<int>(options_.timeout.count()));
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) code = one->err;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_client::to_error(code, "times of " + topic.kafka_name));
    if (one->offset < 0) return std::nullopt;
    return timed(topic, partition, Offset{one->offset}, time);
}

/// The broker's answer names no time, so the record is read. It may have been compacted away since: then the next one that is new enough.
Result<std::optional<TimedOffset>> Reader::timed(const OpenTopic& topic, PartitionId partition, Offset from, UnixMillis time) {
    for (;;) {
        const auto batches = read(topic, partition, from, 1);
        if (!batches) return fail(batches.error());
        const auto records = decode_batches(batches->bytes);
        if (!records) return fail(records.error());
        for (const auto& record : *records) {
            if (record.offset >= from && record.timestamp >= time) return TimedOffset{record.offset, record.timestamp};
        }
        if (batches->next_offset == from) return std::nullopt;
        from = batches->next_offset;
    }
}

}  // namespace tenter::log::kafka
