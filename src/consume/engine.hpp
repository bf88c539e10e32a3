#pragma once
// src/consume/engine.hpp: what a consumer does, whatever its records come from.
//
//   poll thread: source.poll -> take batches -> deal them out to lanes -> commit what is processed
//   worker i:    lane i: next batch of a partition that need not wait -> each record: classify, decode, callback
//
// Threads meet under one mutex, for each batch and not for each record. How far a batch is processed is an atomic that its worker moves:
//
//   outstanding batches of a partition     [12 13 14 15]   [16 19]   [17 18]        (two lanes share the records of a fetch by their keys)
//   first_undone                             14              19       done
//   may be committed                         14: the smallest of them; without any, the offset after the last record taken
//
// A partition that is given up is drained: what the workers have begun behind a slower one should not come again, so the slower one goes on
// up to the last event that was begun, and nothing behind that is begun.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "src/consume/record_source.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/consume/consumer.hpp"
#include "tenter/consume/options.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::consume {

/// Time for retries and commits. The scripted one does not wait.
class EngineTime {
public:
    virtual ~EngineTime() = default;
    [[nodiscard]] virtual Instant now() { return std::chrono::steady_clock::now(); }
    /// Until then, or until notified.
    virtual void wait_until(std::condition_variable& condition, std::unique_lock<std::mutex>& lock, Instant until) {
        condition.wait_until(lock, until);
    }
    /// Somebody waits for that time elsewhere.
    virtual void skip_to(Instant /*until*/) {}
};

inline constexpr std::int64_t all_done = std::numeric_limits<std::int64_t>::max();

struct OwnedPartition;

/// The records of one fetch that one worker handles.
struct LaneBatch {
    std::shared_ptr<OwnedPartition> partition;
    std::shared_ptr<RecordBatch> records;
    std::vector<std::uint32_t> indices;  ///< Of `records`; empty: all of them.
    std::size_t count = 0;
    std::size_t bytes = 0;
    std::int64_t last = 0;                       ///< The offset of the last record.
    std::atomic<std::int64_t> first_undone = 0;  ///< all_done: none.
    bool is_begun = false;                       ///< Under the engine's mutex: a worker had it.

    // Of the worker alone:
    std::size_t next = 0;
    std::uint32_t failures = 0;             ///< Of the callback for the next record.
    std::optional<std::string> given_up{};  ///< Why the next record is to be dead-lettered.

    [[nodiscard]] std::size_t index(std::size_t position) const noexcept { return indices.empty() ? position : indices[position]; }
};

/// A partition that is assigned to us. Everything but the atomics under the engine's mutex.
struct OwnedPartition {
    Notice::Partition id;
    std::shared_ptr<SourcePartition> source;
    std::vector<std::shared_ptr<LaneBatch>> outstanding;
    std::int64_t taken_end = -1;  ///< After the last record taken; -1: none was.
    std::int64_t committed = -1;  ///< At first where we began: that is no progress to commit.
    std::int64_t being_committed = -1;
    std::int64_t settled_end = 0;  ///< After the last record of the batches that are done.
    std::size_t buffered = 0;
    std::size_t buffered_bytes = 0;
    std::size_t average_bytes = 0;  ///< Of a record of the last batch.
    std::size_t in_flight = 0;      ///< Workers that are in a batch of it.
    bool at_end = false;
    bool revoked = false;
    /// Only events before it may be begun; it never grows. all_done: it is not drained.
    std::atomic<std::int64_t> begin_below = all_done;

    /// What may be committed; -1: nothing yet.
    [[nodiscard]] std::int64_t processed() const noexcept;
    [[nodiscard]] bool is_draining() const noexcept { return begin_below.load() != all_done; }
    [[nodiscard]] bool is_drained() const noexcept;
    void lower(std::int64_t limit) noexcept { begin_below.store(std::min(begin_below.load(), limit)); }
    /// Lets only what is needed be begun from now on.
    void drain() noexcept;
};

/// What one worker has to do.
struct Lane {
    struct Slot {
        std::shared_ptr<OwnedPartition> partition;
        std::deque<std::shared_ptr<LaneBatch>> batches;
        std::optional<Instant> not_before;
    };
    std::vector<Slot> slots;
    std::size_t cursor = 0;
    std::condition_variable ready;

    Slot& slot_of(const std::shared_ptr<OwnedPartition>& partition);
};

class Engine final : private SourceListener {
public:
    /// All live as long as the engine. `stop` ends it, from any thread.
    Engine(RecordSource& source, const ConsumerOptions& options, const Callback& callback, EngineTime& time, std::function<bool()> stop);
    Engine(const Engine&) = delete;
    Engine& operator=(const Engine&) = delete;
    ~Engine() override;

    /// Once. Throws as Consumer::run.
    void run();

private:
    enum class Outcome : std::uint8_t {
        done,
        interrupted,  ///< The next event was not begun.
        blocked,      ///< It was, and is to be tried again.
        failed,       ///< It was, and is not processed by us.
    };
    struct Handled {
        Outcome outcome = Outcome::done;
        std::chrono::milliseconds delay{0};
    };
    using Lock = std::unique_lock<std::mutex>;

    // The poll thread: engine_poll.cpp
    void poll_until_stopped();
    void poll_once();
    void take_records();
    bool take_from(const std::shared_ptr<OwnedPartition>& partition);
    void deal_out(const std::shared_ptr<OwnedPartition>& partition, const std::shared_ptr<RecordBatch>& records);
    void push(Lane& lane, std::shared_ptr<LaneBatch> batch);
    [[nodiscard]] std::size_t room_of(const OwnedPartition& partition, std::size_t partitions) const;
    void commit_if_due();
    [[nodiscard]] std::vector<OffsetToCommit> offsets_to_commit(std::span<const std::shared_ptr<OwnedPartition>> partitions);
    void note_committed(bool succeeded);
    [[nodiscard]] std::string commit_and_wait(std::span<const std::shared_ptr<OwnedPartition>> partitions,
                                              std::chrono::milliseconds timeout);
    void tell_progress();
    void finish_callbacks();
    void close();

    void on_assigned(std::vector<AssignedPartition> partitions) override;
    void on_revoked(const std::vector<Notice::Partition>& partitions, bool lost) override;
    void on_committed(Result<void> result) override;
    void on_notice(Notice notice) override;
    void on_failed(Error error) override;
    void on_exhausted() override;

    // Workers: engine_work.cpp
    void work(Lane& lane);
    void work_until_stopped(Lane& lane, Lock& lock);
    [[nodiscard]] std::optional<std::size_t> next_slot(Lane& lane, std::optional<Instant>& earliest);
    void settle(Lane& lane, const std::shared_ptr<LaneBatch>& batch, const Handled& handled);
    [[nodiscard]] Handled handle(LaneBatch& batch);
    [[nodiscard]] Handled handle_next(LaneBatch& batch);
    [[nodiscard]] Handled call_back(LaneBatch& batch, const WebhookEvent& event);
    [[nodiscard]] Handled decide(LaneBatch& batch, const Record& record, const DecodeError& error);
    [[nodiscard]] Handled after_failure(LaneBatch& batch, const Record& record, const std::exception_ptr& thrown);
    [[nodiscard]] Handled send_dead_letter(LaneBatch& batch);
    void passed(LaneBatch& batch);
    void wait_for_commit(LaneBatch& batch);
    [[nodiscard]] bool must_wait_for_commit() const noexcept;

    void tell(const Notice& notice);
    void fail(std::exception_ptr thrown) noexcept;
    void begin_stop() noexcept;
    void begin_stop_locked() noexcept;
    void drain_locked(OwnedPartition& partition) noexcept;
    void notify_all_locked() noexcept;
    [[nodiscard]] bool stopping() const noexcept { return stopping_.load(std::memory_order_acquire); }

    RecordSource& source_;
    const ConsumerOptions& options_;
    const Callback& callback_;
    EngineTime& time_;
    const std::function<bool()> stop_;
    const std::optional<retry::ExponentialBackoffRetry> retry_;
    const bool commits_;

    std::mutex mutex_;
    std::vector<std::shared_ptr<OwnedPartition>> partitions_;
    std::vector<std::unique_ptr<Lane>> lanes_;
    std::condition_variable settled_;  ///< A worker left a batch, or a commit has ended.
    std::size_t busy_workers_ = 0;     ///< Workers that have not returned.
    std::exception_ptr thrown_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> is_revoking_ = false;  ///< The poll thread waits for a partition to be drained.

    std::atomic<std::uint64_t> handled_ = 0;   ///< Records processed since the start.
    std::atomic<std::uint64_t> safe_ = 0;      ///< Of these, committed.
    std::atomic<bool> commit_wanted_ = false;  ///< Before its time.

    // Of the poll thread alone:
    std::uint64_t handled_at_commit_ = 0;
    bool committing_ = false;
    /// Some partitions were taken and the others are still ours: the group is about to have a new generation. librdkafka 2.0.2 takes the
    /// refusal of a commit of the former one for the loss of everything, so none is begun until partitions are assigned.
    bool holds_commits_ = false;
    bool more_to_take_ = false;
    bool told_caught_up_ = false;
    Instant next_commit_{};
    Instant no_commit_before_{};
    Instant next_lag_{};

    std::mutex notice_mutex_;
    SystemRandom random_;
};

}  // namespace tenter::consume
