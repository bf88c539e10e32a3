#pragma once
// tests/unit/broker/broker_thread.hpp: the broker's thread, which here is the test's: tasks wait until the test lets them run.

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

#include "gateway/broker/executor.hpp"

namespace tenter::broker::testing {

class BrokerThread final : public Executor {
public:
    void post(std::move_only_function<void()> task) override {
        const std::lock_guard lock(mutex_);
        tasks_.push_back(std::move(task));
        posted_.notify_all();
    }
    /// Runs one after the other until `reached` says so; false if that takes longer than anything here should.
    template <class Condition>
    [[nodiscard]] bool run_until(const Condition& reached) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (!reached()) {
            std::unique_lock lock(mutex_);
            if (!posted_.wait_until(lock, deadline, [this] { return !tasks_.empty(); })) return false;
            auto task = std::move(tasks_.front());
            tasks_.pop_front();
            lock.unlock();
            task();
        }
        return true;
    }
    /// Waits until so many are there, without running one.
    [[nodiscard]] bool wait_for_tasks(std::size_t count) {
        std::unique_lock lock(mutex_);
        return posted_.wait_for(lock, std::chrono::seconds(20), [&] { return tasks_.size() >= count; });
    }
    /// What is waiting now, and no more.
    void run_waiting() {
        std::unique_lock lock(mutex_);
        std::deque<std::move_only_function<void()>> now;
        now.swap(tasks_);
        lock.unlock();
        for (auto& task : now) task();
    }

private:
    std::mutex mutex_;
    std::condition_variable posted_;
    std::deque<std::move_only_function<void()>> tasks_;
};

}  // namespace tenter::broker::testing
