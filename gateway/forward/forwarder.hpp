#pragma once
// gateway/forward/forwarder.hpp: copies the local log to Kafka, record by record, partition i to partition i, in order, each exactly once
// for readers of committed records (docs/forward.md).
//
//   EventLog --follow--> [thread] --read--> chunk over all partitions --one transaction--> Kafka
//                           ^                                                |
//                           `------ position: the last record of this log in each partition, looked up at every start and after doubt
//
// It only reads the log (but for dead letters and notes of its positions) and never delays or fails an append.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/forward/link.hpp"
#include "gateway/log/event_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::forward {

/// What becomes of a record that is larger than the Kafka topic takes.
enum class Oversize : std::uint8_t {
    stop,  ///< Its partition goes no further, with a notice, until the topic takes it.
    dead,  ///< It is kept in the local topic <source>.dead, and forwarding goes on behind it.
};

/// A topic of the local log and where it goes.
struct Route {
    std::string source;
    std::string topic;
};

struct ForwarderOptions {
    Link link;
    std::function<Result<std::string>()> log_id;  ///< The same at every call; fails as long as it is not known.
    std::vector<Route> routes;
    std::optional<Oversize> oversize{};
    /// The largest record that the sources can make, as `log::encode_record_payload` writes it. Without `oversize` the start is refused
    /// where a topic takes less. 0: not checked.
    std::size_t largest_payload = 0;
    std::uint64_t max_unforwarded_bytes = 0;                                   ///< For warnings at 50 %, 90 % and above; 0: none.
    std::function<std::size_t(const std::string& topic)> max_message_bytes{};  ///< In place of what the broker says; for tests.
    bool wait_for_kafka = true;                                                ///< Start also while no broker answers.

    std::size_t chunk_bytes = 8U << 20;      ///< One transaction at most, about; less for a while after one that failed.
    std::size_t partition_bytes = 1U << 20;  ///< Of one partition in it while many are behind; where few are, they share it.
    std::size_t chunk_records = 50'000;      ///< The same, about: a read is not cut.
    std::chrono::milliseconds start_timeout{5'000};
    std::chrono::milliseconds transaction_timeout{60'000};
    std::chrono::milliseconds first_backoff{100};
    std::chrono::milliseconds longest_backoff{4'000};
    std::chrono::milliseconds grace{5'000};      ///< Trouble that is over sooner is not told.
    std::chrono::milliseconds reminder{60'000};  ///< Between two notices of the same outage.
    std::chrono::milliseconds save_interval{30'000};
    std::chrono::milliseconds recheck{30'000};          ///< Of the topics' limits while a partition stands still.
    std::chrono::milliseconds backlog_interval{1'000};  ///< Between two looks at how much is behind.
};

enum class Severity : std::uint8_t { info, warning, error };

/// For the operator; called on the forwarder's threads, must not block.
using Notice = std::function<void(Severity, std::string_view)>;

struct PartitionPosition {
    std::string source;
    std::string topic;
    std::int32_t partition = 0;
    log::Offset next;                     ///< The next offset to forward: everything below it is in Kafka or a dead letter.
    log::Offset end;                      ///< Of the local log.
    std::uint64_t bytes_behind = 0;       ///< About: records behind times what records took so far.
    std::uint64_t records_forwarded = 0;  ///< By this object.
    std::uint64_t bytes_forwarded = 0;
    bool is_stopped = false;  ///< The record at `next` is too large for the topic.
};

enum class ForwarderState : std::uint8_t {
    connecting,  ///< Kafka was not reached yet, or is looked for again; positions may be behind what is there.
    forwarding,
    halted,  ///< For good: another forwarder has taken over, or Kafka has what this log does not.
    stopped,
};

/// Members may be called from any thread.
class Forwarder {
public:
    /// `log` and `clock` must outlive it.
    Forwarder(log::EventLog& log, const Clock& clock, ForwarderOptions options, Notice notice);
    Forwarder(const Forwarder&) = delete;
    Forwarder& operator=(const Forwarder&) = delete;
    ~Forwarder();  ///< Stops.

    /// Checks what can be checked, at most for `start_timeout`, then starts the thread. Refuses with the reason: wrong credentials or
    /// certificate, topics that are not there (all are named), fewer partitions than the local topic has, records that may be too large.
    /// Without an answer from Kafka it starts, and these become notices. All local topics must be open.
    [[nodiscard]] Result<void> start();
    /// Goes on for at most `catch_up`, then ends within about a second: what is not committed will be sent by the next one. Idempotent.
    void stop(std::chrono::milliseconds catch_up = std::chrono::milliseconds(0));

    [[nodiscard]] ForwarderState state() const;
    /// Why it halted.
    [[nodiscard]] std::optional<Error> why_halted() const;
    /// By source, as given, and partition.
    [[nodiscard]] std::vector<PartitionPosition> positions() const;

private:
    class Core;
    std::unique_ptr<Core> core_;
};

}  // namespace tenter::forward
