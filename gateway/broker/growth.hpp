#pragma once
// gateway/broker/growth.hpp: learns that partitions have grown, from the log's commit thread, on the broker's.
//
//   watch(partition) --> armed --log: moved--> on the list, one post for all that is on it --> grown({partitions}), not armed any more
//
// Only what somebody waits for costs the commit thread more than one look at a flag.

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "gateway/broker/executor.hpp"
#include "gateway/log/event_log.hpp"

namespace tenter::broker {

/// Belongs to the broker's thread.
class Growth {
public:
    using Grown = std::function<void(std::span<const log::TopicPartition>)>;

    /// The references must outlive it. After its end `grown` is not called any more.
    Growth(log::EventLog& event_log, Executor& executor, Grown grown);
    Growth(const Growth&) = delete;
    Growth& operator=(const Growth&) = delete;
    ~Growth();

    /// From here on the partition's next growth is told, once. It may have grown just before: look at it after this call.
    [[nodiscard]] Result<void> watch(log::TopicPartition at);

private:
    struct Shared;
    struct Watched {
        std::atomic<bool> is_armed = false;
        std::unique_ptr<log::Subscription> subscription;  ///< Last: its callbacks look at the flag.
    };

    void tell();

    log::EventLog& log_;
    std::shared_ptr<Shared> shared_;
    std::map<log::TopicPartition, std::unique_ptr<Watched>> watched_;
};

}  // namespace tenter::broker
