#pragma once
// gateway/forward/transaction.hpp: librdkafka's transactional producer, with its many errors sorted by what is to be done about them.
//
//   make -> init (fences the predecessor) -> { begin -> produce ... -> commit }
//                                                 |          |          |
//                                                 `----------+----------+--> same_chunk    aborted, nothing of it is there: send it again
//                                                                        |-> new_producer  whether it is there must be looked up
//                                                                        `-> fenced        another producer has our id

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/forward/link.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::forward {

/// Names of the record headers that say where a record came from.
inline constexpr std::string_view log_header = "tenter-log";
inline constexpr std::string_view offset_header = "tenter-offset";

enum class Remedy : std::uint8_t { same_chunk, new_producer, fenced };

struct TransactionFault {
    Remedy remedy;
    Error error;
};
using TransactionResult = std::expected<void, TransactionFault>;

struct ProducerOptions {
    std::string id;  ///< transactional.id, and the value of `tenter-log`.
    std::chrono::milliseconds transaction_timeout{60'000};
    std::size_t batch_bytes = 1'000'000;  ///< Several records in one batch; one alone may be larger.
};

/// Belongs to one thread.
class TransactionalProducer {
public:
    [[nodiscard]] static Result<std::unique_ptr<TransactionalProducer>> make(const Link& link, ProducerOptions options);

    [[nodiscard]] const LinkedClient& client() const noexcept { return *client_; }

    /// Ends what a producer with our id left open, and shuts it out. Until it is done, or `on_wait` says stop; `on_wait` hears why it takes
    /// so long.
    using OnWait = std::function<bool(const Error&)>;
    [[nodiscard]] TransactionResult init(const OnWait& on_wait);
    [[nodiscard]] TransactionResult begin();
    /// The record's bytes must stay until the transaction ends or the producer is destroyed.
    [[nodiscard]] TransactionResult produce(rd_kafka_topic_s* topic, std::int32_t partition, const log::StoredRecord& record,
                                            const OnWait& on_wait);
    /// When it succeeds every record since `begin` is there for readers of committed records, or none ever will be.
    [[nodiscard]] TransactionResult commit(const OnWait& on_wait);
    /// What is there of the transaction will never be seen by readers of committed records. For a chunk that is not sent after all.
    [[nodiscard]] TransactionResult abort(const OnWait& on_wait);
    /// Code of the record that the broker refused in the transaction that failed last; 0: none.
    [[nodiscard]] int delivery_error() const noexcept { return client_->delivery_error(); }

private:
    TransactionalProducer(std::unique_ptr<LinkedClient> client, ProducerOptions options)
        : client_(std::move(client)), options_(std::move(options)) {}
    struct Call;
    [[nodiscard]] TransactionResult finish(const Call& call, const OnWait& on_wait);
    [[nodiscard]] TransactionFault fatal(Error error) const;
    /// How long the transaction may have been open by any clock; a suspended machine stops one of them.
    [[nodiscard]] bool may_have_expired() const;

    std::unique_ptr<LinkedClient> client_;
    const ProducerOptions options_;
    std::chrono::steady_clock::time_point began_{};
    std::chrono::system_clock::time_point began_wall_{};
    bool open_ = false;
};

}  // namespace tenter::forward
