#include "gateway/forward/transaction.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <librdkafka/rdkafka.h>

namespace tenter::forward {
namespace {

/// One call into librdkafka at most; it is called again while it says that it may be.
constexpr int slice_ms = 400;
constexpr int max_message_bytes = 1'000'000'000;  // librdkafka's greatest; the topics' own limits are the broker's to know

struct DestroyError {
    void operator()(rd_kafka_error_t* error) const noexcept { rd_kafka_error_destroy(error); }
};
using KafkaError = std::unique_ptr<rd_kafka_error_t, DestroyError>;

Error to_error(const rd_kafka_error_t* error, std::string_view what) {
    Error made = kafka_client::to_error(rd_kafka_error_code(error), what);
    made.message = std::string(what) + ": " + rd_kafka_error_string(error);
    return made;
}

/// The field of a record as librdkafka wants it: null and empty differ by the pointer.
const void* pointer_of(const std::optional<BytesView>& bytes) {
    if (!bytes) return nullptr;
    return bytes->data() != nullptr ? bytes->data() : "";
}

rd_kafka_headers_t* make_headers(const log::StoredRecord& record, std::string_view log_id) {
    rd_kafka_headers_t* const headers = rd_kafka_headers_new(record.headers.size() + 2);
    const auto add = [headers](std::string_view name, const std::optional<BytesView>& value) {
        rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()), pointer_of(value),
                            value ? static_cast<ssize_t>(value->size()) : 0);
    };
    for (const auto& header : record.headers) add(header.key, header.value);
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), record.offset.value).ptr;
    add(log_header, log_id);
    add(offset_header, BytesView(digits.data(), static_cast<std::size_t>(end - digits.data())));
    return headers;
}

/// Takes the headers if it succeeds.
rd_kafka_resp_err_t enqueue(rd_kafka_t* client, rd_kafka_topic_t* topic, std::int32_t partition, const log::StoredRecord& record,
                            rd_kafka_headers_t* headers) {
    std::array<rd_kafka_vu_t, 7> fields{};
    fields[0].vtype = RD_KAFKA_VTYPE_RKT;
    fields[0].u.rkt = topic;
    fields[1].vtype = RD_KAFKA_VTYPE_PARTITION;
    fields[1].u.i32 = partition;
    fields[2].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
    fields[2].u.i = 0;  // neither copied nor freed
    fields[3].vtype = RD_KAFKA_VTYPE_KEY;
    fields[3].u.mem.ptr = const_cast<void*>(pointer_of(record.key));
    fields[3].u.mem.size = record.key ? record.key->size() : 0;
    fields[4].vtype = RD_KAFKA_VTYPE_VALUE;
    fields[4].u.mem.ptr = const_cast<void*>(pointer_of(record.value));
    fields[4].u.mem.size = record.value ? record.value->size() : 0;
    fields[5].vtype = RD_KAFKA_VTYPE_TIMESTAMP;
    fields[5].u.i64 = record.timestamp.time_since_epoch().count();
    fields[6].vtype = RD_KAFKA_VTYPE_HEADERS;
    fields[6].u.headers = headers;
    const KafkaError error(rd_kafka_produceva(client, fields.data(), fields.size()));
    return error ? rd_kafka_error_code(error.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
}

}  // namespace

struct TransactionalProducer::Call {
    std::string_view what;
    std::function<rd_kafka_error_t*(rd_kafka_t*)> make;
    bool is_abort = false;
};

Result<std::unique_ptr<TransactionalProducer>> TransactionalProducer::make(const Link& link, ProducerOptions options) {
    auto client = LinkedClient::make_producer(link, [&options](kafka_client::Settings& settings) {
        settings.set("transactional.id", options.id);
        settings.set("transaction.timeout.ms", options.transaction_timeout.count());
        settings.set("message.max.bytes", max_message_bytes);
        settings.set("batch.size", static_cast<std::int64_t>(options.batch_bytes));
        settings.set("socket.nagle.disable", "true");  // the last bytes of a batch would wait for the acknowledgement of the others
        settings.set("queue.buffering.max.messages", 1'000'000);
        settings.set("queue.buffering.max.kbytes", 1'000'000);
        settings.set("delivery.report.only.error", "true");
        settings.set("retry.backoff.ms", 50);
    });
    if (!client) return fail(std::move(client.error()));
    return std::unique_ptr<TransactionalProducer>(new TransactionalProducer(std::move(*client), std::move(options)));
}

TransactionResult TransactionalProducer::init(const OnWait& on_wait) {
    open_ = false;
    return finish({"starting to forward", [](rd_kafka_t* client) { return rd_kafka_init_transactions(client, slice_ms); }}, on_wait);
}

TransactionResult TransactionalProducer::begin() {
    client_->clear_delivery_error();
    rd_kafka_poll(client_->get(), 0);
    const KafkaError error(rd_kafka_begin_transaction(client_->get()));
    if (error) return std::unexpected(fatal(to_error(error.get(), "beginning a transaction")));
    open_ = true;
    began_ = std::chrono::steady_clock::now();
    began_wall_ = std::chrono::system_clock::now();
    return {};
}

TransactionResult TransactionalProducer::produce(rd_kafka_topic_s* topic, std::int32_t partition, const log::StoredRecord& record,
                                                 const OnWait& on_wait) {
    for (;;) {
        rd_kafka_headers_t* const headers = make_headers(record, options_.id);
        const auto code = enqueue(client_->get(), topic, partition, record, headers);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
        rd_kafka_headers_destroy(headers);
        Error error = kafka_client::to_error(code, "sending");
        if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
            if (code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__FENCED) return std::unexpected(fatal(std::move(error)));
            // The transaction cannot be committed any more, or was never begun as the broker sees it.
            if (auto aborted = abort(on_wait); !aborted) return aborted;
            return std::unexpected(TransactionFault{Remedy::same_chunk, std::move(error)});
        }
        rd_kafka_poll(client_->get(), 100);
        if (on_wait(error)) return std::unexpected(TransactionFault{Remedy::new_producer, std::move(error)});
    }
}

TransactionResult TransactionalProducer::commit(const OnWait& on_wait) {
    return finish({"committing", [](rd_kafka_t* client) { return rd_kafka_commit_transaction(client, slice_ms); }}, on_wait);
}

TransactionResult TransactionalProducer::abort(const OnWait& on_wait) {
    return finish({"aborting", [](rd_kafka_t* client) { return rd_kafka_abort_transaction(client, slice_ms); }, true}, on_wait);
}

TransactionResult TransactionalProducer::finish(const Call& call, const OnWait& on_wait) {
    // What neither ends nor fails in this time is in a state that only a new producer gets out of.
    const auto deadline = std::chrono::steady_clock::now() + 2 * options_.transaction_timeout;
    for (;;) {
        const KafkaError error(call.make(client_->get()));
        if (!error) {
            open_ = false;
            return {};
        }
        Error found = to_error(error.get(), call.what);
        if (rd_kafka_error_is_fatal(error.get()) != 0) return std::unexpected(fatal(std::move(found)));
        const bool must_abort = rd_kafka_error_txn_requires_abort(error.get()) != 0;
        if (must_abort && !call.is_abort) {
            if (auto aborted = abort(on_wait); !aborted) return aborted;
            return std::unexpected(TransactionFault{Remedy::same_chunk, std::move(found)});
        }
        const bool again = (must_abort || rd_kafka_error_is_retriable(error.get()) != 0) && std::chrono::steady_clock::now() < deadline;
        if (!again || on_wait(found)) return std::unexpected(TransactionFault{Remedy::new_producer, std::move(found)});
        rd_kafka_poll(client_->get(), 50);  // some calls fail at once
    }
}

TransactionFault TransactionalProducer::fatal(Error error) const {
    std::array<char, 512> reason{};
    const auto code = rd_kafka_fatal_error(client_->get(), reason.data(), reason.size());
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) error.message += " (" + std::string(reason.data()) + ")";
    const bool shut_out =
        code == RD_KAFKA_RESP_ERR__FENCED || code == RD_KAFKA_RESP_ERR_PRODUCER_FENCED || code == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
    // Kafka shuts out the owner of a transaction that took too long with the same code.
    return {shut_out && !may_have_expired() ? Remedy::fenced : Remedy::new_producer, std::move(error)};
}

bool TransactionalProducer::may_have_expired() const {
    if (!open_) return false;
    const auto limit = options_.transaction_timeout;
    return std::chrono::steady_clock::now() - began_ >= limit || std::chrono::system_clock::now() - began_wall_ >= limit;
}

}  // namespace tenter::forward
