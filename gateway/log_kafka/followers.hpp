#pragma once
// gateway/log_kafka/followers.hpp: who wants to know how far partitions can be read.

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log/types.hpp"

namespace tenter::log::kafka {

/// Thread safe.
class Followers {
public:
    /// `moved` is called with offsets over `seen` only, each over the one before. The subscription must end before this object does.
    [[nodiscard]] std::unique_ptr<Subscription> add(TopicPartition at, Offset seen, std::function<void(Offset)> moved);
    void tell(TopicPartition at, Offset high_watermark);
    /// Partitions that somebody follows.
    [[nodiscard]] std::vector<TopicPartition> followed() const;

private:
    class Follow;
    struct Follower {
        TopicPartition at;
        Offset seen;
        std::function<void(Offset)> moved;
    };

    std::atomic<std::size_t> count_{0};
    mutable std::mutex mutex_;  // held while followers are called, so that the end of a subscription waits for them
    std::map<std::uint64_t, Follower> followers_;
    std::uint64_t last_number_ = 0;
};

}  // namespace tenter::log::kafka
