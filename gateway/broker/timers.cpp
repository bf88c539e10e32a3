#include "gateway/broker/timers.hpp"

namespace tenter::broker {

Timers::Id Timers::at(Instant when, std::move_only_function<void()> call) {
    const Id id{++last_};
    calls_.emplace(std::pair(when, id), std::move(call));
    times_.emplace(id, when);
    return id;
}

void Timers::cancel(Id id) {
    const auto found = times_.find(id);
    if (found == times_.end()) return;
    calls_.erase({found->second, id});
    times_.erase(found);
}

Instant Timers::next() const noexcept { return calls_.empty() ? Instant::max() : calls_.begin()->first.first; }

void Timers::run(Instant now) {
    while (!calls_.empty() && calls_.begin()->first.first <= now) {
        auto due = calls_.extract(calls_.begin());
        times_.erase(due.key().second);
        due.mapped()();
    }
}

}  // namespace tenter::broker
