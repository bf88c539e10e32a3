#pragma once
// bench/load/worker.hpp: one thread of the load generator: its connections, on one epoll.
//
//   free --due--> awaiting --answer--> free          a connection that breaks is counted and opened again

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/load/histogram.hpp"
#include "bench/load/request_pool.hpp"
#include "bench/load/schedule.hpp"
#include "tenter/base/result.hpp"

namespace tenter::load {

inline constexpr std::size_t highest_status = 599;

/// What one thread saw, over the whole run with its warm-up unless said otherwise.
struct WorkerResult {
    std::array<std::uint64_t, highest_status + 1> answers{};  ///< By status.
    std::uint64_t broken_connections = 0;                     ///< Closed, failed, or answered something that is no HTTP.
    std::uint64_t unanswered = 0;                             ///< Sent, in whole or in part, and never answered.
    std::uint64_t never_sent = 0;                             ///< Open loop: due, but no connection was free before the end.
    std::uint64_t ok_in_time = 0;                             ///< Answers 2xx between the end of the warm-up and the end of the schedule.
    Instant last_answer{};                                    ///< When the last 2xx came.
    Histogram latency;                                        ///< Of the 2xx that came after the warm-up.
};

struct WorkerOptions {
    std::string host;  ///< Numeric IPv4 address.
    std::uint16_t port = 0;
    std::size_t connections = 1;
    std::size_t first_request = 0;              ///< Index in the pool: threads begin at different places.
    std::chrono::milliseconds drain{10'000};    ///< How long to wait for the last answers.
    std::chrono::milliseconds connect{10'000};  ///< How long all connections may take to open.
};

/// Belongs to one thread. The pool must outlive it.
class Worker {
public:
    Worker(const RequestPool& pool, WorkerOptions options);
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Opens all connections. `unavailable` names the address.
    [[nodiscard]] Result<void> connect();
    /// Sends what the schedule says until it is over, then waits for the answers that are due, for `drain` at most.
    [[nodiscard]] WorkerResult run(Schedule schedule, Instant measure_from);

private:
    class Run;
    struct Connection;

    [[nodiscard]] Result<int> open_socket() const;
    [[nodiscard]] Result<void> open(std::size_t index);

    const RequestPool& pool_;
    WorkerOptions options_;
    int epoll_ = -1;
    std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace tenter::load
