#include "tenter/dispatch_sqlite/sqlite_idempotency_store.hpp"

#include <optional>
#include <utility>

#include <sqlite3.h>

namespace tenter::dispatch_sqlite {
namespace {

constexpr int schema_version = 1;
constexpr const char* schema =
    "CREATE TABLE idempotency (key TEXT PRIMARY KEY, completed_at INTEGER, claimed_until INTEGER) WITHOUT ROWID;"
    "CREATE INDEX idempotency_completed ON idempotency (completed_at) WHERE completed_at IS NOT NULL;"
    "PRAGMA user_version = 1;";

Errc code_of(int sqlite) {
    switch (sqlite & 0xFF) {
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return Errc::corrupt;
        case SQLITE_FULL: return Errc::overloaded;
        default: return Errc::unavailable;
    }
}

/// One prepared statement.
class Statement {
public:
    Statement(sqlite3* database, const char* sql) : database_(database) {
        status_ = sqlite3_prepare_v2(database, sql, -1, &statement_, nullptr);
    }
    Statement(const Statement&) = delete;
    Statement& operator=(const Statement&) = delete;
    ~Statement() { sqlite3_finalize(statement_); }

    Statement& bind(int place, std::string_view text) {
        if (status_ == SQLITE_OK)
            status_ = sqlite3_bind_text(statement_, place, text.data(), static_cast<int>(text.size()), nullptr);  // lives while it runs
        return *this;
    }
    Statement& bind(int place, std::int64_t number) {
        if (status_ == SQLITE_OK) status_ = sqlite3_bind_int64(statement_, place, number);
        return *this;
    }
    /// True where there is a row, false at the end.
    Result<bool> step() {
        if (status_ == SQLITE_OK || status_ == SQLITE_ROW) status_ = sqlite3_step(statement_);
        if (status_ == SQLITE_ROW || status_ == SQLITE_DONE) return status_ == SQLITE_ROW;
        return fail(code_of(status_), std::string("SQLite: ") + sqlite3_errmsg(database_));
    }
    Result<void> run() {
        auto stepped = step();
        if (!stepped) return fail(std::move(stepped.error()));
        return {};
    }
    [[nodiscard]] std::optional<std::int64_t> number(int column) const {
        if (sqlite3_column_type(statement_, column) == SQLITE_NULL) return std::nullopt;
        return sqlite3_column_int64(statement_, column);
    }

private:
    sqlite3* database_;
    sqlite3_stmt* statement_ = nullptr;
    int status_ = SQLITE_OK;
};

}  // namespace

struct SqliteIdempotencyStore::Database {
    sqlite3* handle = nullptr;
    Database() = default;
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    ~Database() { sqlite3_close_v2(handle); }

    Result<void> execute(const char* sql) {
        const int status = sqlite3_exec(handle, sql, nullptr, nullptr, nullptr);
        if (status != SQLITE_OK) return fail(code_of(status), std::string("SQLite: ") + sqlite3_errmsg(handle));
        return {};
    }

    Result<void> prepare_file() {
        if (auto done = execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE;"); !done) return done;
        auto made = make_schema();
        const auto ended = execute(made ? "COMMIT" : "ROLLBACK");
        return made ? ended : made;
    }

    Result<void> make_schema() {
        Statement version(handle, "PRAGMA user_version");
        if (auto row = version.step(); !row) return fail(std::move(row.error()));
        const auto found = version.number(0).value_or(0);
        if (found == 0) return execute(schema);
        if (found != schema_version) return fail(Errc::corrupt, "version " + std::to_string(found) + ", this program knows 1");
        return {};
    }
};

Result<std::unique_ptr<SqliteIdempotencyStore>> SqliteIdempotencyStore::open(const std::string& path, SqliteIdempotencyOptions options,
                                                                             const Clock& clock) {
    auto database = std::make_unique<Database>();
    const int status =
        sqlite3_open_v2(path.c_str(), &database->handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    if (status != SQLITE_OK)
        return fail(Errc::unavailable, path + ": " + (database->handle != nullptr ? sqlite3_errmsg(database->handle) : "no memory"));
    sqlite3_busy_timeout(database->handle, static_cast<int>(options.busy_timeout.count()));
    if (auto prepared = database->prepare_file(); !prepared) return fail(std::move(prepared.error()).within(path));
    return std::unique_ptr<SqliteIdempotencyStore>(new SqliteIdempotencyStore(std::move(database), options, clock));
}

SqliteIdempotencyStore::SqliteIdempotencyStore(std::unique_ptr<Database> database, SqliteIdempotencyOptions options, const Clock& clock)
    : options_(options), clock_(clock), database_(std::move(database)) {}

SqliteIdempotencyStore::~SqliteIdempotencyStore() = default;

std::int64_t SqliteIdempotencyStore::now() const { return clock_.now().time_since_epoch().count(); }

Result<SqliteIdempotencyStore::Begun> SqliteIdempotencyStore::begin(std::string_view key) {
    const std::lock_guard lock(mutex_);
    if (auto begun = database_->execute("BEGIN IMMEDIATE"); !begun) return fail(std::move(begun.error()));
    auto result = begin_in_transaction(key);
    const auto ended = database_->execute(result ? "COMMIT" : "ROLLBACK");
    if (result && !ended) {
        static_cast<void>(database_->execute("ROLLBACK"));
        return fail(ended.error());
    }
    return result;
}

Result<SqliteIdempotencyStore::Begun> SqliteIdempotencyStore::begin_in_transaction(std::string_view key) {
    const std::int64_t time = now();
    Statement find(database_->handle, "SELECT completed_at, claimed_until FROM idempotency WHERE key = ?");
    auto found = find.bind(1, key).step();
    if (!found) return fail(std::move(found.error()));
    if (*found) {
        if (const auto completed = find.number(0)) {
            if (*completed > time - options_.keys.window.count()) return Begun::done;
        } else if (find.number(1).value_or(0) > time) {
            return Begun::running;
        }
    } else if (auto room = make_room(time); !room) {
        return fail(std::move(room.error()));
    }
    Statement claim(database_->handle, "INSERT OR REPLACE INTO idempotency (key, completed_at, claimed_until) VALUES (?, NULL, ?)");
    if (auto done = claim.bind(1, key).bind(2, time + options_.lease.count()).run(); !done) return fail(std::move(done.error()));
    return Begun::first;
}

/// Forgets what is past the window, and the oldest completed keys where that is not enough. Counting takes long, so it is done again only
/// when half of the room that was left may be used up.
Result<void> SqliteIdempotencyStore::make_room(std::int64_t time) {
    if (uncounted_room_ > 0) {
        --uncounted_room_;
        return {};
    }
    Statement expire(database_->handle, "DELETE FROM idempotency WHERE completed_at IS NOT NULL AND completed_at <= ?");
    if (auto done = expire.bind(1, time - options_.keys.window.count()).run(); !done) return done;
    Statement count(database_->handle, "SELECT count(*) FROM idempotency");
    if (auto row = count.step(); !row) return fail(std::move(row.error()));
    const auto max_keys = static_cast<std::int64_t>(options_.keys.max_keys);
    const std::int64_t room = max_keys - count.number(0).value_or(0);
    uncounted_room_ = room / 2;
    if (room > 0) return {};
    Statement forget(database_->handle,
                     "DELETE FROM idempotency WHERE key IN (SELECT key FROM idempotency WHERE completed_at IS NOT NULL "
                     "ORDER BY completed_at, key LIMIT ?)");
    if (auto done = forget.bind(1, 1 - room + max_keys / 100).run(); !done) return done;
    if (sqlite3_changes(database_->handle) < 1 - room) return fail(Errc::overloaded, "too many events are being handled at once");
    return {};
}

Result<void> SqliteIdempotencyStore::complete(std::string_view key) {
    const std::lock_guard lock(mutex_);
    Statement done(database_->handle, "INSERT OR REPLACE INTO idempotency (key, completed_at, claimed_until) VALUES (?, ?, NULL)");
    return done.bind(1, key).bind(2, now()).run();
}

Result<void> SqliteIdempotencyStore::abandon(std::string_view key) {
    const std::lock_guard lock(mutex_);
    Statement forget(database_->handle, "DELETE FROM idempotency WHERE key = ? AND completed_at IS NULL");
    return forget.bind(1, key).run();
}

}  // namespace tenter::dispatch_sqlite
