#pragma once
// src/consume/record_source.hpp: where the engine's records come from. Kafka in production, memory in users' tests: the engine does not
// know.
//
//   start --> poll, poll, ... --> stop          one thread, "the poll thread", calls everything but `wake`, `dead_letter` and what a
//               |  calls the SourceListener     RecordBatch has
//               `  assigned --> SourcePartition.take ... --> revoked
//
// There is no pause and no seek: a partition from which nothing is taken is paused, and who wants to read a record again keeps its batch.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/consume/options.hpp"

namespace tenter::consume {

/// A record of a batch: views that are good as long as the batch.
struct Record {
    std::int64_t offset = 0;
    UnixMillis timestamp;
    std::optional<BytesView> key;
    std::optional<BytesView> value;
};

/// Records of one partition in the order of their offsets. May be read from several threads, each record by one at a time.
class RecordBatch {
public:
    RecordBatch() = default;
    RecordBatch(const RecordBatch&) = delete;
    RecordBatch& operator=(const RecordBatch&) = delete;
    virtual ~RecordBatch() = default;

    [[nodiscard]] virtual std::size_t size() const noexcept = 0;
    [[nodiscard]] virtual Record record(std::size_t index) const = 0;
    /// The record's header of that number, from 0.
    [[nodiscard]] virtual std::optional<RecordHeaders::Entry> header(std::size_t index, std::size_t number) const = 0;
};

struct Taken {
    std::shared_ptr<RecordBatch> records;  ///< Null: there are none now.
    bool at_end = false;                   ///< The partition has been read to its end.
};

/// A partition that is ours.
class SourcePartition {
public:
    SourcePartition() = default;
    SourcePartition(const SourcePartition&) = delete;
    SourcePartition& operator=(const SourcePartition&) = delete;
    virtual ~SourcePartition() = default;

    /// What is there, at most `max`, without waiting.
    [[nodiscard]] virtual Taken take(std::size_t max) = 0;
    /// The offset after the last record that the partition has, as far as is known.
    [[nodiscard]] virtual std::optional<std::int64_t> end() const = 0;
};

struct AssignedPartition {
    Notice::Partition id;
    std::shared_ptr<SourcePartition> source;
};

struct OffsetToCommit {
    Notice::Partition id;
    std::int64_t offset = 0;  ///< Of the next record to be read.
};

/// What the source tells, within `poll` and `stop`.
class SourceListener {
public:
    virtual ~SourceListener() = default;
    virtual void on_assigned(std::vector<AssignedPartition> partitions) = 0;
    /// Their records are not to be touched after it returned. `lost`: another member may have them already, so nothing can be committed.
    virtual void on_revoked(const std::vector<Notice::Partition>& partitions, bool lost) = 0;
    /// The last `commit_later` has ended.
    virtual void on_committed(Result<void> result) = 0;
    virtual void on_notice(Notice notice) = 0;
    /// It cannot go on.
    virtual void on_failed(Error error) = 0;
    /// There will be no more records, and all have been processed (scripted sources).
    virtual void on_exhausted() = 0;
};

/// A record for the dead-letter topic: the record as it was, and why it is there.
struct DeadLetter {
    const RecordBatch& batch;
    std::size_t index;
    Notice::Partition from;
    std::string_view reason;
};

class RecordSource {
public:
    RecordSource() = default;
    RecordSource(const RecordSource&) = delete;
    RecordSource& operator=(const RecordSource&) = delete;
    virtual ~RecordSource() = default;

    /// Connects. `stop` may end it early. The listener lives until `stop`.
    [[nodiscard]] virtual Result<void> start(SourceListener& listener, const std::function<bool()>& stop) = 0;
    /// Waits until there is something to do, at most `timeout`, and tells the listener. `idle`: everything taken has been processed.
    virtual void poll(std::chrono::milliseconds timeout, bool idle) = 0;
    /// Ends the wait of `poll`, or of the next. From any thread.
    virtual void wake() noexcept = 0;
    /// Begins a commit; at most one is under way. The listener hears its end.
    virtual void commit_later(const std::vector<OffsetToCommit>& offsets) = 0;
    /// Commits and waits; first for what `commit_later` began, whose end the listener is told too.
    [[nodiscard]] virtual Result<void> commit_now(const std::vector<OffsetToCommit>& offsets, std::chrono::milliseconds timeout) = 0;
    /// Returns once it is safe there. `unavailable`: try again later. `stop` may end it early, as `unavailable`. From any thread.
    [[nodiscard]] virtual Result<void> dead_letter(const DeadLetter& letter, const std::function<bool()>& stop) = 0;
    /// Leaves the group. No batch and no SourcePartition may be alive any more.
    virtual void stop(std::chrono::milliseconds timeout) = 0;
};

}  // namespace tenter::consume
