#pragma once
// gateway/log_kafka/producer.hpp: one idempotent producer, from its first record to its last. It never sends a record of another one, and
// what it had under way when it is given up is sent by none.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log_kafka/kafka_log.hpp"
#include "gateway/log_kafka/topic_table.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/kafka_client/client.hpp"

struct rd_kafka_topic_s;
struct rd_kafka_message_s;

namespace tenter::log::kafka {

struct Append;

/// What a message of librdkafka carries: which record of which append it is.
struct RecordUnderWay {
    Append* append = nullptr;
    std::uint32_t index = 0;
};

/// One `append` that is not answered yet.
struct Append {
    AppendDone done;
    std::vector<RecordPlace> places;
    std::vector<RecordUnderWay> records;  ///< Never grows once librdkafka points into it.
    std::size_t left = 0;                 ///< Records without a report.
    std::size_t stored = 0;
    std::size_t bytes = 0;
    std::optional<Error> error;
    Instant since;
    std::list<Append>::iterator self;

    void fail_one(Error reason);
    /// What to tell the caller, once nothing is left.
    [[nodiscard]] AppendResult result();
};

/// A delivery report.
struct Report {
    RecordUnderWay record;
    int code = 0;  ///< rd_kafka_resp_err_t
    std::int64_t offset = -1;
};

/// How producers are made; the same for all that follow one another.
struct ProducerSettings {
    kafka_client::Cluster cluster;
    std::size_t batch_bytes = 0;    ///< Upper bound of a batch of several records.
    std::size_t message_bytes = 0;  ///< Upper bound of one record.
    std::chrono::milliseconds linger{};
    std::chrono::milliseconds socket_timeout{};
    std::vector<std::pair<std::string, std::string>> properties;
};

/// Members without a word about threads belong to the thread that polls.
class Producer {
public:
    [[nodiscard]] static Result<std::shared_ptr<Producer>> make(const ProducerSettings& settings);
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;
    ~Producer();

    /// Takes a copy. A message of librdkafka points to `mark` until its report was polled. One thread at a time; any thread.
    [[nodiscard]] Result<void> send(const OpenTopic& topic, PartitionId partition, const NewRecord& record, RecordUnderWay& mark);
    /// Waits at most so long for reports; those that came are in `reports`.
    void poll(std::chrono::milliseconds timeout);
    std::vector<Report> reports;
    /// What it was given and has no report of, oldest first. Guarded by the mutex of the Delivery.
    std::list<Append> under_way;
    /// Sends nothing any more; everything under way is reported as failed.
    void give_up();

    /// Nothing that it is given will be sent: another one must take over. Any thread.
    [[nodiscard]] bool has_failed() const noexcept { return failed_.load(); }
    [[nodiscard]] std::string why_failed() const;
    [[nodiscard]] const kafka_client::ConnectionErrors& errors() const noexcept { return errors_; }
    /// For calls of librdkafka that may be made from any thread.
    [[nodiscard]] rd_kafka_s* client() const noexcept { return client_.get(); }

private:
    struct DestroyTopic {
        void operator()(rd_kafka_topic_s* topic) const noexcept;
    };

    Producer() = default;
    [[nodiscard]] rd_kafka_topic_s* handle(const OpenTopic& topic);
    static void on_report(rd_kafka_s* client, const rd_kafka_message_s* message, void* self);
    static void on_error(rd_kafka_s* client, int code, const char* reason, void* self);

    kafka_client::ConnectionErrors errors_;
    std::atomic<bool> failed_{false};
    kafka_client::Client client_;
    std::vector<std::unique_ptr<rd_kafka_topic_s, DestroyTopic>> topics_;  // by id; before the client goes
};

}  // namespace tenter::log::kafka
