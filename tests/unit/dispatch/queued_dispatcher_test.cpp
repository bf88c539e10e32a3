// protocols, the Elytra package's item 12: acknowledge at once, work later.
#include "tenter/dispatch/queued_dispatcher.hpp"

#include <atomic>
#include <latch>
#include <map>
#include <random>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/exception.hpp"
#include "tests/unit/dispatch/dispatch_testing.hpp"

namespace tenter::dispatch::testing {
namespace {

using namespace std::chrono_literals;
using elytra::CloudEvent;

CloudEvent event_for(std::string_view key, std::string_view id = "1") {
    auto event = event_of("product", "", id);
    event.subject = key;
    return event;
}

TEST(QueuedDispatcher, does_everything_that_it_accepted_before_it_stops) {
    std::atomic<int> done = 0;
    QueuedDispatcher queue([&](const CloudEvent&) { ++done; });
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(queue.try_enqueue(event_for(std::to_string(i % 7))));
    EXPECT_EQ(queue.stop(1h), 0U);
    EXPECT_EQ(done, 1000);
    const auto refused = queue.try_enqueue(event_for("k"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
}

// Goal: events of one key keep their order and never run at the same time, whatever the workers do.
// Method: random keys, many workers; each key's own counter must go up by one, and no two may be inside for one key.
TEST(QueuedDispatcher, keeps_the_order_of_each_key) {
    const unsigned seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    constexpr int keys = 5, events = 5000;
    std::array<std::atomic<int>, keys> inside{}, last{};
    std::atomic<bool> ordered = true;
    QueuedDispatcher queue(
        [&](const CloudEvent& event) {
            const auto key = static_cast<std::size_t>(std::stoi(*event.subject));
            if (++inside[key] != 1 || std::stoi(event.id) != last[key] + 1) ordered = false;
            ++last[key];
            --inside[key];
        },
        {.workers = 8, .max_queued = events});
    std::array<int, keys> sent{};
    for (int i = 0; i < events; ++i) {
        const auto key = random() % keys;
        ASSERT_TRUE(queue.try_enqueue(event_for(std::to_string(key), std::to_string(++sent[key]))));
    }
    queue.stop(1h);
    EXPECT_TRUE(ordered);
    for (std::size_t key = 0; key < keys; ++key) EXPECT_EQ(last[key], sent[key]);
}

TEST(QueuedDispatcher, is_overloaded_when_full_and_takes_more_when_there_is_room) {
    std::latch began(1), go_on(1);
    QueuedDispatcher queue(
        [&](const CloudEvent& event) {
            if (event.id != "first") return;
            began.count_down();
            go_on.wait();
        },
        {.workers = 1, .max_queued = 2});
    ASSERT_TRUE(queue.try_enqueue(event_for("a", "first")));
    began.wait();
    ASSERT_TRUE(queue.try_enqueue(event_for("a")));
    ASSERT_TRUE(queue.try_enqueue(event_for("b")));
    EXPECT_EQ(queue.queued(), 2U);
    const auto refused = queue.try_enqueue(event_for("c"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::overloaded);
    go_on.count_down();
    while (queue.queued() == 2) std::this_thread::yield();
    EXPECT_TRUE(queue.try_enqueue(event_for("c")));
    EXPECT_EQ(queue.stop(1h), 0U);
}

TEST(QueuedDispatcher, runs_another_key_while_one_takes_long) {
    std::latch other_done(1);
    QueuedDispatcher queue(
        [&](const CloudEvent& event) {
            if (event.subject == "slow") other_done.wait();
            if (event.subject == "quick") other_done.count_down();
        },
        {.workers = 2});
    ASSERT_TRUE(queue.try_enqueue(event_for("slow")));
    ASSERT_TRUE(queue.try_enqueue(event_for("slow")));
    ASSERT_TRUE(queue.try_enqueue(event_for("quick")));
    EXPECT_EQ(queue.stop(1h), 0U);
}

TEST(QueuedDispatcher, drops_what_has_not_begun_when_the_deadline_of_its_stop_is_over) {
    std::latch began(1), go_on(1);
    std::atomic<int> done = 0;
    QueuedDispatcher queue(
        [&](const CloudEvent&) {
            if (done == 0) {
                began.count_down();
                go_on.wait();
            }
            ++done;
        },
        {.workers = 1});
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(queue.try_enqueue(event_for(std::to_string(i % 3))));
    began.wait();
    std::thread releaser([&] {
        while (queue.queued() > 0) std::this_thread::yield();  // until the deadline has dropped them
        go_on.count_down();
    });
    EXPECT_EQ(queue.stop(0ms), 9U);
    releaser.join();
    EXPECT_EQ(done, 1);
}

TEST(QueuedDispatcher, goes_on_after_work_that_throws) {
    std::atomic<int> done = 0;
    QueuedDispatcher queue([&](const CloudEvent&) {
        ++done;
        throw std::runtime_error("no");
    });
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(queue.try_enqueue(event_for("k")));
    queue.stop(1h);
    EXPECT_EQ(done, 10);
}

TEST(QueuedDispatcher, refuses_options_that_make_no_queue) {
    const auto work = [](const CloudEvent&) {};
    EXPECT_THROW(QueuedDispatcher(work, {.workers = 0}), Exception);
    EXPECT_THROW(QueuedDispatcher(work, {.max_queued = 0}), Exception);
    EXPECT_THROW(QueuedDispatcher(work, {.key = nullptr}), Exception);
    EXPECT_THROW(QueuedDispatcher(nullptr), Exception);
}

TEST(DefaultEventKey, is_the_object_else_partitionkey_else_subject_else_the_event_itself) {
    auto event = event_of("product", "", "7");
    EXPECT_EQ(default_event_key(event), "elytra-pim\n7");
    event.subject = "s";
    EXPECT_EQ(default_event_key(event), "s");
    event.extensions.push_back({"partitionkey", std::string("p")});
    EXPECT_EQ(default_event_key(event), "p");
    event.data = event::JsonData{R"({"objectId":3,"objectType":"product"})"};
    EXPECT_EQ(default_event_key(event), "product:3");
}

}  // namespace
}  // namespace tenter::dispatch::testing
