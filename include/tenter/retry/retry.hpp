#pragma once
// tenter/retry/retry.hpp: decides when, and whether, to try again.
//
//   attempt 0 --1s--> 1 --2s--> 2 --4s--> 3 -- ... --> max_retries --> give up
//
// Pure arithmetic: no clock and no I/O, so a test can walk a year of retries at once. `execute_with_retry` is in execute.hpp.

#include <chrono>
#include <cstdint>

#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"

namespace tenter::retry {

/// Delays between attempts. Defaults are Elytra's (event-consumer/retry).
struct RetryConfig {
    std::uint32_t max_retries = 5;  ///< Retries after the first call: 5 are at most 6 calls. 0 means call once.
    std::chrono::milliseconds initial_delay{1000};
    double backoff_multiplier = 2.0;  ///< At least 1.
    std::chrono::milliseconds max_delay{300'000};
    double jitter = 0.0;  ///< Fraction of the delay, 0 to 1, that a random part of may be taken off; 0 keeps delays exact.

    /// `invalid_input` names the member and what it must be.
    [[nodiscard]] Result<void> validate() const;
    bool operator==(const RetryConfig&) const = default;
};

/// delay = min(initial_delay * backoff_multiplier ^ attempt, max_delay). Immutable: may be used from any thread.
class ExponentialBackoffRetry {
public:
    /// Throws Exception where `config.validate()` fails.
    explicit ExponentialBackoffRetry(const RetryConfig& config = {});
    [[nodiscard]] static Result<ExponentialBackoffRetry> make(const RetryConfig& config);

    [[nodiscard]] const RetryConfig& config() const noexcept { return config_; }
    /// Whether to try again after the attempt of that number (from 0) failed.
    [[nodiscard]] bool should_retry(std::uint32_t attempt) const noexcept { return attempt < config_.max_retries; }
    /// What to wait after the attempt of that number, from 0, without jitter. Never overflows.
    [[nodiscard]] std::chrono::milliseconds delay(std::uint32_t attempt) const noexcept;
    /// The same with jitter: between (1 - jitter) * delay and delay.
    [[nodiscard]] std::chrono::milliseconds delay(std::uint32_t attempt, Random& random) const;

private:
    RetryConfig config_;
};

}  // namespace tenter::retry
