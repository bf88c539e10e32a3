#include "src/consume/kafka_dead_letters.hpp"

#include <array>
#include <atomic>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace tenter::consume {
namespace {

constexpr int give_up_after_ms = 30'000;
constexpr int slice_ms = 20;

/// Of one message; shared by the sender and librdkafka, whichever lets go of it last.
struct Delivery {
    enum class State : std::uint8_t { pending, stored, doubtful, failed };
    std::atomic<State> state = State::pending;
    int code = 0;  ///< Of `failed`; written before.
};

/// librdkafka 2.0.2 reports a message as delivered, without an offset, because a later batch was, although the broker may have refused it
/// (docs/adr/0006-the-log-in-kafka.md).
Delivery::State state_of(const rd_kafka_message_t& message) {
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) return Delivery::State::failed;
    return message.offset >= 0 ? Delivery::State::stored : Delivery::State::doubtful;
}

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    const std::unique_ptr<std::shared_ptr<Delivery>> delivery(static_cast<std::shared_ptr<Delivery>*>(message->_private));
    (*delivery)->code = message->err;
    (*delivery)->state.store(state_of(*message));
}

struct DestroyHeaders {
    void operator()(rd_kafka_headers_t* headers) const noexcept { rd_kafka_headers_destroy(headers); }
};
using MessageHeaders = std::unique_ptr<rd_kafka_headers_t, DestroyHeaders>;

void add(rd_kafka_headers_t* headers, std::string_view name, std::string_view value) {
    rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), value.data(), static_cast<ssize_t>(value.size()));
}

/// Those of the record, and where it comes from.
MessageHeaders headers_of(const DeadLetter& letter, std::int64_t offset) {
    MessageHeaders headers(rd_kafka_headers_new(8));
    for (std::size_t number = 0;; ++number) {
        const auto entry = letter.batch.header(letter.index, number);
        if (!entry) break;
        rd_kafka_header_add(headers.get(), entry->name.data(), static_cast<ssize_t>(entry->name.size()),
                            entry->value ? entry->value->data() : nullptr, entry->value ? static_cast<ssize_t>(entry->value->size()) : 0);
    }
    add(headers.get(), "tenter-dead-topic", letter.from.topic);
    add(headers.get(), "tenter-dead-partition", std::to_string(letter.from.partition));
    add(headers.get(), "tenter-dead-offset", std::to_string(offset));
    add(headers.get(), "tenter-dead-reason", letter.reason);
    return headers;
}

}  // namespace

Result<std::unique_ptr<KafkaDeadLetters>> KafkaDeadLetters::make(kafka_client::Settings&& settings, std::string topic) {
    settings.set("enable.idempotence", "false");  // one may be there twice; an idempotent producer can end for ever by a fatal error
    settings.set("acks", "all");
    settings.set("linger.ms", 0);
    settings.set("message.max.bytes", 64 << 20);  // what could be fetched is for the broker to refuse
    settings.set("message.timeout.ms", give_up_after_ms);
    rd_kafka_conf_set_dr_msg_cb(settings.raw(), on_delivery);
    auto producer = std::move(settings).make_producer();
    if (!producer) return fail(std::move(producer.error()));
    auto letters = std::make_unique<KafkaDeadLetters>(std::move(topic));
    letters->producer_ = std::move(*producer);
    return letters;
}

KafkaDeadLetters::~KafkaDeadLetters() {
    if (!producer_) return;
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_flush(producer_.get(), 1000);  // each delivery is reported, so each is freed
}

Result<void> KafkaDeadLetters::send(const DeadLetter& letter, const std::function<bool()>& stop) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(give_up_after_ms);
    while (true) {
        const auto is_stored = send_once(letter, stop);
        if (!is_stored) return fail(is_stored.error());
        if (*is_stored) return {};
        if (std::chrono::steady_clock::now() >= deadline) return fail(Errc::unavailable, what() + ": it is not known whether Kafka has it");
    }
}

Result<bool> KafkaDeadLetters::send_once(const DeadLetter& letter, const std::function<bool()>& stop) {
    const auto record = letter.batch.record(letter.index);
    auto headers = headers_of(letter, record.offset);
    const auto delivery = std::make_shared<Delivery>();
    auto* const opaque = new std::shared_ptr<Delivery>(delivery);  // on_delivery frees it
    const auto value = [](rd_kafka_vtype_t kind, auto fill) {
        rd_kafka_vu_t field{};
        field.vtype = kind;
        fill(field.u);
        return field;
    };
    // librdkafka does not write to what it copies, but its interface is not const.
    const auto octets = [](const std::optional<BytesView>& view) {
        return [&view](auto& u) {
            u.mem.ptr = view ? const_cast<char*>(view->data()) : nullptr;
            u.mem.size = view ? view->size() : 0;
        };
    };
    const std::array fields{
        value(RD_KAFKA_VTYPE_TOPIC, [&](auto& u) { u.cstr = topic_.c_str(); }),
        value(RD_KAFKA_VTYPE_MSGFLAGS, [](auto& u) { u.i = RD_KAFKA_MSG_F_COPY; }),
        value(RD_KAFKA_VTYPE_KEY, octets(record.key)),
        value(RD_KAFKA_VTYPE_VALUE, octets(record.value)),
        value(RD_KAFKA_VTYPE_TIMESTAMP, [&](auto& u) { u.i64 = record.timestamp.time_since_epoch().count(); }),
        value(RD_KAFKA_VTYPE_HEADERS, [&](auto& u) { u.headers = headers.get(); }),
        value(RD_KAFKA_VTYPE_OPAQUE, [&](auto& u) { u.ptr = opaque; }),
    };
    const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> refused(
        rd_kafka_produceva(producer_.get(), fields.data(), fields.size()), &rd_kafka_error_destroy);
    const auto code = refused ? rd_kafka_error_code(refused.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        delete opaque;
        return fail(kafka_client::to_error(code, what()));
    }
    static_cast<void>(headers.release());  // the message has them now
    while (delivery->state.load() == Delivery::State::pending) {
        if (stop()) return fail(Errc::unavailable, what() + ": stopped before Kafka had the record");
        rd_kafka_poll(producer_.get(), slice_ms);
    }
    if (delivery->state.load() == Delivery::State::failed) return fail(kafka_client::to_error(delivery->code, what()));
    return delivery->state.load() == Delivery::State::stored;
}

std::string KafkaDeadLetters::what() const { return "dead-letter topic \"" + topic_ + "\""; }

}  // namespace tenter::consume
