#pragma once
// gateway/log_segment/commit_thread.hpp: the one thread that gives out offsets, and the order of steps that durability rests on.
//
//   take the queue -> build one frame -> pwrite + fdatasync in the journal -> AppendDone -> pwrite to segments -> high watermarks,
//   followers
//
// Everything that writes to the folder runs here or, handed over, on the checkpoint thread.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "gateway/log_segment/checkpointer.hpp"
#include "gateway/log_segment/commit_queue.hpp"
#include "gateway/log_segment/disk_gauge.hpp"
#include "gateway/log_segment/log_folder.hpp"

namespace tenter::log {

class CommitThread {
public:
    CommitThread(std::unique_ptr<LogFolder> folder, LogObserver observer);
    /// Stops.
    ~CommitThread();
    CommitThread(const CommitThread&) = delete;
    CommitThread& operator=(const CommitThread&) = delete;

    /// Waits until recovery is complete, or cannot be for lack of room. An error: the log cannot be used.
    [[nodiscard]] Result<void> wait_recovered();
    /// Ends the thread after the queue is empty; the reason if the log failed.
    [[nodiscard]] Result<void> stop();
    /// Makes everything durable in segments and checkpoints it, as if a half were full. Any thread.
    [[nodiscard]] Result<void> checkpoint();

    [[nodiscard]] LogState state() const noexcept;
    [[nodiscard]] bool may_append(bool internal) const noexcept;
    [[nodiscard]] bool is_recovered() const noexcept { return is_recovered_; }
    /// Why an append is refused where `may_append` says no, or the queue is closed.
    [[nodiscard]] Error refusal() const;
    [[nodiscard]] RecoveryReport recovery_report() const;
    [[nodiscard]] std::optional<Uuid> id() const;  ///< Nothing before recovery is finished.
    [[nodiscard]] LogFolder& folder() noexcept { return *folder_; }
    [[nodiscard]] CommitQueue& queue() noexcept { return queue_; }
    /// The largest request that a half of the journal holds.
    [[nodiscard]] std::size_t max_request_weight() const noexcept { return max_request_weight_; }

private:
    enum class Phase : std::uint8_t { recovering, waiting_for_room, running, failed, stopped };
    struct CommitItem {
        BytesView payload;
        std::int64_t timestamp = 0;
        std::size_t next = 0;  // of the same partition
    };
    struct TouchedPartition {
        Partition* partition = nullptr;
        std::size_t first_batch = 0;
        std::size_t batch_count = 0;
    };

    void run();
    [[nodiscard]] bool recover();
    void commit_taken();
    void refuse_for_lack_of_room(std::size_t from);
    [[nodiscard]] std::size_t count_for_one_commit(std::size_t from, std::size_t& weight) const;
    /// True: the requests' outcome was reported and the log is sound.
    [[nodiscard]] bool commit(std::size_t from, std::size_t count, std::size_t weight);
    [[nodiscard]] bool make_half_ready(std::size_t weight);
    void link_items(std::size_t from, std::size_t count);
    void build_entry(FrameBuilder& frame, TouchedPartition& touched);
    [[nodiscard]] Result<void> write_journal(FrameBuilder& frame, std::size_t from, std::size_t count);
    [[nodiscard]] bool write_segments();
    [[nodiscard]] bool write_segment(const TouchedPartition& touched);
    void publish();
    void complete(std::size_t from, std::size_t count);
    void refuse(AppendRequests& requests, std::size_t from, std::size_t count, const Error& why);
    void finish(AppendRequests& requests, std::size_t from, std::size_t count);
    /// Refuses what comes in meanwhile, waits a little. False: told to stop.
    [[nodiscard]] bool wait_for_room();
    [[nodiscard]] bool wait_checkpointer();
    void begin_checkpoint(bool clean);
    [[nodiscard]] std::uint64_t checkpoints_asked() const;
    void serve_checkpoint_request(std::uint64_t asked);
    void final_checkpoint();
    [[nodiscard]] Error why_refused() const;
    void fail_log(const Error& why);
    void set_phase(Phase phase);

    std::unique_ptr<LogFolder> folder_;
    const LogObserver observer_;
    const SegmentLogOptions& options_;
    std::size_t max_request_weight_ = 0;
    CommitQueue queue_;
    DiskGauge gauge_;
    std::unique_ptr<Checkpointer> checkpointer_;
    std::atomic<bool> checkpoint_lacks_room_{false};

    std::atomic<Phase> phase_{Phase::recovering};
    std::atomic<bool> is_recovered_{false};
    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable changed_;
    std::optional<Error> failure_;
    RecoveryReport report_;
    std::optional<Uuid> id_;
    std::uint64_t checkpoints_asked_ = 0;
    std::uint64_t checkpoints_made_ = 0;
    std::uint64_t checkpoints_refused_ = 0;  // for lack of room

    // The thread's own.
    AppendRequests taken_;
    AppendRequests finished_;
    Bytes frame_;
    std::vector<CommitItem> items_;
    std::vector<RecordPlace> places_;  // of items_
    std::vector<TouchedPartition> touched_;
    std::vector<PlacedBatch> batches_;
    bool segments_behind_ = false;  // a commit is durable in the journal only: no checkpoint may cover it

    std::mutex stopping_;  // joins once
    std::thread thread_;
};

}  // namespace tenter::log
