#include "gateway/log_segment/commit_queue.hpp"

#include <iterator>
#include <utility>

namespace tenter::log {
namespace {

constexpr std::size_t max_spare_requests = 1024;
constexpr std::size_t max_spare_payload = 64 * 1024;

void move_all(AppendRequests& from, AppendRequests& to) {
    if (to.empty()) return std::swap(from, to);
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
    from.clear();
}

}  // namespace

bool CommitQueue::reserve(std::size_t weight) noexcept {
    const std::uint64_t before = bytes_.fetch_add(weight, std::memory_order_relaxed);
    if (before == 0 || before + weight <= limit_) return true;
    unreserve(weight);
    return false;
}

void CommitQueue::unreserve(std::size_t weight) noexcept { bytes_.fetch_sub(weight, std::memory_order_relaxed); }

std::unique_ptr<AppendRequest> CommitQueue::make() {
    {
        const std::lock_guard lock(mutex_);
        if (!spare_.empty()) {
            auto request = std::move(spare_.back());
            spare_.pop_back();
            return request;
        }
    }
    return std::make_unique<AppendRequest>();
}

bool CommitQueue::push(std::unique_ptr<AppendRequest>& request) {
    bool must_wake = false;
    {
        const std::lock_guard lock(mutex_);
        if (closed_) return false;
        waiting_.push_back(std::move(request));
        must_wake = std::exchange(sleeping_, false);
    }
    if (must_wake) changed_.notify_one();
    return true;
}

void CommitQueue::close() {
    {
        const std::lock_guard lock(mutex_);
        closed_ = true;
    }
    changed_.notify_all();
}

void CommitQueue::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

bool CommitQueue::take(AppendRequests& out, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    if (waiting_.empty() && !closed_ && !woken_) {
        sleeping_ = true;
        changed_.wait_for(lock, timeout, [this] { return !waiting_.empty() || closed_ || woken_; });
        sleeping_ = false;
    }
    woken_ = false;
    const bool ended = closed_ && waiting_.empty();
    move_all(waiting_, out);
    return !ended;
}

void CommitQueue::take_now(AppendRequests& out) {
    const std::lock_guard lock(mutex_);
    move_all(waiting_, out);
}

bool CommitQueue::pause(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, timeout, [this] { return closed_; });
}

void CommitQueue::recycle(AppendRequests& finished) {
    for (auto& request : finished) {
        unreserve(request->weight);
        request->items.clear();
        request->payloads.clear();
        request->done = nullptr;
        if (request->payloads.capacity() > max_spare_payload) request->payloads.shrink_to_fit();
    }
    const std::lock_guard lock(mutex_);
    const std::size_t room = max_spare_requests - spare_.size();
    const std::size_t kept = std::min(room, finished.size());
    std::move(finished.begin(), finished.begin() + static_cast<std::ptrdiff_t>(kept), std::back_inserter(spare_));
    finished.clear();
}

}  // namespace tenter::log
