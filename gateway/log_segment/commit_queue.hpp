#pragma once
// gateway/log_segment/commit_queue.hpp: where producers meet the commit thread. Many threads push, one takes everything at once.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log_segment/topic_table.hpp"
#include "tenter/base/bytes.hpp"

namespace tenter::log {

/// One call of `append`, encoded on its caller's thread. Reused, so that a usual append allocates nothing.
struct AppendRequest {
    struct Item {
        Partition* partition = nullptr;
        std::int64_t timestamp = 0;
        std::size_t at = 0;  ///< Of its payload in `payloads`.
        std::size_t size = 0;
    };
    std::vector<Item> items;
    Bytes payloads;  ///< As `encode_record_payload` makes them, back to back.
    AppendDone done;
    std::size_t weight = 0;  ///< Upper bound of its bytes in a frame.
    bool internal = false;   ///< Only topics that begin with "__".
};
using AppendRequests = std::vector<std::unique_ptr<AppendRequest>>;

/// Bounded by bytes, from `reserve` until `recycle`.
class CommitQueue {
public:
    explicit CommitQueue(std::uint64_t limit_bytes) : limit_(limit_bytes) {}

    /// Takes room for a request; false if the queue is full. A request larger than the queue gets in when it is alone.
    [[nodiscard]] bool reserve(std::size_t weight) noexcept;
    void unreserve(std::size_t weight) noexcept;
    /// An empty request, old or new.
    [[nodiscard]] std::unique_ptr<AppendRequest> make();
    /// False, and the request stays with the caller, if the queue is closed.
    [[nodiscard]] bool push(std::unique_ptr<AppendRequest>& request);

    /// Refuses what comes, wakes the commit thread.
    void close();
    /// Makes a `take` that waits return.
    void wake();

    /// Commit thread: appends everything to `out`, waiting for something, `close`, `wake` or the timeout. False: closed and empty.
    [[nodiscard]] bool take(AppendRequests& out, std::chrono::milliseconds timeout);
    /// Commit thread: the same without waiting.
    void take_now(AppendRequests& out);
    /// Commit thread: waits for `close` or the timeout. False: closed.
    [[nodiscard]] bool pause(std::chrono::milliseconds timeout);
    /// Commit thread: gives requests back whose `done` was called; empties `finished`.
    void recycle(AppendRequests& finished);

private:
    const std::uint64_t limit_;
    std::atomic<std::uint64_t> bytes_{0};
    std::mutex mutex_;
    std::condition_variable changed_;
    AppendRequests waiting_;
    AppendRequests spare_;
    bool closed_ = false;
    bool woken_ = false;
    bool sleeping_ = false;
};

}  // namespace tenter::log
