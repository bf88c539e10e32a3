#include "gateway/kafka_listener/event_loop.hpp"

#include <thread>

#include <gmock/gmock.h>
#include <sys/socket.h>

namespace tenter::kafka_listener {
namespace {

using std::chrono::seconds;

const Instant now{};

struct Counter final : EventLoop::Watcher {
    void on_ready() override { ++count; }
    int count = 0;
};

struct Pair {
    Pair() {
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
        one = Descriptor(ends[0]);
        other = Descriptor(ends[1]);
    }
    Descriptor one;
    Descriptor other;
};

void turn(EventLoop& loop, Instant until) {
    loop.wait(now, until);
    loop.dispatch();
}

TEST(EventLoop, runs_what_other_threads_post_in_their_order) {
    EventLoop loop;
    std::vector<int> ran;
    std::jthread poster([&] {
        for (int i = 0; i < 1'000; ++i) loop.post([&ran, i] { ran.push_back(i); });
    });
    while (ran.size() < 1'000) turn(loop, now + seconds(10));
    for (int i = 0; i < 1'000; ++i) EXPECT_EQ(ran[static_cast<std::size_t>(i)], i);
}

TEST(EventLoop, runs_what_a_task_posts_in_the_turn_after) {
    EventLoop loop;
    int ran = 0;
    loop.post([&] {
        ++ran;
        loop.post([&] { ++ran; });
        EXPECT_EQ(ran, 1) << "never within the call";
    });
    turn(loop, now + seconds(10));
    EXPECT_EQ(ran, 1);
    turn(loop, now + seconds(10));
    EXPECT_EQ(ran, 2);
}

TEST(EventLoop, destroys_what_it_will_not_run) {
    auto witness = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = witness;
    EventLoop loop;
    loop.post([witness] { FAIL(); });
    loop.close();
    EXPECT_EQ(witness.use_count(), 1);
    loop.post([kept = std::move(witness)] { FAIL(); });
    EXPECT_TRUE(watched.expired());
}

TEST(EventLoop, tells_again_of_what_is_still_ready_and_only_what_was_asked_for) {
    EventLoop loop;
    Pair pair;
    Counter counter;
    ASSERT_TRUE(loop.add(pair.one.get(), counter, Interest::read));
    turn(loop, now);
    EXPECT_EQ(counter.count, 0);
    ASSERT_EQ(::send(pair.other.get(), "x", 1, 0), 1);
    turn(loop, now + seconds(10));
    turn(loop, now + seconds(10));
    EXPECT_EQ(counter.count, 2) << "nobody read it";
    loop.change(pair.one.get(), counter, Interest::nothing);
    turn(loop, now);
    EXPECT_EQ(counter.count, 2);
    loop.change(pair.one.get(), counter, Interest::write);
    turn(loop, now + seconds(10));
    EXPECT_EQ(counter.count, 3);
    loop.change(pair.one.get(), counter, Interest::nothing);
    pair.other.reset();
    turn(loop, now + seconds(10));
    EXPECT_EQ(counter.count, 4) << "an end is told in any case";
    loop.forget(pair.one.get());
    turn(loop, now);
    EXPECT_EQ(counter.count, 4);
}

TEST(EventLoop, ends_its_wait_when_it_is_woken) {
    EventLoop loop;
    std::jthread waker([&] { loop.wake(); });
    turn(loop, Instant::max());
}

}  // namespace
}  // namespace tenter::kafka_listener
