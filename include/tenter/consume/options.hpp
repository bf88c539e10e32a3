#pragma once
// tenter/consume/options.hpp: how a consumer consumes. The defaults are those for a service that must not miss an event.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/consume/errors.hpp"
#include "tenter/consume/webhook_event.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::consume {

/// Who shares the work. Members of a group share the partitions, and what they have processed is committed for the group.
class ConsumerGroup {
public:
    /// That of the profile, `consumer_name`: the only one that Mister Webhooks lets this user have.
    [[nodiscard]] static ConsumerGroup of_profile() { return {}; }
    [[nodiscard]] static ConsumerGroup named(std::string name) { return ConsumerGroup(Kind::named, std::move(name)); }
    /// No group: this consumer reads all partitions, and commits nothing. To look at events.
    [[nodiscard]] static ConsumerGroup none() { return ConsumerGroup(Kind::none, {}); }

    [[nodiscard]] bool is_none() const noexcept { return kind_ == Kind::none; }
    [[nodiscard]] const std::string& name_or(const std::string& of_profile) const noexcept {
        return kind_ == Kind::named ? name_ : of_profile;
    }

private:
    enum class Kind : std::uint8_t { of_profile, named, none };
    ConsumerGroup() = default;
    ConsumerGroup(Kind kind, std::string name) : kind_(kind), name_(std::move(name)) {}

    Kind kind_ = Kind::of_profile;
    std::string name_;
};

/// Where to begin. All but `last_processed` first move what the group has committed, in all partitions; Kafka allows that only while no
/// member of the group runs: else `run` throws (`unavailable`), and nothing was moved. They count for the first `run` of a consumer.
struct StartPoint {
    enum class Kind : std::uint8_t { last_processed, earliest, latest, time, offset, offsets };
    struct Place {
        std::string topic;
        std::int32_t partition = 0;
        std::int64_t offset = 0;
    };

    Kind kind = Kind::last_processed;
    UnixMillis time{};
    std::int64_t offset = 0;
    std::vector<Place> places{};

    /// Behind what the group has committed; where it has committed nothing, at the oldest event that there is. Never at the end, where the
    /// client for Python begins. Without a group: as `earliest`.
    [[nodiscard]] static StartPoint last_processed() { return {}; }
    [[nodiscard]] static StartPoint earliest() { return {.kind = Kind::earliest}; }
    /// Only what comes from now on.
    [[nodiscard]] static StartPoint latest() { return {.kind = Kind::latest}; }
    /// At the first event that was received then or later; at the end where there is none.
    [[nodiscard]] static StartPoint at(UnixMillis time) { return {.kind = Kind::time, .time = time}; }
    /// At that offset in every partition; where a partition does not have it, at the end that is nearer.
    [[nodiscard]] static StartPoint at_offset(std::int64_t offset) { return {.kind = Kind::offset, .offset = offset}; }
    /// Partitions that are not named begin as `last_processed`.
    [[nodiscard]] static StartPoint at_offsets(std::vector<Place> places) { return {.kind = Kind::offsets, .places = std::move(places)}; }
};

/// When what was processed is committed. An event counts as processed once the callback returned; its offset + 1 is committed then or
/// later, never before. What can come again after a crash (kill -9, power) of this process:
///
/// | policy        | one worker                | N workers                                                          |
/// |---------------|---------------------------|--------------------------------------------------------------------|
/// | every_event   | the last event            | N events, and those beyond a slower one                            |
/// | batched       | 2 * max_events            | 2 * max_events, and those beyond a slower one                      |
///
/// "Beyond a slower one": with several workers events are processed behind one of another key that is not yet. Only what has no unprocessed
/// event before it in its partition can be committed; the others are at most max_buffered_events.
///
/// An orderly end (`shutdown`, a signal, an exception of the callback, a rebalance) commits everything that was processed, so nothing comes
/// again. Several workers first drain each partition: what is before the last event that any of them has begun is finished, and nothing
/// behind it is begun. What then still can come again, with several workers only:
/// - of the partition whose callback threw, the events of other keys behind the failing one that were processed already: it is committed up
///   to the failing event, and what is before that is finished first;
/// - in the same way what is behind an event that waits for its retry, or fails while the others finish: it is not tried again;
/// - what is behind an event that `drain_timeout` (for a rebalance `revoke_timeout`) was too short for;
/// - what `run` was amid when the source failed (`Exception`): nothing is begun then.
/// If the broker cannot be reached for the last commit, a notice says so.
struct CommitPolicy {
    bool every_event = false;  ///< Waits for the broker's acknowledgement after each event: some hundred events a second.
    /// In the background after this time, or once `max_events` are processed and not committed. At twice as many the callbacks wait.
    std::chrono::milliseconds interval{1000};
    std::uint32_t max_events = 10'000;

    [[nodiscard]] static CommitPolicy each() { return {.every_event = true}; }
};

/// What becomes of a record that cannot be read.
enum class Undecodable : std::uint8_t {
    stop,         ///< `run` throws the error; the record stays uncommitted.
    skip,         ///< It counts as processed.
    dead_letter,  ///< It goes to `dead_letter_topic`, and counts as processed once Kafka has acknowledged that.
};

/// A record that cannot be read. Views, good until the handler returns.
struct UndecodableRecord {
    const DecodeError& error;  ///< FormatError, EnvelopeDecodeError or PayloadDecodeError; names the place.
    std::optional<BytesView> key;
    std::optional<BytesView> value;
    UnixMillis timestamp;
    RecordHeaders headers;
};

/// A record whose envelope is of the system (0x00-0x7F): nothing for users. Views, good until the handler returns.
struct SystemRecord {
    RecordPlace place;
    std::optional<BytesView> key;
    std::optional<BytesView> value;
    UnixMillis timestamp;
    RecordHeaders headers;
};

/// What happens to a consumer while it runs.
struct Notice {
    enum class Kind : std::uint8_t {
        connected,      ///< The cluster was reached, also after `disconnected`.
        disconnected,   ///< No broker is connected; `message` has the reason. Consumption goes on by itself when one is.
        assigned,       ///< `partitions` are this consumer's from now on.
        revoked,        ///< `partitions` are no longer. What was processed of them is committed, unless `message` says otherwise.
        caught_up,      ///< Everything that there is has been processed. Again after each time that it was not so.
        lag,            ///< `lag` events are waiting, every `lag_interval`.
        retrying,       ///< The callback failed at `place`; it gets the event again after `delay`. `message` has the reason.
        dead_lettered,  ///< The record at `place` is in the dead-letter topic. `message` has the reason.
        skipped,        ///< The record at `place` was skipped by `on_undecodable`.
        error,          ///< Something failed that does not end `run`: a commit, a connection. `message` says what.
    };
    struct Partition {
        std::string topic;
        std::int32_t partition = 0;
        bool operator==(const Partition&) const = default;
    };

    Kind kind = Kind::error;
    std::string message{};
    std::vector<Partition> partitions{};
    std::optional<RecordPlace> place{};
    std::int64_t lag = 0;
    std::chrono::milliseconds delay{0};
};

[[nodiscard]] std::string_view to_string(Notice::Kind kind) noexcept;

/// How to consume.
struct ConsumerOptions {
    ConsumerGroup group = ConsumerGroup::of_profile();
    StartPoint start{};
    CommitPolicy commit{};

    /// Threads that call the callback. 1: the thread that called `run`, events of a partition in order. More: events of one key in order
    /// and never two at once, as are those of a partition that have no key; others at the same time.
    std::size_t workers = 1;

    /// Without: what the callback throws leaves `run`. With: the event is tried again after the backoff, while everything behind it that
    /// must keep its order waits (with one worker: its partition; with more: what the same worker has of it) and the rest goes on. After
    /// the last retry it is dead-lettered, or, without `dead_letter_topic`, what the callback threw leaves `run`. Once an end of `run` was
    /// asked for, nothing is tried again or dead-lettered: an event whose callback throws then is not processed.
    std::optional<retry::RetryConfig> retry{};
    /// Where events go that were given up: the record as it was, with the headers `tenter-dead-topic`, `tenter-dead-partition`,
    /// `tenter-dead-offset` and `tenter-dead-reason` added. The topic must exist. A crash between its acknowledgement and the commit, or an
    /// acknowledgement that was lost, puts a record there twice.
    std::optional<std::string> dead_letter_topic{};
    /// Called for each record that cannot be read, from the thread of its callback. Default: stop.
    std::function<Undecodable(const UndecodableRecord& record)> on_undecodable{};
    /// Called for each system record, which then counts as processed; from the thread of its callback. What it throws leaves `run`.
    std::function<void(const SystemRecord& record)> on_system{};
    /// Look before the callback whether the payload is well-formed. Otherwise a wrong payload is found when the callback asks for it; the
    /// PayloadDecodeError that then leaves the callback is treated alike.
    bool check_payload = false;

    /// Called one at a time, from threads of `run`; must be quick: while it runs, nothing is fetched. What it throws leaves `run`.
    std::function<void(const Notice& notice)> on_notice{};
    std::chrono::milliseconds lag_interval{0};  ///< 0: no notices of lag.

    /// SIGINT and SIGTERM end `run` as `shutdown` does, within 100 ms; the former handlers are back when `run` returns.
    bool stop_on_signals = false;

    /// How long the first connection may take before `run` throws. Wrong secret, certificate and topic are told apart and reported at once.
    std::chrono::milliseconds connect_timeout{30'000};
    /// How long a partition that is to be given to another member waits for its callbacks; events that are not done then count as not
    /// processed.
    std::chrono::milliseconds revoke_timeout{10'000};
    /// How long at the end of `run` workers may go on to begin events that are before one that another worker has begun. A callback that
    /// has begun is always waited for. With one worker nothing is begun.
    std::chrono::milliseconds drain_timeout{10'000};
    /// For each request to the broker at the end of `run`: the last commit, leaving the group.
    std::chrono::milliseconds close_timeout{5'000};

    /// Events that are fetched and not yet processed: over all partitions about this much, and at least one batch for each. librdkafka
    /// keeps up to 16 MiB a partition besides.
    std::size_t max_buffered_events = 10'000;
    std::size_t max_buffered_bytes = 64 * 1024 * 1024;

    /// Static membership: a name for this member that no other has. One that comes back within `session_timeout` gets its partitions back
    /// without a rebalance.
    std::optional<std::string> instance_id{};
    /// Rebalances take from a member only what it loses (`cooperative-sticky`). Not the default, since all members of a group must agree:
    /// librdkafka 2.0.2 cannot offer both kinds, and the Mister Webhooks clients know only `range` and `roundrobin`, which is what is
    /// offered otherwise. Nothing is skipped in either; but a commit that meets a change of the group makes 2.0.2 give up all partitions of
    /// a cooperative member at once, and what was processed since the last commit comes again.
    bool cooperative = false;
    std::chrono::milliseconds session_timeout{45'000};  ///< Without heartbeats for so long, a member is taken for dead.
    /// A callback may take longer than this: a thread of the library's own keeps the membership.
    std::chrono::milliseconds max_poll_interval{300'000};
    /// How long a new partition, or that a topic is gone, may stay unnoticed.
    std::chrono::milliseconds metadata_refresh{30'000};

    /// `invalid_input` names the member and what it must be.
    [[nodiscard]] Result<void> validate() const;
};

}  // namespace tenter::consume
