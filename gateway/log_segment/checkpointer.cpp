#include "gateway/log_segment/checkpointer.hpp"

#include "gateway/log_segment/checkpoint.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::log {

Result<void> RemovalOrder::carry_out(Env& env) const {
    auto removed = remove_segments(env, partition_directory, removal);
    reader->close_removed();  // also where some were removed before a failure
    return removed;
}

Checkpointer::Checkpointer(Env& env, Layout layout, File& on_file_system, const RuleBreakers& breakers,
                           std::chrono::milliseconds retry_interval, Events events)
    : env_(env),
      layout_(std::move(layout)),
      on_file_system_(on_file_system),
      breakers_(breakers),
      retry_interval_(retry_interval),
      events_(std::move(events)),
      thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void Checkpointer::begin(Job job) {
    {
        const std::lock_guard lock(mutex_);
        TENTER_ASSERT(!job_);
        job_ = std::move(job);
    }
    changed_.notify_all();
}

Checkpointer::Wait Checkpointer::wait_idle(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const bool done = changed_.wait_for(lock, timeout, [this] { return !job_ || failed_; });
    if (failed_) return Wait::failed;
    return done ? Wait::idle : Wait::timeout;
}

void Checkpointer::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return job_.has_value() || ending_; });
        if (!job_) return;
        lock.unlock();
        const auto done = execute(*job_);
        if (done) remove(std::move(job_->removals));
        lock.lock();
        if (done) {
            job_.reset();
            changed_.notify_all();
            continue;
        }
        if (ending_ && done.error().code == Errc::overloaded) return;  // the journal still has everything
        failed_ = true;
        lock.unlock();
        changed_.notify_all();
        events_.failed(done.error());
        return;
    }
}

Result<void> Checkpointer::execute(const Job& job) {
    for (const auto& indexes : job.unsynced.indexes) write_indexes(env_, indexes);
    if (!breakers_.checkpoint_before_segments_synced) {
        if (auto synced = make_durable(env_, on_file_system_, job.unsynced); !synced) {
            synced.error().code = Errc::unavailable;  // never tried again, also not where it says ENOSPC
            return synced;
        }
    }
    if (breakers_.remove_before_checkpoint) {
        for (const auto& order : job.removals) static_cast<void>(order.carry_out(env_));
    }
    for (;;) {
        auto stored = store_checkpoint(env_, layout_, job.checkpoint);
        if (stored || stored.error().code != Errc::overloaded) return stored;
        events_.no_room();
        if (!pause()) return stored;
    }
}

void Checkpointer::remove(std::vector<RemovalOrder> removals) {
    removals.insert(removals.end(), removals_left_.begin(), removals_left_.end());
    removals_left_.clear();
    for (auto& order : removals) {
        const auto done = order.carry_out(env_);
        if (done) continue;
        if (removals_left_.empty()) events_.not_removed(done.error());
        removals_left_.push_back(std::move(order));
    }
}

bool Checkpointer::pause() {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, retry_interval_, [this] { return ending_; });
}

}  // namespace tenter::log
