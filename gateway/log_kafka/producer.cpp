#include "gateway/log_kafka/producer.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace tenter::log::kafka {
namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t earliest_timestamp_ms = 1;  // librdkafka takes 0 for "now"

/// librdkafka reads through it only.
void* writable(BytesView bytes) {
    static char nothing = 0;  // a null pointer would make it a null value
    return bytes.empty() ? &nothing : const_cast<char*>(bytes.data());
}

struct DestroyHeaders {
    void operator()(rd_kafka_headers_t* headers) const noexcept { rd_kafka_headers_destroy(headers); }
};
using Headers = std::unique_ptr<rd_kafka_headers_t, DestroyHeaders>;

Headers headers_of(const NewRecord& record) {
    Headers headers(rd_kafka_headers_new(record.headers.size()));
    for (const auto& [key, value] : record.headers)
        rd_kafka_header_add(headers.get(), key.data(), static_cast<ssize_t>(key.size()), value ? writable(*value) : nullptr,
                            value ? static_cast<ssize_t>(value->size()) : 0);
    return headers;
}

rd_kafka_vu_t memory(rd_kafka_vtype_t type, BytesView bytes) {
    rd_kafka_vu_t unit{};
    unit.vtype = type;
    unit.u.mem = {writable(bytes), bytes.size()};
    return unit;
}

}  // namespace

void Append::fail_one(Error reason) {
    if (!error || (error->code == Errc::too_large && reason.code != Errc::too_large)) error = std::move(reason);
}

AppendResult Append::result() {
    if (!error) return std::span<const RecordPlace>(places);
    if (stored == 0) return fail(*error);
    return fail(Errc::unavailable,
                std::to_string(stored) + " of " + std::to_string(places.size()) + " events were stored: " + error->message);
}

void Producer::DestroyTopic::operator()(rd_kafka_topic_s* topic) const noexcept { rd_kafka_topic_destroy(topic); }

Result<std::shared_ptr<Producer>> Producer::make(const ProducerSettings& given) {
    std::shared_ptr<Producer> producer(new Producer);
    kafka_client::Settings settings(given.cluster);
    settings.set("enable.idempotence", "true");
    settings.set("acks", "all");
    // A message that librdkafka gives up leaves a hole in the sequence numbers: it would go on under another producer id and send what was
    // in flight once more. So it never does by itself; who waits for too long gives up the whole producer.
    settings.set("message.timeout.ms", 0);
    settings.set("socket.timeout.ms", std::clamp<std::int64_t>(given.socket_timeout.count(), 1000, 300'000));
    settings.set("socket.nagle.disable", "true");
    settings.set("linger.ms", given.linger.count());
    settings.set("batch.size", static_cast<std::int64_t>(given.batch_bytes));
    settings.set("message.max.bytes", static_cast<std::int64_t>(std::clamp<std::size_t>(given.message_bytes, 1000, 1'000'000'000)));
    settings.set("queue.buffering.max.messages", unlimited);  // the limit is ours, in bytes
    settings.set("queue.buffering.max.kbytes", unlimited);
    for (const auto& [name, value] : given.properties) settings.set(name, value);
    rd_kafka_conf_set_opaque(settings.raw(), producer.get());
    rd_kafka_conf_set_dr_msg_cb(settings.raw(), &Producer::on_report);
    rd_kafka_conf_set_error_cb(settings.raw(), &Producer::on_error);
    auto client = std::move(settings).make_producer();
    if (!client) return fail(std::move(client.error()));
    producer->client_ = std::move(*client);
    return producer;
}

Producer::~Producer() { topics_.clear(); }

rd_kafka_topic_s* Producer::handle(const OpenTopic& topic) {
    if (topics_.size() <= topic.id.value) topics_.resize(topic.id.value + 1);
    auto& handle = topics_[topic.id.value];
    if (!handle) handle.reset(rd_kafka_topic_new(client_.get(), topic.kafka_name.c_str(), nullptr));
    return handle.get();
}

Result<void> Producer::send(const OpenTopic& topic, PartitionId partition, const NewRecord& record, RecordUnderWay& mark) {
    std::array<rd_kafka_vu_t, 8> units{};
    std::size_t count = 0;
    const auto add = [&](rd_kafka_vtype_t type) -> rd_kafka_vu_t& {
        units[count].vtype = type;
        return units[count++];
    };
    add(RD_KAFKA_VTYPE_RKT).u.rkt = handle(topic);
    add(RD_KAFKA_VTYPE_PARTITION).u.i32 = partition.value;
    add(RD_KAFKA_VTYPE_MSGFLAGS).u.i = RD_KAFKA_MSG_F_COPY;
    add(RD_KAFKA_VTYPE_OPAQUE).u.ptr = &mark;
    add(RD_KAFKA_VTYPE_TIMESTAMP).u.i64 = std::max<std::int64_t>(record.timestamp.time_since_epoch().count(), earliest_timestamp_ms);
    if (record.key) units[count++] = memory(RD_KAFKA_VTYPE_KEY, *record.key);
    if (record.value) units[count++] = memory(RD_KAFKA_VTYPE_VALUE, *record.value);
    auto headers = headers_of(record);
    add(RD_KAFKA_VTYPE_HEADERS).u.headers = headers.get();
    rd_kafka_error_t* const refused = rd_kafka_produceva(client_.get(), units.data(), count);
    if (refused == nullptr) {
        static_cast<void>(headers.release());  // the message has them now
        return {};
    }
    const int code = rd_kafka_error_code(refused);
    rd_kafka_error_destroy(refused);
    if (code == RD_KAFKA_RESP_ERR__FATAL) failed_ = true;
    Error error = kafka_client::to_error(code, topic.kafka_name);
    if (error.code != Errc::too_large) error.code = Errc::unavailable;
    return fail(std::move(error));
}

void Producer::poll(std::chrono::milliseconds timeout) { rd_kafka_poll(client_.get(), static_cast<int>(timeout.count())); }

void Producer::give_up() {
    rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

std::string Producer::why_failed() const {
    std::array<char, 512> reason{};
    rd_kafka_fatal_error(client_.get(), reason.data(), reason.size());
    return reason.data();
}

void Producer::on_report(rd_kafka_t*, const rd_kafka_message_t* message, void* self) {
    const auto* const record = static_cast<const RecordUnderWay*>(message->_private);
    static_cast<Producer*>(self)->reports.push_back({*record, message->err, message->offset});
}

void Producer::on_error(rd_kafka_t*, int code, const char* reason, void* self) {
    auto* const producer = static_cast<Producer*>(self);
    if (code == RD_KAFKA_RESP_ERR__FATAL) producer->failed_ = true;
    producer->errors_.note(code, reason);
}

}  // namespace tenter::log::kafka
