#pragma once
// gateway/broker/executor.hpp: the way from other threads into the broker's. The log calls back on its commit thread; what it said is
// posted here and looked at on the thread that the broker belongs to.

#include <functional>

namespace tenter::broker {

/// Runs functions on the broker's thread.
class Executor {
public:
    Executor() = default;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    virtual ~Executor() = default;

    /// From any thread; must not block. Runs `task` soon, never within this call, one after the other in the order of the calls of one
    /// thread. After the executor has stopped, tasks are destroyed without being run.
    virtual void post(std::move_only_function<void()> task) = 0;
};

}  // namespace tenter::broker
