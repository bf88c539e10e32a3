#pragma once
// tenter/retry/execute.hpp: calls a function until it succeeds or retries run out.
//
//   const int id = execute_with_retry(save, policy, event);                     // throws what the last call threw
//   Result<int> id = execute_with_retry(try_save, policy, event);               // gives the last call's Error
//   execute_with_retry(RetryOptions{.stop = token}, save, policy, event);       // can be stopped while it waits
//
// A function that returns Result<T> fails by its Error, any other by what it throws.

#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

#include "tenter/base/exception.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::retry {

/// Waits that long, or until stopped; false if it was stopped. Replaced in tests.
using Sleeper = std::function<bool(std::chrono::milliseconds delay, const std::stop_token& stop)>;

/// Waits on a condition variable, so that a request to stop ends it at once.
[[nodiscard]] bool sleep_until_stopped(std::chrono::milliseconds delay, const std::stop_token& stop);

/// What may be said besides the policy.
struct RetryOptions {
    /// A request to stop ends the wait between two calls, never a call: then what the last call failed with comes out, as when retries
    /// have run out.
    std::stop_token stop{};
    /// Whether what was thrown is worth another call; default: everything is, as in Python.
    std::function<bool(const std::exception_ptr&)> retry_exception{};
    /// Whether an Error is; default: `unavailable` and `overloaded`, of which the code itself says that trying again may help.
    std::function<bool(const Error&)> retry_error{};
    Sleeper sleep{};           ///< Default: `sleep_until_stopped`.
    Random* random = nullptr;  ///< For jitter; default: the system's.
};

/// The decisions of one run of calls.
class RetryLoop {
public:
    RetryLoop(const RetryOptions& options, const ExponentialBackoffRetry& policy) : options_(options), policy_(policy) {}

    /// After a call failed: how long to wait before another, or nothing where there is to be none.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next_delay(const Error& error);
    [[nodiscard]] std::optional<std::chrono::milliseconds> next_delay(const std::exception_ptr& thrown);
    /// Waits that long; false if it was stopped meanwhile.
    [[nodiscard]] bool wait(std::chrono::milliseconds delay) const;

    template <class Failure>
    [[nodiscard]] bool again(const Failure& failure) {
        const auto delay = next_delay(failure);
        return delay && wait(*delay);
    }

private:
    [[nodiscard]] std::optional<std::chrono::milliseconds> next_delay();

    const RetryOptions& options_;
    const ExponentialBackoffRetry& policy_;
    std::uint32_t attempt_ = 0;
};

template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<Result<T>> = true;

/// Calls `function(arguments...)` at most 1 + max_retries times. Arguments are passed as lvalues each time, so that every call sees them
/// whole. Returns what the function returns. Thread safe if the function is.
template <class Function, class... Arguments>
std::invoke_result_t<Function&, Arguments&...> execute_with_retry(const RetryOptions& options, Function&& function,
                                                                  const ExponentialBackoffRetry& policy, Arguments&&... arguments) {
    using Returned = std::invoke_result_t<Function&, Arguments&...>;
    for (RetryLoop loop(options, policy);;) {
        std::exception_ptr thrown;
        try {
            if constexpr (is_result<std::remove_cvref_t<Returned>>) {
                Returned result = std::invoke(function, arguments...);
                if (result || !loop.again(result.error())) return result;
                continue;
            } else {
                return std::invoke(function, arguments...);
            }
        } catch (...) {
            thrown = std::current_exception();
        }
        if (!loop.again(thrown)) std::rethrow_exception(thrown);
    }
}

template <class Function, class... Arguments>
    requires(!std::is_same_v<std::remove_cvref_t<Function>, RetryOptions>)
std::invoke_result_t<Function&, Arguments&...> execute_with_retry(Function&& function, const ExponentialBackoffRetry& policy,
                                                                  Arguments&&... arguments) {
    return execute_with_retry(RetryOptions{}, std::forward<Function>(function), policy, std::forward<Arguments>(arguments)...);
}

}  // namespace tenter::retry
