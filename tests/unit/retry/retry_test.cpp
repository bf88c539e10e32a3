// protocols, the Elytra package's item 9.
#include "tenter/retry/retry.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/exception.hpp"

namespace tenter::retry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(RetryConfig, has_Elytras_defaults) {
    const RetryConfig config;
    EXPECT_EQ(config.max_retries, 5U);
    EXPECT_EQ(config.initial_delay, 1000ms);
    EXPECT_EQ(config.backoff_multiplier, 2.0);
    EXPECT_EQ(config.max_delay, 300'000ms);
    EXPECT_EQ(config.jitter, 0.0);
}

TEST(ExponentialBackoffRetry, doubles_from_a_second_to_five_minutes) {
    const ExponentialBackoffRetry policy;
    const std::chrono::milliseconds expected[] = {1000ms,   2000ms,    4000ms,    8000ms,    16'000ms, 32'000ms,
                                                  64'000ms, 128'000ms, 256'000ms, 300'000ms, 300'000ms};
    for (std::uint32_t attempt = 0; attempt < std::size(expected); ++attempt) EXPECT_EQ(policy.delay(attempt), expected[attempt]);
}

TEST(ExponentialBackoffRetry, retries_as_often_as_it_was_told) {
    const ExponentialBackoffRetry policy(RetryConfig{.max_retries = 2});
    EXPECT_TRUE(policy.should_retry(0));
    EXPECT_TRUE(policy.should_retry(1));
    EXPECT_FALSE(policy.should_retry(2));
    EXPECT_FALSE(ExponentialBackoffRetry(RetryConfig{.max_retries = 0}).should_retry(0));
}

TEST(ExponentialBackoffRetry, never_overflows_and_never_shrinks) {
    const std::chrono::milliseconds longest = std::chrono::milliseconds::max();
    for (const double multiplier : {1.0, 1.0000001, 2.0, 1e9, 1e300, std::numeric_limits<double>::max()}) {
        for (const auto initial : {0ms, 1ms, 1000ms, longest}) {
            const ExponentialBackoffRetry policy(
                RetryConfig{.initial_delay = initial, .backoff_multiplier = multiplier, .max_delay = longest});
            std::chrono::milliseconds before = 0ms;
            for (const std::uint32_t attempt : {0U, 1U, 2U, 63U, 64U, 1000U, UINT32_MAX}) {
                const auto delay = policy.delay(attempt);
                EXPECT_GE(delay, before);
                EXPECT_GE(delay, initial == longest ? 0ms : initial);
                EXPECT_LE(delay, longest);
                before = delay;
            }
        }
    }
    EXPECT_EQ(ExponentialBackoffRetry(RetryConfig{.initial_delay = 0ms, .backoff_multiplier = 1e300}).delay(UINT32_MAX), 0ms);
    EXPECT_EQ(ExponentialBackoffRetry(RetryConfig{.backoff_multiplier = 1}).delay(UINT32_MAX), 1000ms);
}

TEST(RetryConfig, refuses_what_makes_no_delay_and_says_why) {
    const double no_number = std::nan("");
    const double infinite = std::numeric_limits<double>::infinity();
    const std::pair<RetryConfig, std::string_view> cases[] = {
        {{.initial_delay = -1ms}, "initial_delay: must not be negative"},
        {{.initial_delay = 0ms, .max_delay = -1ms}, "max_delay: must not be negative"},
        {{.initial_delay = 2ms, .max_delay = 1ms}, "max_delay: must not be less than initial_delay"},
        {{.backoff_multiplier = 0.99}, "backoff_multiplier: must be a number of at least 1"},
        {{.backoff_multiplier = -2}, "backoff_multiplier: "},
        {{.backoff_multiplier = no_number}, "backoff_multiplier: "},
        {{.backoff_multiplier = infinite}, "backoff_multiplier: "},
        {{.jitter = -0.1}, "jitter: must be from 0 to 1"},
        {{.jitter = 1.1}, "jitter: "},
        {{.jitter = no_number}, "jitter: "},
    };
    for (const auto& [config, message] : cases) {
        const auto policy = ExponentialBackoffRetry::make(config);
        ASSERT_FALSE(policy) << message;
        EXPECT_EQ(policy.error().code, Errc::invalid_input);
        EXPECT_THAT(policy.error().message, HasSubstr(message));
        EXPECT_THROW(ExponentialBackoffRetry{config}, Exception);
    }
    EXPECT_TRUE(ExponentialBackoffRetry::make({.initial_delay = 1ms, .max_delay = 1ms, .jitter = 1}));
}

class FixedRandom final : public Random {
public:
    explicit FixedRandom(std::uint8_t byte) : byte_(byte) {}
    void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, byte_); }

private:
    std::uint8_t byte_;
};

TEST(ExponentialBackoffRetry, takes_at_most_the_jitter_off) {
    const ExponentialBackoffRetry policy(RetryConfig{.jitter = 0.25});
    FixedRandom none(0), all(0xFF);
    EXPECT_EQ(policy.delay(1, none), 2000ms);
    EXPECT_EQ(policy.delay(1, all), 1500ms);
    SystemRandom random;
    for (int i = 0; i < 1000; ++i) {
        const auto delay = policy.delay(1, random);
        EXPECT_GE(delay, 1500ms);
        EXPECT_LE(delay, 2000ms);
    }
}

}  // namespace
}  // namespace tenter::retry
