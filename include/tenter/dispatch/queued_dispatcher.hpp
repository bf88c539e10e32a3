#pragma once
// tenter/dispatch/queued_dispatcher.hpp: acknowledge at once, work later.
//
//   try_enqueue --> queue (bounded) --> worker 1..N --> your function          events of one key: one after the other, in order
//       | full: `overloaded`, which a WebhookHandler answers with 503, and the sender comes again
//
// The queue is memory: what has been acknowledged and not been worked on is gone when the process dies. Where nothing may be lost let the
// gateway (`tenter serve`) keep the events: its 2xx means that they are on the disk.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "tenter/base/result.hpp"
#include "tenter/elytra/cloud_event.hpp"

namespace tenter::dispatch {

/// The object of an event of Elytra ("product:7"), else `partitionkey`, else `subject`, else source and id: events of one key keep their
/// order.
[[nodiscard]] std::string default_event_key(const elytra::CloudEvent& event);

struct QueuedDispatcherOptions {
    std::size_t workers = 4;          ///< At least 1.
    std::size_t max_queued = 10'000;  ///< Events that wait; beyond it `overloaded`. At least 1.
    std::function<std::string(const elytra::CloudEvent&)> key = default_event_key;
};

/// A bounded queue before a function that takes its time. All members may be called from any thread; the function on several at once,
/// never for two events of one key.
class QueuedDispatcher {
public:
    /// What it throws is dropped: give a WebhookEventDispatcher's `dispatch`, which reports it.
    using Work = std::function<void(const elytra::CloudEvent& event)>;

    /// Starts the workers. Throws Exception for options out of their bounds and an empty function.
    explicit QueuedDispatcher(Work work, QueuedDispatcherOptions options = {});
    QueuedDispatcher(const QueuedDispatcher&) = delete;
    QueuedDispatcher& operator=(const QueuedDispatcher&) = delete;
    /// Stops without a deadline: waits until everything that was accepted is done.
    ~QueuedDispatcher();

    /// `overloaded` when the queue is full, `unavailable` once it has been stopped.
    [[nodiscard]] Result<void> try_enqueue(elytra::CloudEvent event);

    /// Accepts nothing more and waits until what was accepted is done. After `deadline` what has not begun is dropped, and the number of
    /// those events comes back; what has begun is always waited for.
    std::size_t stop(std::chrono::milliseconds deadline);

    [[nodiscard]] std::size_t queued() const;  ///< That wait; those being worked on do not count.

private:
    using Lane = std::deque<elytra::CloudEvent>;  ///< Waiting events of one key.

    void work_until_stopped();
    void finish_lane(const std::string& key);

    const Work work_;
    const QueuedDispatcherOptions options_;
    mutable std::mutex mutex_;
    std::condition_variable ready_or_stopping_;
    std::condition_variable drained_;
    /// A key is here while an event of it waits or is worked on. Its key is in `ready_` exactly when events wait and none is worked on.
    std::unordered_map<std::string, Lane> lanes_;
    std::deque<std::string> ready_;
    std::size_t queued_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> workers_;
};

}  // namespace tenter::dispatch
