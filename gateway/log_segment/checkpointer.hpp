#pragma once
// gateway/log_segment/checkpointer.hpp: the second thread: makes segments durable and then says so in `checkpoint`, while appends go on in
// the journal's other half; then removes the segments that are below the log's start, which the checkpoint tells.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/log_segment/layout.hpp"
#include "gateway/log_segment/partition_reader.hpp"
#include "gateway/log_segment/rule_breakers.hpp"
#include "gateway/log_segment/segment_cutter.hpp"
#include "gateway/log_segment/segment_files.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log {

/// Segments of a partition that are to be removed once a checkpoint is durable.
struct RemovalOrder {
    std::string partition_directory;
    SegmentRemoval removal;
    PartitionReader* reader = nullptr;  ///< Lets go of what was removed.

    [[nodiscard]] Result<void> carry_out(Env& env) const;
};

/// One checkpoint at a time. Members are called by the commit thread.
class Checkpointer {
public:
    struct Job {
        UnsyncedSegments unsynced;
        Bytes checkpoint;                    ///< Encoded; covers what `unsynced` names.
        std::vector<RemovalOrder> removals;  ///< Allowed by it.
    };
    /// Both are called on the checkpoint thread.
    struct Events {
        std::function<void(const Error&)> failed;  ///< Once; nothing may be tried again.
        std::function<void()> no_room;             ///< ENOSPC; goes on trying.
        /// Segments could not be removed, which harms nothing but room on the disk; the next checkpoint tries again.
        std::function<void(const Error&)> not_removed;
    };

    Checkpointer(Env& env, Layout layout, File& on_file_system, const RuleBreakers& breakers, std::chrono::milliseconds retry_interval,
                 Events events);
    /// Gives up a job that waits for room; finishes any other.
    ~Checkpointer();
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;

    /// Only while idle.
    void begin(Job job);
    enum class Wait : std::uint8_t { idle, timeout, failed };
    /// Waits until the job is durable; what it covered of the journal may be written over.
    [[nodiscard]] Wait wait_idle(std::chrono::milliseconds timeout);

private:
    void run();
    [[nodiscard]] Result<void> execute(const Job& job);
    void remove(std::vector<RemovalOrder> removals);
    /// False: told to end.
    [[nodiscard]] bool pause();

    Env& env_;
    const Layout layout_;
    File& on_file_system_;
    const RuleBreakers breakers_;
    const std::chrono::milliseconds retry_interval_;
    const Events events_;
    std::vector<RemovalOrder> removals_left_;  // the thread's own
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Job> job_;  // until it is done
    bool failed_ = false;
    bool ending_ = false;
    std::thread thread_;
};

}  // namespace tenter::log
