#pragma once
// gateway/broker/broker.hpp: a Kafka broker's reading side over the log, as if it were a cluster of one. Requests in, answers out: no
// sockets, no TLS, no threads and no timers of its own.
//
//   frames  --> Client::handle --> authentication --> who sees what --+--> log      Fetch, ListOffsets, Metadata
//   answers <-- Respond       <--------------------------------------+--> groups   JoinGroup ..., OffsetCommit, OffsetFetch
//                                                                     `--> consumers  who may read, looked at again when it changes
//   tick at next_deadline:    fetches that waited long enough, sessions of members, delayed refusals, the consumers' file
//   Executor::post:           the log has grown, and somebody waits for that

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/broker/client.hpp"
#include "gateway/broker/executor.hpp"
#include "gateway/groups/coordinator.hpp"
#include "gateway/groups/records.hpp"
#include "gateway/log/event_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"

namespace tenter::consumers {
class RegistryFile;
}

namespace tenter::broker {

class Core;

/// What clients can make the broker keep or do.
struct Limits {
    std::size_t connections_per_consumer = 100;          ///< Beyond it a connection is closed instead of authenticated.
    std::size_t unauthenticated_frame_bytes = 16 << 10;  ///< Of a request before authentication.
    std::size_t frame_bytes = 8 << 20;                   ///< Of a request after it.
    /// Records in answers that are not written yet, of all connections together, what several have in common once; exceeded by one batch. A
    /// consumer gets half of what it has less than is free, so that nobody can take what the others need.
    std::size_t fetch_bytes = 64 << 20;
    std::size_t fetch_answer_bytes = 2 << 20;  ///< Records in one answer, whatever the client allows; the first batch always.
    /// Answers over 64 KiB that are not written yet, besides records; shared out as those are. Beyond it the connection is closed.
    std::size_t large_answer_bytes = 64 << 20;
    std::size_t fetch_partitions = 10'000;         ///< In one request; beyond it the connection is closed.
    std::size_t shared_read_bytes = 4 << 20;       ///< What was read last is kept for others that read the same.
    std::chrono::milliseconds max_wait{60'000};    ///< Longest that a fetch waits for records, whatever it asks for.
    std::chrono::milliseconds login_wait{10'000};  ///< Longest that a login waits until its consumer's start offsets are stored.
};

struct Options {
    std::string topic_prefix;  ///< In front of a source's name on the wire, "incoming.shop."; not of internal topics.
    /// What clients are told to connect to. Unset: the name that they asked for, else the address that they reached. Port 0: as reached.
    std::optional<Endpoint> advertise;
    std::string cluster_id;                                  ///< Of the log: 22 characters of base64url, as Kafka's.
    std::chrono::milliseconds consumer_watch_interval{200};  ///< How often the consumers' file is looked at.
    groups::Options groups;
    Limits limits;
};

/// For the operator: what was refused, and why. Without secrets, not rate limited. Bound as `Respond`.
using Notice = std::function<void(std::string_view)>;

/// Belongs to one thread, but for its construction, `replay` and its destruction, which may be on another while nothing else calls it.
/// After every call `next_deadline` may have changed.
class Broker {
public:
    /// The references must outlive the broker; the store may complete later, see `OffsetStore`.
    Broker(Options options, log::EventLog& event_log, groups::OffsetStore& offsets, consumers::RegistryFile& consumers, const Clock& clock,
           Random& random, Executor& executor, Notice notice);
    Broker(const Broker&) = delete;
    Broker& operator=(const Broker&) = delete;
    /// All clients must be gone.
    ~Broker();

    /// Every record of `__offsets` in its order, before `start`. `corrupt`, `unsupported`: as `groups::decode`.
    [[nodiscard]] Result<void> replay(const groups::StoredRecord& record);
    /// Reads who the consumers are, forgets groups of those that are no more (but not where there is no file at all), stores the start
    /// offsets of new ones. Fails if the file of consumers cannot be read.
    [[nodiscard]] Result<void> start();

    /// A connection; after `start`. `close` may be called until the client is destroyed.
    [[nodiscard]] std::unique_ptr<Client> connect(Arrival arrival, CloseConnection close);

    /// When `tick` has something to do.
    [[nodiscard]] Instant next_deadline() const;
    /// Does what is due.
    void tick();

    /// The whole state of the groups as records: see `groups::Coordinator::snapshot`.
    [[nodiscard]] std::vector<groups::StoredRecord> snapshot() const;

private:
    std::unique_ptr<Core> core_;
};

}  // namespace tenter::broker
