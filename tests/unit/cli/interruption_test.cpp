#include "cli/interruption.hpp"

#include <array>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace tenter::cli {
namespace {

bool is_requested_soon(std::stop_token token) {
    std::mutex mutex;
    std::condition_variable_any requested;
    std::unique_lock lock(mutex);
    requested.wait_for(lock, token, std::chrono::seconds(30), [] { return false; });  // returns when it is requested
    return token.stop_requested();
}

TEST(Interruption, takes_the_first_signal_as_a_wish_to_stop_and_the_second_to_hurry) {
    const Interruption interruption;
    EXPECT_FALSE(interruption.stop_token().stop_requested());
    ::kill(::getpid(), SIGTERM);
    EXPECT_TRUE(is_requested_soon(interruption.stop_token()));
    EXPECT_FALSE(interruption.hurry_token().stop_requested());
    ::kill(::getpid(), SIGINT);
    EXPECT_TRUE(is_requested_soon(interruption.hurry_token()));
}

TEST(Interruption, takes_the_end_of_the_reader_as_a_wish_to_stop) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    {
        const Interruption interruption(ends[1]);
        EXPECT_FALSE(interruption.stop_token().stop_requested());
        ::close(ends[0]);
        EXPECT_TRUE(is_requested_soon(interruption.stop_token()));
        EXPECT_EQ(::write(ends[1], "x", 1), -1) << "and no SIGPIPE";
    }
    ::close(ends[1]);
}

TEST(Interruption, leaves_everything_as_it_was) {
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, nullptr, &before);
    {
        const Interruption interruption;
    }
    sigset_t after;
    pthread_sigmask(SIG_BLOCK, nullptr, &after);
    EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
    struct sigaction pipe{};
    sigaction(SIGPIPE, nullptr, &pipe);
    EXPECT_EQ(pipe.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace tenter::cli
