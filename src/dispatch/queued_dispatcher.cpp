#include "tenter/dispatch/queued_dispatcher.hpp"

#include <utility>
#include <variant>

#include "tenter/base/exception.hpp"

namespace tenter::dispatch {
namespace {

void check(bool is_right, std::string_view message) {
    if (!is_right) throw Exception(Error{Errc::invalid_input, std::string(message), 0});
}

}  // namespace

std::string default_event_key(const elytra::CloudEvent& event) {
    if (const auto id = event.get_object_id()) return event.get_object_type().value_or("") + ":" + *id;
    const auto* const extension = event.extension("partitionkey");
    if (const auto* const key = extension != nullptr ? std::get_if<std::string>(extension) : nullptr) return *key;
    return event.subject ? *event.subject : event.source + "\n" + event.id;
}

QueuedDispatcher::QueuedDispatcher(Work work, QueuedDispatcherOptions options) : work_(std::move(work)), options_(std::move(options)) {
    check(static_cast<bool>(work_), "work: no function");
    check(static_cast<bool>(options_.key), "key: no function");
    check(options_.workers > 0, "workers: at least 1 expected");
    check(options_.max_queued > 0, "max_queued: at least 1 expected");
    workers_.reserve(options_.workers);
    for (std::size_t i = 0; i < options_.workers; ++i) workers_.emplace_back([this] { work_until_stopped(); });
}

QueuedDispatcher::~QueuedDispatcher() { stop(std::chrono::milliseconds::max()); }

Result<void> QueuedDispatcher::try_enqueue(elytra::CloudEvent event) {
    std::string key = options_.key(event);
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(Errc::unavailable, "the queue is stopped");
        if (queued_ == options_.max_queued) return fail(Errc::overloaded, "the queue is full");
        const auto [lane, is_new] = lanes_.try_emplace(key);
        lane->second.push_back(std::move(event));
        ++queued_;
        if (!is_new) return {};  // a worker has that key, or it is in ready_
        ready_.push_back(std::move(key));
    }
    ready_or_stopping_.notify_one();
    return {};
}

void QueuedDispatcher::work_until_stopped() {
    for (std::unique_lock lock(mutex_);;) {
        ready_or_stopping_.wait(lock, [this] { return !ready_.empty() || (stopping_ && lanes_.empty()); });
        if (ready_.empty()) return;
        const std::string key = std::move(ready_.front());
        ready_.pop_front();
        auto& lane = lanes_.find(key)->second;
        const elytra::CloudEvent event = std::move(lane.front());
        lane.pop_front();
        --queued_;
        lock.unlock();
        try {
            work_(event);
        } catch (...) {  // reporting is the function's own business
        }
        lock.lock();
        finish_lane(key);
    }
}

/// After one event of a key: the next of it may run, or the key is done.
void QueuedDispatcher::finish_lane(const std::string& key) {
    const auto lane = lanes_.find(key);
    if (!lane->second.empty()) {
        ready_.push_back(key);
        ready_or_stopping_.notify_one();
        return;
    }
    lanes_.erase(lane);
    if (!lanes_.empty()) return;
    drained_.notify_all();
    if (stopping_) ready_or_stopping_.notify_all();
}

std::size_t QueuedDispatcher::stop(std::chrono::milliseconds deadline) {
    std::size_t dropped = 0;
    std::vector<std::thread> workers;
    {
        std::unique_lock lock(mutex_);
        stopping_ = true;
        ready_or_stopping_.notify_all();
        const auto is_drained = [this] { return lanes_.empty(); };
        if (deadline == std::chrono::milliseconds::max()) {
            drained_.wait(lock, is_drained);
        } else if (!drained_.wait_for(lock, deadline, is_drained)) {
            dropped = std::exchange(queued_, 0);
            for (auto& key : ready_) lanes_.erase(key);
            ready_.clear();
            for (auto& [key, lane] : lanes_) lane.clear();  // those left are being worked on
            drained_.wait(lock, is_drained);
        }
        ready_or_stopping_.notify_all();
        workers.swap(workers_);
    }
    for (auto& worker : workers) worker.join();
    return dropped;
}

std::size_t QueuedDispatcher::queued() const {
    const std::lock_guard lock(mutex_);
    return queued_;
}

}  // namespace tenter::dispatch
