#include "src/consume/engine.hpp"

#include <algorithm>
#include <utility>

#include "tenter/base/assert.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::consume {

std::int64_t OwnedPartition::processed() const noexcept {
    std::int64_t lowest = all_done;
    for (const auto& batch : outstanding) lowest = std::min(lowest, batch->first_undone.load(std::memory_order_acquire));
    return lowest == all_done ? taken_end : lowest;
}

bool OwnedPartition::is_drained() const noexcept {
    const auto limit = begin_below.load();
    return in_flight == 0 && std::ranges::all_of(outstanding, [&](const auto& batch) { return batch->first_undone.load() >= limit; });
}

/// A worker first stores which event is its next, then looks whether it may begin it; here it is the other way round. So what a worker
/// begins without seeing the limit is seen here; and one that sees the 0 comes for the mutex, which is held, and then sees the rest.
void OwnedPartition::drain() noexcept {
    const auto former = begin_below.exchange(0);
    auto limit = settled_end;
    for (const auto& batch : outstanding)
        if (batch->is_begun) limit = std::max(limit, std::min(batch->first_undone.load(), batch->last) + 1);
    begin_below.store(std::min(former, limit));
}

Lane::Slot& Lane::slot_of(const std::shared_ptr<OwnedPartition>& partition) {
    const auto found = std::ranges::find(slots, partition, &Slot::partition);
    if (found != slots.end()) return *found;
    return slots.emplace_back(Slot{.partition = partition, .batches = {}, .not_before = {}});
}

namespace {

std::optional<retry::ExponentialBackoffRetry> backoff_of(const ConsumerOptions& options) {
    if (!options.retry) return std::nullopt;
    return retry::ExponentialBackoffRetry(*options.retry);
}

}  // namespace

Engine::Engine(RecordSource& source, const ConsumerOptions& options, const Callback& callback, EngineTime& time, std::function<bool()> stop)
    : source_(source),
      options_(options),
      callback_(callback),
      time_(time),
      stop_(std::move(stop)),
      retry_(backoff_of(options)),
      commits_(!options.group.is_none()) {
    for (std::size_t i = 0; i < options.workers; ++i) lanes_.push_back(std::make_unique<Lane>());
}

Engine::~Engine() = default;

void Engine::run() {
    if (stop_()) return;
    if (auto started = source_.start(*this, stop_); !started) {
        source_.stop(options_.close_timeout);
        if (stop_()) return;
        throw Exception(std::move(started.error()));
    }
    busy_workers_ = lanes_.size();
    std::vector<std::thread> threads;
    threads.emplace_back([this] { poll_until_stopped(); });
    if (lanes_.size() > 1) {
        for (const auto& lane : lanes_) threads.emplace_back([this, &lane] { work(*lane); });
    } else {
        work(*lanes_.front());
    }
    for (auto& thread : threads) thread.join();
    if (thrown_) std::rethrow_exception(thrown_);
}

void Engine::tell(const Notice& notice) {
    if (!options_.on_notice) return;
    const std::scoped_lock lock(notice_mutex_);
    options_.on_notice(notice);
}

void Engine::fail(std::exception_ptr thrown) noexcept {
    {
        const std::scoped_lock lock(mutex_);
        if (!thrown_) thrown_ = std::move(thrown);
    }
    begin_stop();
}

void Engine::begin_stop() noexcept {
    {
        const std::scoped_lock lock(mutex_);
        begin_stop_locked();
    }
    source_.wake();
}

void Engine::begin_stop_locked() noexcept {
    if (stopping()) return;
    for (const auto& partition : partitions_) drain_locked(*partition);
    stopping_.store(true, std::memory_order_release);
    notify_all_locked();
}

/// One worker is never ahead of another. What waits for its retry is not tried again, so that nothing behind it could be committed.
void Engine::drain_locked(OwnedPartition& partition) noexcept {
    if (lanes_.size() == 1) return partition.lower(0);
    partition.drain();
    for (const auto& lane : lanes_) {
        for (const auto& slot : lane->slots)
            if (slot.partition.get() == &partition && slot.not_before) partition.lower(slot.batches.front()->first_undone.load());
    }
}

void Engine::notify_all_locked() noexcept {
    for (const auto& lane : lanes_) lane->ready.notify_all();
    settled_.notify_all();
}

}  // namespace tenter::consume
