#include "gateway/http/inbox.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace tenter::http {
namespace {

Answer numbered(std::uint64_t request) { return {.connection = nullptr, .request = request, .response = std::nullopt}; }

TEST(Inbox, wakes_once_for_all_that_is_put_before_it_is_emptied) {
    int wakes = 0;
    Inbox inbox([&] { ++wakes; });
    for (std::uint64_t i = 0; i < 100; ++i) inbox.put(numbered(i));
    EXPECT_EQ(wakes, 1);
    std::vector<Answer> answers;
    inbox.take_all(answers);
    EXPECT_EQ(answers.size(), 100u);
    inbox.put(numbered(100));
    EXPECT_EQ(wakes, 2);
}

TEST(Inbox, keeps_the_order) {
    Inbox inbox([] {});
    for (std::uint64_t i = 0; i < 10; ++i) inbox.put(numbered(i));
    std::vector<Answer> answers;
    inbox.take_all(answers);
    for (std::uint64_t i = 0; i < 10; ++i) EXPECT_EQ(answers[i].request, i);
}

TEST(Inbox, takes_nothing_and_wakes_nobody_when_closed) {
    int wakes = 0;
    Inbox inbox([&] { ++wakes; });
    inbox.put(numbered(1));
    inbox.close();
    inbox.put(numbered(2));
    std::vector<Answer> answers;
    inbox.take_all(answers);
    EXPECT_TRUE(answers.empty());
    EXPECT_EQ(wakes, 1);
}

TEST(Inbox, knows_its_thread) {
    Inbox inbox([] {});
    EXPECT_FALSE(inbox.on_own_thread());
    inbox.adopt_thread();
    EXPECT_TRUE(inbox.on_own_thread());
    std::thread([&] { EXPECT_FALSE(inbox.on_own_thread()); }).join();
}

/// Four threads put, one takes whenever it is woken: everything arrives, and no wake-up is lost.
TEST(Inbox, loses_nothing_between_threads) {
    constexpr std::uint64_t each = 5000;
    std::atomic<int> wakes{0};
    Inbox inbox([&] {
        wakes.fetch_add(1);
        wakes.notify_one();
    });
    std::vector<std::thread> putting;
    for (int t = 0; t < 4; ++t)
        putting.emplace_back([&] {
            for (std::uint64_t i = 0; i < each; ++i) inbox.put(numbered(i));
        });
    std::uint64_t sum = 0;
    std::size_t count = 0;
    std::vector<Answer> answers;
    for (int seen = 0; count < 4 * each; ++seen) {
        wakes.wait(seen);
        inbox.take_all(answers);
        for (const Answer& answer : answers) sum += answer.request;
        count += answers.size();
        answers.clear();
    }
    for (std::thread& thread : putting) thread.join();
    EXPECT_EQ(sum, 4 * (each * (each - 1) / 2));
}

}  // namespace
}  // namespace tenter::http
