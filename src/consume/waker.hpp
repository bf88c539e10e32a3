#pragma once
// src/consume/waker.hpp: ends another thread's wait.

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace tenter::consume {

/// Thread safe.
class Waker {
public:
    void wake() noexcept {
        {
            const std::scoped_lock lock(mutex_);
            is_woken_ = true;
        }
        woken_.notify_one();
    }

    /// Until woken since the last return, at most `timeout`.
    void wait(std::chrono::milliseconds timeout) {
        std::unique_lock lock(mutex_);
        woken_.wait_for(lock, timeout, [this] { return is_woken_; });
        is_woken_ = false;
    }

private:
    std::mutex mutex_;
    std::condition_variable woken_;
    bool is_woken_ = false;
};

}  // namespace tenter::consume
