#include "tenter/retry/execute.hpp"

#include <condition_variable>
#include <mutex>

namespace tenter::retry {

bool sleep_until_stopped(std::chrono::milliseconds delay, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, delay, [] { return false; });
    return !stop.stop_requested();
}

std::optional<std::chrono::milliseconds> RetryLoop::next_delay(const Error& error) {
    const bool worth =
        options_.retry_error ? options_.retry_error(error) : error.code == Errc::unavailable || error.code == Errc::overloaded;
    return worth ? next_delay() : std::nullopt;
}

std::optional<std::chrono::milliseconds> RetryLoop::next_delay(const std::exception_ptr& thrown) {
    return !options_.retry_exception || options_.retry_exception(thrown) ? next_delay() : std::nullopt;
}

std::optional<std::chrono::milliseconds> RetryLoop::next_delay() {
    if (!policy_.should_retry(attempt_) || options_.stop.stop_requested()) return std::nullopt;
    SystemRandom system_random;
    return policy_.delay(attempt_++, options_.random != nullptr ? *options_.random : system_random);
}

bool RetryLoop::wait(std::chrono::milliseconds delay) const {
    return options_.sleep ? options_.sleep(delay, options_.stop) : sleep_until_stopped(delay, options_.stop);
}

}  // namespace tenter::retry
