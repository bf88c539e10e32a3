#include "tenter/retry/retry.hpp"

#include <array>
#include <cmath>
#include <string>

#include "tenter/base/exception.hpp"

namespace tenter::retry {
namespace {

/// From 0 to 1, both possible.
double random_fraction(Random& random) {
    std::array<std::uint8_t, 4> bytes{};
    random.fill(bytes);
    std::uint32_t bits = 0;
    for (const auto byte : bytes) bits = bits << 8 | byte;
    return static_cast<double>(bits) / static_cast<double>(UINT32_MAX);
}

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
    return fail(Errc::invalid_input, std::string(member).append(": ").append(what));
}

}  // namespace

Result<void> RetryConfig::validate() const {
    if (initial_delay.count() < 0) return wrong("initial_delay", "must not be negative");
    if (max_delay.count() < 0) return wrong("max_delay", "must not be negative");
    if (max_delay < initial_delay) return wrong("max_delay", "must not be less than initial_delay");
    if (!std::isfinite(backoff_multiplier) || backoff_multiplier < 1) return wrong("backoff_multiplier", "must be a number of at least 1");
    if (!(jitter >= 0 && jitter <= 1)) return wrong("jitter", "must be from 0 to 1");
    return {};
}

ExponentialBackoffRetry::ExponentialBackoffRetry(const RetryConfig& config) : config_(config) { value_or_throw(config.validate()); }

Result<ExponentialBackoffRetry> ExponentialBackoffRetry::make(const RetryConfig& config) {
    if (auto valid = config.validate(); !valid) return fail(std::move(valid.error()));
    return ExponentialBackoffRetry(config);
}

std::chrono::milliseconds ExponentialBackoffRetry::delay(std::uint32_t attempt) const noexcept {
    const auto initial = static_cast<double>(config_.initial_delay.count());
    if (initial == 0) return config_.initial_delay;  // 0 * infinity would be no number
    const double grown = initial * std::pow(config_.backoff_multiplier, static_cast<double>(attempt));
    if (!(grown < static_cast<double>(config_.max_delay.count()))) return config_.max_delay;  // also where it is infinite
    return std::chrono::milliseconds(static_cast<std::int64_t>(grown));
}

std::chrono::milliseconds ExponentialBackoffRetry::delay(std::uint32_t attempt, Random& random) const {
    const auto exact = delay(attempt);
    if (config_.jitter == 0) return exact;
    const double kept = 1 - config_.jitter * random_fraction(random);
    return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(exact.count()) * kept));
}

}  // namespace tenter::retry
