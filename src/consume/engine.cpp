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
        stopping_.store(true, std::memory_order_release);
        for (const auto& lane : lanes_) lane->ready.notify_all();
        settled_.notify_all();
    }
    source_.wake();
}

}  // namespace tenter::consume
