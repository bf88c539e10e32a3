#include <algorithm>
#include <utility>

#include "gateway/broker/fetch.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::broker {

Fetches::Fetches(const Limits& limits, log::EventLog& event_log, const Clock& clock, Executor& executor, Timers& timers, Damage damage)
    : limits_(limits),
      log_(event_log),
      clock_(clock),
      executor_(executor),
      timers_(timers),
      damage_(std::move(damage)),
      room_(limits.fetch_bytes, [this] { room_came_free(); }),
      reads_(event_log, limits.shared_read_bytes),
      growth_(event_log, executor, [this](std::span<const log::TopicPartition> partitions) { grown(partitions); }) {}

Fetches::~Fetches() { TENTER_ASSERT(waiting_.empty() && without_room_.empty()); }

void Fetches::grown(std::span<const log::TopicPartition> partitions) {
    std::vector<Fetch*> ready;
    for (const auto at : partitions) {
        for (auto it = waiting_.lower_bound({at, nullptr}); it != waiting_.end() && it->first.first == at; ++it) {
            it->first.second->parts_[it->second].is_behind = true;
            ready.push_back(it->first.second);
        }
    }
    std::ranges::sort(ready);
    const auto doubles = std::ranges::unique(ready);
    ready.erase(doubles.begin(), doubles.end());
    for (auto* fetch : ready) fetch->go_on();
}

/// From a lease's destructor, wherever that is: whoever waits is served later.
void Fetches::room_came_free() {
    if (without_room_.empty() || std::exchange(is_serving_soon_, true)) return;
    executor_.post([this, alive = std::weak_ptr(alive_)] {
        if (!alive.expired()) serve_those_without_room();
    });
}

void Fetches::serve_those_without_room() {
    is_serving_soon_ = false;
    const auto waiting = without_room_;  // each may leave it
    for (const auto& [number, fetch] : waiting) fetch->go_on();
}

}  // namespace tenter::broker
