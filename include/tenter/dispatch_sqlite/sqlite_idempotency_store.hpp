#pragma once
// tenter/dispatch_sqlite/sqlite_idempotency_store.hpp: keys in a SQLite file, so that an event is known again after a restart. Several
// processes may share the file.
//
//   table idempotency: key TEXT PRIMARY KEY | completed_at INTEGER NULL | claimed_until INTEGER NULL     milliseconds since 1970
//
// A key that a crash left claimed is free again when its lease ends. Rollback journal and synchronous=FULL: `complete` returns when the key
// is on the disk.

#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/dispatch/idempotency.hpp"

namespace tenter::dispatch_sqlite {

struct SqliteIdempotencyOptions {
    dispatch::IdempotencyOptions keys{};            ///< Processes that share a file may go over `max_keys` by half.
    std::chrono::milliseconds lease{300'000};       ///< Longer than any handler takes.
    std::chrono::milliseconds busy_timeout{5'000};  ///< How long to wait for another process; then `unavailable`.
};

/// One connection behind a mutex. Thread safe.
class SqliteIdempotencyStore final : public dispatch::IdempotencyStore {
public:
    /// Makes the file where it is missing. `unavailable` where it cannot be opened, `corrupt` where it is no such database or of a newer
    /// version. The clock must outlive the store; its wall time is stored.
    [[nodiscard]] static Result<std::unique_ptr<SqliteIdempotencyStore>> open(const std::string& path, SqliteIdempotencyOptions options,
                                                                              const Clock& clock);
    ~SqliteIdempotencyStore() override;

    [[nodiscard]] Result<Begun> begin(std::string_view key) override;
    [[nodiscard]] Result<void> complete(std::string_view key) override;
    [[nodiscard]] Result<void> abandon(std::string_view key) override;

private:
    struct Database;
    SqliteIdempotencyStore(std::unique_ptr<Database> database, SqliteIdempotencyOptions options, const Clock& clock);
    [[nodiscard]] std::int64_t now() const;
    [[nodiscard]] Result<Begun> begin_in_transaction(std::string_view key);
    [[nodiscard]] Result<void> make_room(std::int64_t now);

    const SqliteIdempotencyOptions options_;
    const Clock& clock_;
    std::mutex mutex_;
    std::unique_ptr<Database> database_;
    std::int64_t uncounted_room_ = 0;  ///< New keys that fit without counting.
};

}  // namespace tenter::dispatch_sqlite
