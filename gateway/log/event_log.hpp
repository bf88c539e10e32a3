#pragma once
// gateway/log/event_log.hpp: the port between the gateway and whatever keeps its events.
//
//   append --> [queue, bounded] --> durable --> AppendDone (2xx)          read / follow <-- high watermark
//
// Implementations: log_segment (journal + segment files here), log_kafka (a Kafka cluster). tests/contract/event_log_contract.hpp is the
// suite that each must pass for what it declares in `Capabilities`.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log/types.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// One record header: Kafka's, so names may repeat and order is kept.
struct RecordHeaderView {
    std::string_view key;
    std::optional<BytesView> value;
};

/// A record to append. Views need to live only until `append` returns.
struct NewRecord {
    TopicId topic;
    std::optional<PartitionId> partition;  ///< Unset: by murmur2 of the key as Java's producer does; without key spread over all.
    std::optional<BytesView> key;
    std::optional<BytesView> value;
    std::span<const RecordHeaderView> headers;
    UnixMillis timestamp;
};

/// Where a record went.
struct RecordPlace {
    TopicPartition at;
    Offset offset;
};

/// Places in the order of the records given; the span lives until the callback that receives it returns.
using AppendResult = Result<std::span<const RecordPlace>>;

/// Called exactly once per `append`: on the log's commit thread when the outcome is known, or on the caller's thread before `append`
/// returns when the log refuses at once. Must not block and must not throw. Success: every record is durable. Failure: none is
/// (`overloaded`, `too_large`, `invalid_input`), or the outcome is unknown (`unavailable`).
using AppendDone = std::move_only_function<void(AppendResult)>;

/// Whole record batches (Kafka magic v2) as they are stored.
struct StoredBatches {
    Bytes bytes;            ///< Batches back to back; the first holds `from` (and may begin before it); empty at the end of the log.
    Offset next_offset;     ///< Where to read on: after the last batch. With empty `bytes` `from`, or where a gap in the offsets ends.
    Offset high_watermark;  ///< First offset not yet readable, when this read was made.
};

struct PartitionBounds {
    Offset first;  ///< The oldest record that is kept.
    Offset next;   ///< The offset that the next record gets: high watermark = log end.
};

/// A record's place in its partition, and its time.
struct TimedOffset {
    Offset offset;
    UnixMillis timestamp;
    friend auto operator<=>(const TimedOffset&, const TimedOffset&) = default;
};

struct TopicInfo {
    std::string name;
    TopicId id;
    std::int32_t partition_count = 0;
};

/// What an implementation can do; its contract suite tests what it declares.
struct Capabilities {
    bool atomic_over_partitions = false;  ///< All records of one `append` become durable together or not at all.
    bool survives_kill = false;           ///< Reopening after a crash shows every acknowledged record.
    bool owns_topics = true;          ///< `ensure_topic` adds partitions; else the topic's other owner does, and more are never refused.
    UnixMillis earliest_timestamp{};  ///< A record from before is stored with this time.
    bool removes_records = false;     ///< `remove_before` removes; else it is `unsupported`.
    bool finds_newest = false;        ///< `newest` finds; else it is `unsupported`.
};

enum class LogState : std::uint8_t {
    accepting,
    disk_full,    ///< Under the reserve: events are refused as `overloaded`, reads go on; ends by itself when there is room.
    unreachable,  ///< The cluster does not answer: what waits too long is `unavailable`, over the queue `overloaded`; ends by itself.
    failed,       ///< A write could not be made durable: nothing is accepted any more, the process must end (exit 74).
    stopped,
};

/// Keeps a follower's callback alive; none runs after the destructor returned. Must not be destroyed from within its own callback.
class Subscription {
public:
    Subscription() = default;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;
    virtual ~Subscription() = default;
};

/// An ordered durable log of records in topics and partitions. All members may be called from any thread.
class EventLog {
public:
    EventLog() = default;
    EventLog(const EventLog&) = delete;
    EventLog& operator=(const EventLog&) = delete;
    virtual ~EventLog() = default;

    [[nodiscard]] virtual Capabilities capabilities() const noexcept = 0;

    /// Opens a topic, made if missing (where the implementation may). `partition_count` 1 to 10,000; more partitions than before are added,
    /// fewer are `invalid_input`; where the log does not own its topics it is the other way round: it takes what is there, and too few are
    /// `invalid_input`. Names: `[A-Za-z0-9._-]{1,249}`, not "." or "..".
    [[nodiscard]] virtual Result<TopicId> ensure_topic(std::string_view name, std::int32_t partition_count) = 0;
    /// All topics, sorted by name.
    [[nodiscard]] virtual std::vector<TopicInfo> topics() const = 0;
    [[nodiscard]] virtual Result<TopicInfo> find_topic(std::string_view name) const = 0;

    /// Appends all of `records` as one commit (where the implementation declares it: all or none). Copies what it needs before it returns.
    /// Records of one partition keep their order, also between appends of one thread. An empty span succeeds at once.
    virtual void append(std::span<const NewRecord> records, AppendDone done) = 0;

    /// Whole batches from the one that holds `from`, about `max_bytes` of them, at least one if there is one. `from` below the first or
    /// above the next offset is `not_found` and names both bounds; a damaged batch is `corrupt` and names file and position.
    [[nodiscard]] virtual Result<StoredBatches> read(TopicPartition at, Offset from, std::size_t max_bytes) const = 0;
    [[nodiscard]] virtual Result<PartitionBounds> bounds(TopicPartition at) const = 0;
    /// The first record with a timestamp at or after `time`; nothing if there is none.
    [[nodiscard]] virtual Result<std::optional<TimedOffset>> offset_for_time(TopicPartition at, UnixMillis time) const = 0;
    /// The first of the records with the greatest timestamp (Kafka's ListOffsets -3); nothing if there are no records.
    [[nodiscard]] virtual Result<std::optional<TimedOffset>> newest(TopicPartition at) const = 0;
    /// Removes all records below `first`, which becomes the partition's first offset at once, for every reader. A restart after a crash may
    /// show them again until the log has made the new first offset durable; the disk is free some time after that. `first` may be within a
    /// batch, which then stays as a whole. At or below the first offset: nothing happens. Above the next: `not_found` and names both
    /// bounds.
    [[nodiscard]] virtual Result<void> remove_before(TopicPartition at, Offset first) = 0;
    /// Calls `moved` with the partition's new high watermark after each append to it, on the commit thread: it must not block.
    [[nodiscard]] virtual Result<std::unique_ptr<Subscription>> follow(TopicPartition at, std::function<void(Offset)> moved) = 0;

    [[nodiscard]] virtual LogState state() const noexcept = 0;
    /// Refuses new appends, completes those that are queued, makes everything durable, and closes. Idempotent. Waits for the commit thread.
    virtual Result<void> stop() = 0;
};

}  // namespace tenter::log
