#pragma once
// gateway/http/worker.hpp: one thread of the server, and all that its connections share. Private to connection.cpp and server.cpp.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/http/inbox.hpp"
#include "gateway/http/response_writer.hpp"
#include "gateway/http/server.hpp"

namespace tenter::http {

/// Executors are concrete types here: the type-erased one costs an allocation or two a request.
using IoExecutor = boost::asio::io_context::executor_type;
using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;
using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, IoExecutor>;
using Timer = boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
using ErrorCode = boost::system::error_code;

/// What all threads share. Immutable but for the counters.
struct Site {
    const ServerOptions options;
    const Clock& clock;
    Handler& handler;
    const RejectionListener rejected;
    const RefusalBody refusal_body;

    std::atomic<std::size_t> connections{0};  ///< Accepted and not yet closed.

    void report(const Rejection& rejection) const {
        if (rejected) rejected(rejection);
    }
    /// A connection is gone, or a worker has begun to drain: whoever waits in `stop` looks again.
    void notify() {
        {
            const std::scoped_lock lock(mutex);
        }
        changed.notify_all();
    }
    std::mutex mutex{};
    std::condition_variable changed{};
    std::atomic<std::size_t> draining_workers{0};
};

/// One io_context, the thread that runs it, and its connections. Members are for its own thread only unless stated.
class Worker {
public:
    explicit Worker(Site& shared_site);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    void run();  ///< The thread's whole life.
    /// Takes a socket that was accepted for this worker; `refused` says 503 and closes.
    void adopt(Socket socket, bool refused);
    /// Closes idle connections; the others close after their answer.
    void begin_drain();
    /// Closes everything and lets `run` end. Returns the number of requests that were cut off.
    std::size_t abort();

    void add(std::shared_ptr<Connection> connection);
    void remove(Connection& connection);

    Site& site;
    boost::asio::io_context io{1};
    std::shared_ptr<Inbox> inbox;  ///< Any thread.
    HttpDate date;
    std::vector<HeaderView> headers;  ///< Of the request that is being handled.
    bool draining = false;

private:
    void take_answers();
    void schedule_sweep();
    void sweep();

    boost::asio::executor_work_guard<IoExecutor> work_;
    Timer sweep_timer_;
    std::vector<std::shared_ptr<Connection>> connections_;
    std::vector<Answer> answers_;
};

}  // namespace tenter::http
