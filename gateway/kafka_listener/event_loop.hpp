#pragma once
// gateway/kafka_listener/event_loop.hpp: which sockets are ready, and what other threads have to say, on one thread. Private to this room.
//
//   any thread --post--> [ tasks ] --one wake-up--> wait() --> dispatch(): Watcher::on_ready, then the tasks
//   kernel   ---------- epoll, level-triggered --->   |
//
// epoll itself and not Asio: a TLS session waits for its socket and does the rest itself, so that of Asio only the waiting would be left,
// with an allocation for each wait and a life of its own for each connection. Level-triggered: who does only a part of what there is to do
// is told again, behind everybody else.

#include <array>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include <sys/epoll.h>

#include "gateway/broker/executor.hpp"
#include "gateway/kafka_listener/descriptor.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::kafka_listener {

/// What a socket is watched for. Its end is told in any case.
enum class Interest : std::uint8_t { nothing, read, write, read_and_write };

/// `post` from any thread, all else from one thread.
class EventLoop final : public broker::Executor {
public:
    class Watcher {
    public:
        Watcher() = default;
        Watcher(const Watcher&) = delete;
        Watcher& operator=(const Watcher&) = delete;
        virtual ~Watcher() = default;
        /// The socket can be read or written, has ended or failed: trying tells which.
        virtual void on_ready() = 0;
        /// The socket has ended both ways, and is not watched for anything by which trying would tell. It is told in every turn.
        virtual void on_ended() { on_ready(); }
    };

    EventLoop();

    /// `watcher` must live until the end of the turn in which the descriptor is closed. False: the kernel has no memory for it.
    [[nodiscard]] bool add(int descriptor, Watcher& watcher, Interest interest);
    void change(int descriptor, Watcher& watcher, Interest interest);
    void forget(int descriptor);

    void post(std::move_only_function<void()> task) override;
    /// Waits for something to happen, until `until` at most; not at all if that is not after `now`.
    void wait(Instant now, Instant until);
    /// Tells those concerned of what `wait` saw, then runs the tasks. What was too much for one turn is seen by the next.
    void dispatch();
    /// Ends the wait that is going on, or the next. From any thread.
    void wake() noexcept;
    /// What was posted and not run is destroyed, and so is all that comes.
    void close();

private:
    void run_tasks();

    Descriptor epoll_;
    Descriptor wake_up_;
    std::array<epoll_event, 256> events_{};
    std::size_t ready_ = 0;  ///< Of them.
    std::mutex mutex_;
    std::vector<std::move_only_function<void()>> tasks_;
    bool closed_ = false;
    std::vector<std::move_only_function<void()>> running_;
};

}  // namespace tenter::kafka_listener
