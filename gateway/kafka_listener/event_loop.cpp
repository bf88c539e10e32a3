#include "gateway/kafka_listener/event_loop.hpp"

#include <algorithm>

#include <sys/eventfd.h>

#include "tenter/base/assert.hpp"

namespace tenter::kafka_listener {
namespace {

epoll_event event_for(EventLoop::Watcher* watcher, Interest interest) {
    epoll_event event{};
    event.data.ptr = watcher;
    if (interest == Interest::read || interest == Interest::read_and_write) event.events |= EPOLLIN;
    if (interest == Interest::write || interest == Interest::read_and_write) event.events |= EPOLLOUT;
    return event;
}

/// Rounded up, so that what waits is due when the wait is over.
int wait_ms(Instant now, Instant until) {
    if (until <= now) return 0;
    if (until == Instant::max()) return -1;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    return static_cast<int>(std::min(wait, std::chrono::milliseconds(std::chrono::hours(1))).count());
}

}  // namespace

EventLoop::EventLoop() : epoll_(::epoll_create1(EPOLL_CLOEXEC)), wake_up_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    TENTER_ASSERT(epoll_ && wake_up_);
    epoll_event event = event_for(nullptr, Interest::read);
    TENTER_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_up_.get(), &event) == 0);
}

bool EventLoop::add(int descriptor, Watcher& watcher, Interest interest) {
    epoll_event event = event_for(&watcher, interest);
    return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void EventLoop::change(int descriptor, Watcher& watcher, Interest interest) {
    epoll_event event = event_for(&watcher, interest);
    TENTER_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &event) == 0);
}

void EventLoop::post(std::move_only_function<void()> task) {
    const std::scoped_lock lock(mutex_);
    if (closed_) return;
    tasks_.push_back(std::move(task));
    if (tasks_.size() == 1) wake();
}

void EventLoop::wake() noexcept { [[maybe_unused]] const int done = ::eventfd_write(wake_up_.get(), 1); }

void EventLoop::forget(int descriptor) { TENTER_ASSERT(::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, descriptor, nullptr) == 0); }

void EventLoop::wait(Instant now, Instant until) {
    const int count = ::epoll_wait(epoll_.get(), events_.data(), static_cast<int>(events_.size()), wait_ms(now, until));
    ready_ = count > 0 ? static_cast<std::size_t>(count) : 0;
}

void EventLoop::dispatch() {
    for (std::size_t i = 0; i < ready_; ++i) {
        auto* const watcher = static_cast<Watcher*>(events_[i].data.ptr);
        if (watcher != nullptr) {
            if ((events_[i].events & (EPOLLIN | EPOLLOUT)) != 0) {
                watcher->on_ready();
            } else {
                watcher->on_ended();
            }
            continue;
        }
        eventfd_t ignored = 0;
        [[maybe_unused]] const int done = ::eventfd_read(wake_up_.get(), &ignored);
    }
    ready_ = 0;
    run_tasks();
}

void EventLoop::run_tasks() {
    {
        const std::scoped_lock lock(mutex_);
        running_.swap(tasks_);
    }
    for (auto& task : running_) task();
    running_.clear();
}

void EventLoop::close() {
    std::vector<std::move_only_function<void()>> dropped;
    const std::scoped_lock lock(mutex_);
    closed_ = true;
    tasks_.swap(dropped);
}

}  // namespace tenter::kafka_listener
