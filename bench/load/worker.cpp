#include "bench/load/worker.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bench/load/answer.hpp"

namespace tenter::load {
namespace {

constexpr std::size_t input_bytes = 16 * 1024;  // answers are far smaller; a larger one makes the buffer grow
constexpr int events_at_once = 256;

Error system_error(const char* call, const std::string& what) {
    return {Errc::unavailable, std::string(call) + " " + what + ": " + std::strerror(errno), errno};
}

sockaddr_in address_of(const std::string& host, std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    ::inet_pton(AF_INET, host.c_str(), &address.sin_addr);
    return address;
}

timespec time_until(Instant wake_up) {
    const auto left = std::max(std::chrono::nanoseconds{0}, wake_up - std::chrono::steady_clock::now());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {seconds.count(), static_cast<long>((left - seconds).count())};
}

}  // namespace

struct Worker::Connection {
    explicit Connection(int socket) : fd(socket), input(input_bytes, '\0') {}
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection() { ::close(fd); }

    int fd;
    std::string_view unsent;  ///< Rest of the request that the socket did not take yet.
    bool awaits_answer = false;
    bool waits_for_room = false;  ///< Registered for EPOLLOUT.
    Instant started;              ///< When its request was due.
    std::string input;
    std::size_t input_size = 0;
};

Worker::Worker(const RequestPool& pool, WorkerOptions options)
    : pool_(pool), options_(std::move(options)), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {
    connections_.resize(options_.connections);
}

Worker::~Worker() { ::close(epoll_); }

/// Blocking connect, then non-blocking: on the same machine it is a matter of microseconds.
Result<int> Worker::open_socket() const {
    const std::string place = options_.host + ":" + std::to_string(options_.port);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return fail(system_error("socket", place));
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{options_.connect.count() / 1000, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);  // bounds connect too (socket(7))
    const sockaddr_in address = address_of(options_.host, options_.port);
    if (::connect(fd, static_cast<const sockaddr*>(static_cast<const void*>(&address)), sizeof address) != 0) {
        auto error = system_error("connect", place);
        ::close(fd);
        return fail(std::move(error));
    }
    return fd;
}

Result<void> Worker::open(std::size_t index) {
    connections_[index].reset();  // closed, and so out of the epoll, even if opening fails
    auto fd = open_socket();
    if (!fd) return fail(std::move(fd.error()));
    connections_[index] = std::make_unique<Connection>(*fd);
    epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, *fd, &event) != 0) return fail(system_error("epoll_ctl", "add"));
    return {};
}

Result<void> Worker::connect() {
    for (std::size_t i = 0; i < connections_.size(); ++i)
        if (auto opened = open(i); !opened) return opened;
    return {};
}

/// One run over the worker's connections.
class Worker::Run {
public:
    Run(Worker& worker, Schedule schedule, Instant measure_from)
        : worker_(worker), schedule_(schedule), measure_from_(measure_from), next_request_(worker.options_.first_request) {
        for (std::size_t i = worker_.connections_.size(); i > 0; --i) free_.push_back(i - 1);
    }

    WorkerResult finish() {
        auto now = std::chrono::steady_clock::now();
        const Instant give_up = schedule_.end() + worker_.options_.drain;
        while (!schedule_.is_over(now) && now < give_up) {
            start_due(now);
            wait(free_.empty() ? give_up : schedule_.wake_up(), now);
            now = std::chrono::steady_clock::now();
        }
        for (; under_way_ > 0 && now < give_up; now = std::chrono::steady_clock::now()) wait(give_up, now);
        result_.unanswered += under_way_;
        result_.never_sent = schedule_.missed();
        return std::move(result_);
    }

private:
    void start_due(Instant now) {
        while (!free_.empty()) {
            const auto due = schedule_.take(now);
            if (!due) return;
            const std::size_t index = free_.back();
            free_.pop_back();
            start(index, *due);
        }
    }

    void start(std::size_t index, Instant due) {
        auto& connection = *worker_.connections_[index];
        connection.unsent = worker_.pool_[next_request_];
        next_request_ = next_request_ + 1 == worker_.pool_.size() ? 0 : next_request_ + 1;
        connection.started = due;
        connection.awaits_answer = true;
        ++under_way_;
        send_rest(index);
    }

    void send_rest(std::size_t index) {
        auto& connection = *worker_.connections_[index];
        while (!connection.unsent.empty()) {
            const auto sent = ::send(connection.fd, connection.unsent.data(), connection.unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0 && errno == EINTR) continue;
            if (sent < 0 && errno == EAGAIN) break;
            if (sent < 0) return broke(index);
            connection.unsent.remove_prefix(static_cast<std::size_t>(sent));
        }
        if (connection.waits_for_room == !connection.unsent.empty()) return;
        connection.waits_for_room = !connection.unsent.empty();
        epoll_event event{.events = EPOLLIN, .data = {.u64 = index}};
        if (connection.waits_for_room) event.events |= EPOLLOUT;
        ::epoll_ctl(worker_.epoll_, EPOLL_CTL_MOD, connection.fd, &event);
    }

    /// Handles what happens until `wake_up`, or some of it.
    void wait(Instant wake_up, Instant now) {
        constexpr std::chrono::milliseconds longest{100};  // the end of a closed loop is seen at most this late
        const timespec timeout = time_until(std::min(wake_up, now + longest));
        epoll_event events[events_at_once];
        const int count = ::epoll_pwait2(worker_.epoll_, events, events_at_once, &timeout, nullptr);
        for (int i = 0; i < count; ++i) {
            const auto index = static_cast<std::size_t>(events[i].data.u64);
            if ((events[i].events & EPOLLOUT) != 0) send_rest(index);
            if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(index);
        }
    }

    void receive(std::size_t index) {
        if (!worker_.connections_[index]) return;  // broke a moment ago, and could not be opened again
        auto& connection = *worker_.connections_[index];
        if (connection.input_size == connection.input.size()) connection.input.resize(connection.input.size() * 2);
        const auto got = ::recv(connection.fd, connection.input.data() + connection.input_size,
                                connection.input.size() - connection.input_size, MSG_DONTWAIT);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) return;
        if (got <= 0) return broke(index);
        connection.input_size += static_cast<std::size_t>(got);
        const Answer answer = read_answer(std::string_view(connection.input).substr(0, connection.input_size));
        if (answer.state == AnswerState::incomplete) return;
        // Nothing is pipelined, so nothing may follow an answer, and none may come unasked.
        if (answer.state == AnswerState::malformed || answer.length != connection.input_size || !connection.awaits_answer)
            return broke(index);
        answered(index, answer);
    }

    void answered(std::size_t index, const Answer& answer) {
        auto& connection = *worker_.connections_[index];
        const auto now = std::chrono::steady_clock::now();
        ++result_.answers[answer.status];
        if (answer.status / 100 == 2 && now >= measure_from_) {
            if (now < schedule_.end()) ++result_.ok_in_time;
            result_.last_answer = now;
            result_.latency.record(now - connection.started);
        }
        connection.input_size = 0;
        connection.awaits_answer = false;
        --under_way_;
        if (answer.closes) return reopen(index);
        if (const auto due = schedule_.take(now)) return start(index, *due);
        free_.push_back(index);
    }

    void broke(std::size_t index) {
        ++result_.broken_connections;
        if (worker_.connections_[index]->awaits_answer) {
            ++result_.unanswered;
            --under_way_;
        } else {
            std::erase(free_, index);
        }
        reopen(index);
    }

    /// A server that takes no connection any more loses this one for good: the rest of the run shows it in what was not answered.
    void reopen(std::size_t index) {
        if (worker_.open(index)) free_.push_back(index);
    }

    Worker& worker_;
    Schedule schedule_;
    Instant measure_from_;
    std::size_t next_request_;
    std::size_t under_way_ = 0;
    std::vector<std::size_t> free_;
    WorkerResult result_;
};

WorkerResult Worker::run(Schedule schedule, Instant measure_from) { return Run(*this, schedule, measure_from).finish(); }

}  // namespace tenter::load
