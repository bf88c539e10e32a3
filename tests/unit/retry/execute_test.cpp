#include "tenter/retry/execute.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::retry {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// Fails as often as it is told to.
struct Flaky {
    int failures = 0;
    int calls = 0;
    int operator()(int argument) {
        if (++calls <= failures) throw std::runtime_error("call " + std::to_string(calls));
        return argument * 2;
    }
};

class ExecuteWithRetry : public testing::Test {
protected:
    RetryOptions options_{.sleep = [this](std::chrono::milliseconds delay, const std::stop_token& stop) {
        slept_.push_back(delay);
        return !stop.stop_requested();
    }};
    ExponentialBackoffRetry policy_;
    std::vector<std::chrono::milliseconds> slept_;
};

TEST_F(ExecuteWithRetry, returns_what_the_function_returns) {
    Flaky flaky;
    EXPECT_EQ(execute_with_retry(flaky, policy_, 21), 42);
    EXPECT_EQ(flaky.calls, 1);
}

TEST_F(ExecuteWithRetry, calls_again_after_each_delay_until_it_succeeds) {
    Flaky flaky{.failures = 3};
    EXPECT_EQ(execute_with_retry(options_, flaky, policy_, 21), 42);
    EXPECT_EQ(flaky.calls, 4);
    EXPECT_THAT(slept_, ElementsAre(1000ms, 2000ms, 4000ms));
}

TEST_F(ExecuteWithRetry, makes_six_calls_at_five_retries_and_rethrows_what_the_last_threw) {
    Flaky flaky{.failures = 100};
    try {
        execute_with_retry(options_, flaky, policy_, 1);
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(), "call 6");
    }
    EXPECT_EQ(flaky.calls, 6);
    EXPECT_THAT(slept_, ElementsAre(1000ms, 2000ms, 4000ms, 8000ms, 16'000ms));
}

TEST_F(ExecuteWithRetry, takes_any_callable_and_any_arguments) {
    struct Counter {
        int total = 0;
        void add(int by) { total += by; }
    } counter;
    execute_with_retry(&Counter::add, policy_, counter, 5);
    EXPECT_EQ(counter.total, 5);
    const auto moved = execute_with_retry([](std::unique_ptr<int>& only) { return std::move(only); }, policy_, std::make_unique<int>(7));
    EXPECT_EQ(*moved, 7);
    std::string text = "a";
    std::string& same = execute_with_retry([](std::string& given) -> std::string& { return given += "b"; }, policy_, text);
    EXPECT_EQ(&same, &text);
}

TEST_F(ExecuteWithRetry, gives_every_call_its_arguments_whole) {
    int calls = 0;
    const auto joined = execute_with_retry(
        options_,
        [&](const std::string& a, const std::vector<int>& b) {
            if (++calls < 3) throw std::runtime_error("again");
            return a + std::to_string(b.size());
        },
        policy_, std::string("text"), std::vector{1, 2});
    EXPECT_EQ(joined, "text2");
}

TEST_F(ExecuteWithRetry, takes_a_function_that_returns_a_Result) {
    int calls = 0;
    const auto flaky = [&]() -> Result<int> {
        if (++calls < 3) return fail(Errc::unavailable, "down");
        return 5;
    };
    EXPECT_EQ(execute_with_retry(options_, flaky, policy_).value(), 5);
    EXPECT_EQ(slept_.size(), 2U);
    const auto down = [&]() -> Result<void> { return fail(Errc::overloaded, "call " + std::to_string(++calls)); };
    calls = 0;
    EXPECT_EQ(execute_with_retry(options_, down, policy_).error().message, "call 6");
}

TEST_F(ExecuteWithRetry, repeats_no_Error_of_which_trying_again_cannot_help) {
    for (const Errc code :
         {Errc::invalid_input, Errc::unauthenticated, Errc::not_found, Errc::too_large, Errc::corrupt, Errc::unsupported}) {
        int calls = 0;
        const auto failing = [&]() -> Result<void> {
            ++calls;
            return fail(code, "no");
        };
        EXPECT_EQ(execute_with_retry(options_, failing, policy_).error().code, code);
        EXPECT_EQ(calls, 1);
    }
    EXPECT_THAT(slept_, IsEmpty());
}

TEST_F(ExecuteWithRetry, asks_the_predicate_what_is_worth_another_call) {
    options_.retry_exception = [](const std::exception_ptr& thrown) {
        try {
            std::rethrow_exception(thrown);
        } catch (const std::logic_error&) {
            return false;
        } catch (...) {
            return true;
        }
    };
    int calls = 0;
    EXPECT_THROW(execute_with_retry(
                     options_,
                     [&] {
                         if (++calls == 2) throw std::logic_error("ours");
                         throw std::runtime_error("theirs");
                     },
                     policy_),
                 std::logic_error);
    EXPECT_EQ(calls, 2);
    options_.retry_error = [](const Error& error) { return error.code == Errc::not_found; };
    calls = 0;
    const auto missing = [&]() -> Result<int> {
        if (++calls < 2) return fail(Errc::not_found, "not yet");
        return 1;
    };
    EXPECT_TRUE(execute_with_retry(options_, missing, policy_));
}

TEST_F(ExecuteWithRetry, stops_when_asked_with_what_the_last_call_failed_with) {
    const auto stop = std::make_unique<std::stop_source>();  // on the heap: g++ 12 takes one on the stack for uninitialised
    options_.stop = stop->get_token();
    int calls = 0;
    const auto failing = [&] {
        if (++calls == 2) stop->request_stop();
        throw std::runtime_error("call " + std::to_string(calls));
    };
    EXPECT_THROW(execute_with_retry(options_, failing, policy_), std::runtime_error);
    EXPECT_EQ(calls, 2);
    EXPECT_EQ(slept_.size(), 1U);
}

TEST_F(ExecuteWithRetry, is_woken_from_its_real_wait_by_a_request_to_stop) {
    const auto stop = std::make_unique<std::stop_source>();
    const RetryOptions options{.stop = stop->get_token()};
    const ExponentialBackoffRetry hours(RetryConfig{.initial_delay = 24h, .max_delay = 24h});
    std::thread stopper([&] { stop->request_stop(); });
    const auto failing = []() -> Result<void> { return fail(Errc::unavailable, "down"); };
    EXPECT_FALSE(execute_with_retry(options, failing, hours));
    stopper.join();
}

TEST_F(ExecuteWithRetry, waits_for_real_without_a_sleeper) {
    EXPECT_TRUE(sleep_until_stopped(1ms, {}));
    Flaky flaky{.failures = 2};
    EXPECT_EQ(execute_with_retry(flaky, ExponentialBackoffRetry(RetryConfig{.initial_delay = 1ms, .max_delay = 1ms}), 1), 2);
}

}  // namespace
}  // namespace tenter::retry
