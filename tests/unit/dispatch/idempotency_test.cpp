// One contract for both stores: in memory, and in SQLite.
#include "tenter/dispatch/idempotency.hpp"

#include <atomic>
#include <cstdio>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tenter/base/exception.hpp"
#include "tenter/dispatch_sqlite/sqlite_idempotency_store.hpp"
#include "tests/unit/dispatch/dispatch_testing.hpp"

namespace tenter::dispatch::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using Begun = IdempotencyStore::Begun;
using dispatch_sqlite::SqliteIdempotencyStore;
using elytra::CloudEvent;

/// A database file of its own for each test.
class DatabaseFile {
public:
    DatabaseFile() { remove(); }
    ~DatabaseFile() { remove(); }
    [[nodiscard]] std::string path() const { return ::testing::TempDir() + "idempotency_test." + std::to_string(::getpid()) + ".sqlite"; }

private:
    void remove() const {
        std::remove(path().c_str());
        std::remove((path() + "-journal").c_str());
    }
};

class StoreContract : public ::testing::TestWithParam<const char*> {
protected:
    std::unique_ptr<IdempotencyStore> make(IdempotencyOptions options = {}) {
        if (std::string_view(GetParam()) == "memory") return std::make_unique<MemoryIdempotencyStore>(options, clock_);
        auto store = SqliteIdempotencyStore::open(file_.path(), {.keys = options}, clock_);
        EXPECT_TRUE(store) << store.error().message;
        return std::move(*store);
    }

    DatabaseFile file_;
    SimulatedClock clock_{UnixMillis(1'795'435'200'000ms)};
};

INSTANTIATE_TEST_SUITE_P(Stores, StoreContract, ::testing::Values("memory", "sqlite"), [](const auto& store) { return store.param; });

TEST_P(StoreContract, gives_a_key_to_the_first_who_asks) {
    const auto store = make();
    EXPECT_EQ(store->begin("a").value(), Begun::first);
    EXPECT_EQ(store->begin("a").value(), Begun::running);
    EXPECT_EQ(store->begin("b").value(), Begun::first);
    ASSERT_TRUE(store->complete("a"));
    EXPECT_EQ(store->begin("a").value(), Begun::done);
    EXPECT_EQ(store->begin("b").value(), Begun::running);
}

TEST_P(StoreContract, gives_an_abandoned_key_again) {
    const auto store = make();
    ASSERT_TRUE(store->begin("a"));
    ASSERT_TRUE(store->abandon("a"));
    EXPECT_EQ(store->begin("a").value(), Begun::first);
    ASSERT_TRUE(store->complete("a"));
    ASSERT_TRUE(store->abandon("a"));
    EXPECT_EQ(store->begin("a").value(), Begun::done) << "what is done stays done";
}

TEST_P(StoreContract, takes_keys_of_any_bytes) {
    const auto store = make();
    for (const std::string_view key :
         {std::string_view(""), std::string_view("a\0b", 3), std::string_view("a\0c", 3), std::string_view("ä'\"%")})
        EXPECT_EQ(store->begin(key).value(), Begun::first) << key;
    EXPECT_EQ(store->begin(std::string_view("a\0b", 3)).value(), Begun::running);
}

TEST_P(StoreContract, forgets_a_completed_key_after_the_window) {
    const auto store = make({.window = 1h});
    ASSERT_TRUE(store->begin("a"));
    ASSERT_TRUE(store->complete("a"));
    clock_.advance(1h - 1ms);
    EXPECT_EQ(store->begin("a").value(), Begun::done);
    clock_.advance(1ms);
    EXPECT_EQ(store->begin("a").value(), Begun::first);
}

TEST_P(StoreContract, forgets_the_oldest_completed_keys_when_there_are_too_many) {
    const auto store = make({.max_keys = 3});
    for (const char* key : {"a", "b", "c"}) {
        ASSERT_EQ(store->begin(key).value(), Begun::first);
        ASSERT_TRUE(store->complete(key));
        clock_.advance(1ms);
    }
    EXPECT_EQ(store->begin("d").value(), Begun::first);
    EXPECT_EQ(store->begin("c").value(), Begun::done);
    EXPECT_EQ(store->begin("b").value(), Begun::done);
    EXPECT_EQ(store->begin("a").value(), Begun::first) << "the oldest made room for d, b now does for a";
}

TEST_P(StoreContract, is_overloaded_when_all_its_keys_are_running) {
    const auto store = make({.max_keys = 2});
    ASSERT_TRUE(store->begin("a"));
    ASSERT_TRUE(store->begin("b"));
    const auto refused = store->begin("c");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::overloaded);
    ASSERT_TRUE(store->complete("a"));
    EXPECT_EQ(store->begin("c").value(), Begun::first);
}

TEST_P(StoreContract, gives_a_key_to_one_of_many_threads) {
    const auto store = make();
    std::atomic<int> firsts = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i)
                if (store->begin(std::to_string(i)).value() == Begun::first) ++firsts;
        });
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(firsts, 50);
}

class IdempotentHandlerTest : public ::testing::Test {
protected:
    SimulatedClock clock_;
    MemoryIdempotencyStore store_{{}, clock_};
    int calls_ = 0;
};

TEST_F(IdempotentHandlerTest, runs_once_for_each_source_and_id) {
    const IdempotentHandler handler([this](const CloudEvent&) { ++calls_; }, store_);
    auto event = event_of("product", "", "1");
    EXPECT_EQ(handler.try_handle(event).value(), IdempotentHandler::Outcome::handled);
    EXPECT_EQ(handler.try_handle(event).value(), IdempotentHandler::Outcome::skipped);
    event.source = "other";
    EXPECT_EQ(handler.try_handle(event).value(), IdempotentHandler::Outcome::handled);
    handler(event);
    EXPECT_EQ(calls_, 2);
}

TEST_F(IdempotentHandlerTest, runs_again_after_it_threw) {
    const IdempotentHandler handler(
        [this](const CloudEvent&) {
            if (++calls_ == 1) throw std::runtime_error("no");
        },
        store_);
    EXPECT_THROW(handler(event_of("product")), std::runtime_error);
    handler(event_of("product"));
    handler(event_of("product"));
    EXPECT_EQ(calls_, 2);
}

TEST_F(IdempotentHandlerTest, refuses_an_event_that_is_being_handled) {
    const IdempotentHandler* self = nullptr;
    Result<IdempotentHandler::Outcome> inner = IdempotentHandler::Outcome::handled;
    const IdempotentHandler handler([&](const CloudEvent& event) { inner = self->try_handle(event); }, store_);
    self = &handler;
    handler(event_of("product"));
    ASSERT_FALSE(inner);
    EXPECT_EQ(inner.error().code, Errc::unavailable);
}

TEST(IdempotencyKey, is_another_for_every_other_pair_of_source_and_id) {
    event::CloudEvent a, b;
    a.source = "x";
    a.id = "yz";
    b.source = "xy";
    b.id = "z";
    EXPECT_NE(idempotency_key(a), idempotency_key(b));
}

class SqliteStore : public ::testing::Test {
protected:
    std::unique_ptr<SqliteIdempotencyStore> open(dispatch_sqlite::SqliteIdempotencyOptions options = {}) {
        return std::move(*SqliteIdempotencyStore::open(file_.path(), options, clock_));
    }
    DatabaseFile file_;
    SimulatedClock clock_{UnixMillis(1'795'435'200'000ms)};
};

TEST_F(SqliteStore, knows_what_is_done_after_it_was_opened_again) {
    {
        const auto store = open();
        ASSERT_TRUE(store->begin("a"));
        ASSERT_TRUE(store->complete("a"));
    }
    EXPECT_EQ(open()->begin("a").value(), Begun::done);
}

TEST_F(SqliteStore, gives_a_key_that_a_crash_left_claimed_when_its_lease_ends) {
    ASSERT_TRUE(open({.lease = 1min})->begin("a"));
    const auto store = open({.lease = 1min});
    clock_.advance(1min - 1ms);
    EXPECT_EQ(store->begin("a").value(), Begun::running);
    clock_.advance(1ms);
    EXPECT_EQ(store->begin("a").value(), Begun::first);
}

TEST_F(SqliteStore, shares_its_file_with_others) {
    const auto one = open(), other = open();
    EXPECT_EQ(one->begin("a").value(), Begun::first);
    EXPECT_EQ(other->begin("a").value(), Begun::running);
    ASSERT_TRUE(one->complete("a"));
    EXPECT_EQ(other->begin("a").value(), Begun::done);
}

TEST_F(SqliteStore, says_what_is_wrong_with_a_file) {
    std::ofstream(file_.path()) << std::string(8192, 'x');
    const auto garbage = SqliteIdempotencyStore::open(file_.path(), {}, clock_);
    ASSERT_FALSE(garbage);
    EXPECT_EQ(garbage.error().code, Errc::corrupt);
    EXPECT_THAT(garbage.error().message, HasSubstr(file_.path()));
    const auto nowhere = SqliteIdempotencyStore::open("/nonexistent/x.sqlite", {}, clock_);
    ASSERT_FALSE(nowhere);
    EXPECT_EQ(nowhere.error().code, Errc::unavailable);
}

}  // namespace
}  // namespace tenter::dispatch::testing
