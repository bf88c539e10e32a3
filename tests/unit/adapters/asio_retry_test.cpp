#include "tenter/adapters/asio_retry.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace tenter::adapters {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;

const retry::ExponentialBackoffRetry at_once(retry::RetryConfig{.initial_delay = 0ms});

/// Runs a coroutine to its end; what it throws comes out.
template <class T>
T run(awaitable<T> coroutine) {
    boost::asio::io_context context;
    std::optional<T> result;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr error, T value) {
        thrown = error;
        result.emplace(std::move(value));
    });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

TEST(AsyncExecuteWithRetry, awaits_again_until_it_succeeds) {
    int calls = 0;
    const auto flaky = [&]() -> awaitable<Result<std::string>> {
        if (++calls < 4) co_return fail(Errc::unavailable, "down");
        co_return "up";
    };
    EXPECT_EQ(run(async_execute_with_retry(flaky, at_once)).value(), "up");
    EXPECT_EQ(calls, 4);
}

TEST(AsyncExecuteWithRetry, gives_the_last_Error_after_six_calls) {
    int calls = 0;
    const auto down = [&]() -> awaitable<Result<int>> { co_return fail(Errc::overloaded, "call " + std::to_string(++calls)); };
    EXPECT_EQ(run(async_execute_with_retry(down, at_once)).error().message, "call 6");
}

TEST(AsyncExecuteWithRetry, repeats_what_throws_and_rethrows_the_last) {
    int calls = 0;
    const auto throwing = [&]() -> awaitable<int> {
        if (++calls < 7) throw std::runtime_error("call " + std::to_string(calls));
        co_return calls;
    };
    try {
        run(async_execute_with_retry(throwing, at_once));
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "call 6");
    }
    EXPECT_EQ(run(async_execute_with_retry(throwing, at_once)), 7);
}

TEST(AsyncExecuteWithRetry, does_not_repeat_what_is_not_worth_it) {
    int calls = 0;
    const auto wrong = [&]() -> awaitable<Result<int>> {
        ++calls;
        co_return fail(Errc::invalid_input, "wrong");
    };
    EXPECT_FALSE(run(async_execute_with_retry(wrong, at_once)));
    EXPECT_EQ(calls, 1);
}

TEST(AsyncExecuteWithRetry, ends_its_wait_when_it_is_cancelled) {
    boost::asio::io_context context;
    boost::asio::cancellation_signal cancel;
    const retry::ExponentialBackoffRetry hours(retry::RetryConfig{.initial_delay = 24h, .max_delay = 24h});
    int calls = 0;
    std::optional<Result<int>> result;
    const auto down = [&]() -> awaitable<Result<int>> {
        ++calls;
        boost::asio::post(context, [&] { cancel.emit(boost::asio::cancellation_type::terminal); });
        co_return fail(Errc::unavailable, "down");
    };
    boost::asio::co_spawn(context, async_execute_with_retry(down, hours),
                          boost::asio::bind_cancellation_slot(cancel.slot(), [&](std::exception_ptr error, Result<int> value) {
                              EXPECT_FALSE(error);
                              result.emplace(std::move(value));
                          }));
    context.run();
    ASSERT_TRUE(result);
    EXPECT_EQ(result->error().message, "down");
    EXPECT_EQ(calls, 1);
}

TEST(AsyncExecuteWithRetry, takes_what_returns_nothing) {
    boost::asio::io_context context;
    int calls = 0;
    const auto flaky = [&]() -> awaitable<void> {
        if (++calls < 3) throw std::runtime_error("again");
        co_return;
    };
    bool done = false;
    boost::asio::co_spawn(context, async_execute_with_retry(flaky, at_once), [&](std::exception_ptr error) { done = !error; });
    context.run();
    EXPECT_TRUE(done);
    EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace tenter::adapters
