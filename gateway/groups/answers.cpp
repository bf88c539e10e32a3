#include "gateway/groups/answers.hpp"

namespace tenter::groups {

std::vector<Answers::Dropped> Answers::drop(ConnectionId connection) {
    std::erase_if(ready_, [&](const auto& ready) { return ready.first == connection; });
    std::vector<Dropped> dropped;
    const auto first = by_connection_.lower_bound({connection, 0});
    auto last = first;
    for (; last != by_connection_.end() && last->first == connection; ++last) {
        auto found = waiting_.extract(last->second);
        dropped.push_back({last->second, std::move(found.mapped().group), std::move(found.mapped().member_id)});
    }
    by_connection_.erase(first, last);
    return dropped;
}

void Answers::deliver() {
    if (is_delivering_) return;
    is_delivering_ = true;
    while (!ready_.empty()) {
        const auto call = std::move(ready_.front().second);
        ready_.pop_front();
        call();
    }
    is_delivering_ = false;
}

}  // namespace tenter::groups
