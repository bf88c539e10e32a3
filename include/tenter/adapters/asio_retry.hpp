#pragma once
// tenter/adapters/asio_retry.hpp: `execute_with_retry` for coroutines of Boost.Asio, which waits without holding a thread.
//
//   Result<int> id = co_await async_execute_with_retry([&] { return save(event); }, policy);      // save: awaitable<Result<int>>

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "tenter/retry/execute.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::adapters {

/// Awaits `operation()`, which returns an awaitable<T>, at most 1 + max_retries times. What it fails with, by an Error where T is a Result,
/// else by what it throws, comes out when retries have run out, when it is not worth another call (`options`), or when the coroutine is
/// cancelled while it waits. Of the options `sleep` is not used: the wait is a timer on the coroutine's executor. Everything is taken by
/// value, and lives as long as the coroutine.
template <class Operation>
std::invoke_result_t<Operation&> async_execute_with_retry(Operation operation, retry::ExponentialBackoffRetry policy,
                                                          retry::RetryOptions options = {}) {
    using Value = typename std::invoke_result_t<Operation&>::value_type;
    const auto executor = co_await boost::asio::this_coro::executor;
    boost::asio::steady_timer timer(executor);
    for (retry::RetryLoop loop(options, policy);;) {
        std::exception_ptr thrown;
        std::optional<std::chrono::milliseconds> delay;
        std::optional<std::conditional_t<std::is_void_v<Value>, bool, Value>> result;
        try {
            if constexpr (std::is_void_v<Value>) {
                co_await operation();
                co_return;
            } else {
                result.emplace(co_await operation());
            }
        } catch (...) {
            thrown = std::current_exception();
        }
        if constexpr (!std::is_void_v<Value>) {
            if (result) {
                if constexpr (retry::is_result<Value>)
                    if (!*result) delay = loop.next_delay(result->error());
                if (!delay) co_return std::move(*result);
            }
        }
        if (thrown) delay = loop.next_delay(thrown);
        boost::system::error_code cancelled;
        if (delay) {
            timer.expires_after(*delay);
            co_await timer.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, cancelled));
        }
        if (delay && !cancelled) continue;
        if (thrown) std::rethrow_exception(thrown);
        if constexpr (!std::is_void_v<Value>) co_return std::move(*result);
    }
}

}  // namespace tenter::adapters
