#include "src/consume/signals.hpp"

#include <atomic>
#include <mutex>

#include <signal.h>

namespace tenter::consume {
namespace {

std::atomic<std::uint64_t> signal_count = 0;
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

/// What was there before the first StopSignals.
struct Former {
    std::mutex mutex;
    int users = 0;
    struct sigaction interrupt{};
    struct sigaction terminate{};
};
Former former;

void count_signal(int) { signal_count.fetch_add(1); }

}  // namespace

StopSignals::StopSignals() : count_before_(signal_count.load()) {
    const std::scoped_lock lock(former.mutex);
    if (former.users++ > 0) return;
    struct sigaction count{};
    count.sa_handler = count_signal;
    sigemptyset(&count.sa_mask);
    sigaction(SIGINT, &count, &former.interrupt);
    sigaction(SIGTERM, &count, &former.terminate);
}

StopSignals::~StopSignals() {
    const std::scoped_lock lock(former.mutex);
    if (--former.users > 0) return;
    sigaction(SIGINT, &former.interrupt, nullptr);
    sigaction(SIGTERM, &former.terminate, nullptr);
}

bool StopSignals::received() const noexcept { return signal_count.load() != count_before_; }

}  // namespace tenter::consume
