#pragma once
// tenter/dispatch/idempotency.hpp: each event once, even when its sender sends it twice.
//
//   begin(key) --first--> handler --returns--> complete(key)      from now on `done`: skipped
//      |                     `-----throws----> abandon(key)       the next one is `first` again
//      |--done-----> skipped
//      `--running--> refused: somebody is at it right now
//
// What no store can promise: a process that dies between the handler's effect and `complete` runs the handler again. A handler whose effect
// must be exactly once keeps the key where it keeps the effect, in one transaction.

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/elytra/cloud_event.hpp"

namespace tenter::dispatch {

/// Remembers keys. Implementations are thread safe.
class IdempotencyStore {
public:
    enum class Begun : std::uint8_t {
        first,    ///< The caller has the key now, and must `complete` or `abandon` it.
        running,  ///< Another caller has it.
        done,     ///< It was completed within the window.
    };

    IdempotencyStore() = default;
    IdempotencyStore(const IdempotencyStore&) = delete;
    IdempotencyStore& operator=(const IdempotencyStore&) = delete;
    virtual ~IdempotencyStore() = default;

    /// `overloaded` where there is no room for another key, `unavailable` where the store cannot be reached.
    [[nodiscard]] virtual Result<Begun> begin(std::string_view key) = 0;
    [[nodiscard]] virtual Result<void> complete(std::string_view key) = 0;
    [[nodiscard]] virtual Result<void> abandon(std::string_view key) = 0;
};

struct IdempotencyOptions {
    std::size_t max_keys = 1'000'000;                  ///< At least 1. Beyond it the oldest completed ones are forgotten.
    std::chrono::milliseconds window{24 * 3'600'000};  ///< How long a completed key is remembered.
};

/// In memory: forgets everything when the process ends.
class MemoryIdempotencyStore final : public IdempotencyStore {
public:
    /// The clock must outlive the store.
    MemoryIdempotencyStore(IdempotencyOptions options, const Clock& clock);

    [[nodiscard]] Result<Begun> begin(std::string_view key) override;
    [[nodiscard]] Result<void> complete(std::string_view key) override;
    [[nodiscard]] Result<void> abandon(std::string_view key) override;

private:
    struct Entry {
        bool is_done = false;
        Instant completed_at{};
        std::list<std::string>::iterator place{};  ///< In `completed_`, where done.
    };
    void forget_oldest();
    void forget_expired();

    const IdempotencyOptions options_;
    const Clock& clock_;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
    std::list<std::string> completed_;  ///< Oldest first.
};

/// `source` and `id`, which together are unique (CloudEvents 1.0.2): a key that no other pair has.
[[nodiscard]] std::string idempotency_key(const event::CloudEvent& event);

/// A handler that runs once for each event. Copyable; may be called from several threads if the handler may.
class IdempotentHandler {
public:
    using Handler = std::function<void(const elytra::CloudEvent& event)>;
    enum class Outcome : std::uint8_t { handled, skipped };

    /// The store must outlive this and its copies.
    IdempotentHandler(Handler handler, IdempotencyStore& store);

    /// Runs the handler unless the event is done. What the handler throws comes out, its key abandoned. An Error is the store's;
    /// `unavailable` also where another thread is at this event right now: let the sender come again.
    [[nodiscard]] Result<Outcome> try_handle(const elytra::CloudEvent& event) const;
    /// The same as a handler for a dispatcher: throws Exception for an Error.
    void operator()(const elytra::CloudEvent& event) const;

private:
    Handler handler_;
    IdempotencyStore* store_;
};

}  // namespace tenter::dispatch
