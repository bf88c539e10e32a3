#include "gateway/log_kafka/followers.hpp"

#include <algorithm>
#include <utility>

namespace tenter::log::kafka {

class Followers::Follow final : public Subscription {
public:
    Follow(Followers& followers, std::uint64_t number) : followers_(followers), number_(number) {}
    Follow(const Follow&) = delete;
    Follow& operator=(const Follow&) = delete;
    ~Follow() override {
        const std::scoped_lock lock(followers_.mutex_);
        followers_.followers_.erase(number_);
        followers_.count_ = followers_.followers_.size();
    }

private:
    Followers& followers_;
    std::uint64_t number_;
};

std::unique_ptr<Subscription> Followers::add(TopicPartition at, Offset seen, std::function<void(Offset)> moved) {
    const std::scoped_lock lock(mutex_);
    followers_.emplace(++last_number_, Follower{at, seen, std::move(moved)});
    count_ = followers_.size();
    return std::make_unique<Follow>(*this, last_number_);
}

void Followers::tell(TopicPartition at, Offset high_watermark) {
    if (count_.load() == 0) return;
    const std::scoped_lock lock(mutex_);
    for (auto& [number, follower] : followers_) {
        if (follower.at != at || follower.seen >= high_watermark) continue;
        follower.seen = high_watermark;
        follower.moved(high_watermark);
    }
}

std::vector<TopicPartition> Followers::followed() const {
    std::vector<TopicPartition> partitions;
    if (count_.load() == 0) return partitions;
    const std::scoped_lock lock(mutex_);
    for (const auto& [number, follower] : followers_) partitions.push_back(follower.at);
    std::ranges::sort(partitions);
    partitions.erase(std::ranges::unique(partitions).begin(), partitions.end());
    return partitions;
}

}  // namespace tenter::log::kafka
