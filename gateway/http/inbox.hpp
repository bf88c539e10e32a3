#pragma once
// gateway/http/inbox.hpp: where answers that were made on other threads wait for the thread that owns their connection.
//
//   log's commit thread --put--> [ answers ] --wake once--> io thread --take_all--> Connection::deliver
//
// One wake-up serves everything that is put before the thread comes to look: the 100 completions of one log commit cost one.
// Its length is bounded by the connections: each has at most one request under way.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "gateway/http/server.hpp"

namespace tenter::http {

class Connection;

/// What became of one request.
struct Answer {
    std::shared_ptr<Connection> connection;
    std::uint64_t request = 0;
    std::optional<Response> response;  ///< Nothing: the Responder was dropped.
};

/// Outlives its thread: connections that a Responder keeps alive still put into it, to no effect. All members are thread safe but where
/// stated.
class Inbox {
public:
    /// `wake` is called on the putting thread, under the inbox's lock, when the inbox was empty.
    explicit Inbox(std::function<void()> wake) : wake_(std::move(wake)) {}
    ~Inbox();
    Inbox(const Inbox&) = delete;
    Inbox& operator=(const Inbox&) = delete;

    void put(Answer&& answer);
    /// Swaps the waiting answers into `out`, which must be empty: two vectors serve for ever.
    void take_all(std::vector<Answer>& out);
    /// Drops what waits and all that comes: nobody will look again.
    void close();

    /// Names the thread that owns the connections. From that thread.
    void adopt_thread() noexcept { owner_.store(std::this_thread::get_id(), std::memory_order_relaxed); }
    [[nodiscard]] bool on_own_thread() const noexcept { return owner_.load(std::memory_order_relaxed) == std::this_thread::get_id(); }

private:
    std::mutex mutex_;
    std::vector<Answer> answers_;
    bool closed_ = false;
    std::function<void()> wake_;
    std::atomic<std::thread::id> owner_{};
};

}  // namespace tenter::http
