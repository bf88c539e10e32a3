#include "cli/child_process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tenter/base/assert.hpp"

namespace tenter::cli {
namespace {

using Time = std::chrono::steady_clock;

/// An owned file descriptor, never one of the standard three: what is 0 to 2 there is meant for the child.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {
        if (number_ < 0 || number_ > 2) return;
        number_ = ::fcntl(number, F_DUPFD_CLOEXEC, 3);
        ::close(number);
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }
    void close() noexcept {
        if (number_ >= 0) ::close(std::exchange(number_, -1));
    }
    [[nodiscard]] int get() const noexcept { return number_; }

private:
    int number_;
};

std::unexpected<Error> failed(const std::string& what, int error) {
    return fail(Errc::unavailable, what + ": " + std::strerror(error), error);
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (const auto& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));  // posix_spawn does not write to them
    pointers.push_back(nullptr);
    return pointers;
}

/// How the child begins: its input, a process group of its own, no signal blocked, SIGPIPE as usual, no other descriptor.
class SpawnSettings {
public:
    explicit SpawnSettings(int input) {
        posix_spawn_file_actions_init(&files_);
        posix_spawn_file_actions_adddup2(&files_, input, STDIN_FILENO);
        posix_spawn_file_actions_addclosefrom_np(&files_, 3);  // librdkafka's pipes too, which nobody marked
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
        posix_spawnattr_setpgroup(&attributes_, 0);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        sigaddset(&signals, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes_, &signals);
    }
    SpawnSettings(const SpawnSettings&) = delete;
    SpawnSettings& operator=(const SpawnSettings&) = delete;
    ~SpawnSettings() {
        posix_spawn_file_actions_destroy(&files_);
        posix_spawnattr_destroy(&attributes_);
    }
    [[nodiscard]] const posix_spawn_file_actions_t* files() const noexcept { return &files_; }
    [[nodiscard]] const posix_spawnattr_t* attributes() const noexcept { return &attributes_; }

private:
    posix_spawn_file_actions_t files_{};
    posix_spawnattr_t attributes_{};
};

/// A descriptor that becomes readable when a stop is requested.
class StopDescriptor {
public:
    explicit StopDescriptor(const std::stop_token& token) : event_(::eventfd(0, EFD_CLOEXEC)), on_stop_(token, Signal{event_.get()}) {}
    [[nodiscard]] int get() const noexcept { return event_.get(); }

private:
    struct Signal {
        int event;
        void operator()() const noexcept {
            const std::uint64_t one = 1;
            TENTER_ASSERT(::write(event, &one, sizeof one) == sizeof one);
        }
    };
    Descriptor event_;
    std::stop_callback<Signal> on_stop_;
};

class Child {
public:
    Child(pid_t process, Descriptor ended, Descriptor input, BytesView unwritten, const ChildLimits& limits)
        : process_(process), ended_(std::move(ended)), input_(std::move(input)), unwritten_(unwritten), limits_(limits) {
        if (unwritten_.empty()) input_.close();
        if (limits_.timeout.count() > 0) deadline_ = Time::now() + limits_.timeout;
    }

    ChildEnd wait(const std::stop_token& stop, const std::stop_token& hurry) {
        StopDescriptor stopped(stop);
        StopDescriptor hurried(hurry);
        std::array<pollfd, 4> watched{{{.fd = ended_.get(), .events = POLLIN, .revents = 0},
                                       {.fd = input_.get(), .events = POLLOUT, .revents = 0},
                                       {.fd = stopped.get(), .events = POLLIN, .revents = 0},
                                       {.fd = hurried.get(), .events = POLLIN, .revents = 0}}};
        while (true) {
            if (::poll(watched.data(), watched.size(), milliseconds_left()) < 0) continue;  // EINTR
            if (watched[0].revents != 0) return reap();
            if (watched[1].revents != 0) feed();
            watched[1].fd = input_.get();
            if (watched[2].revents != 0) {
                watched[2].fd = -1;
                end_by(Time::now() + limits_.grace);
            }
            if (watched[3].revents != 0) {
                watched[3].fd = -1;
                end_by(Time::now());
            }
            if (deadline_ && Time::now() >= *deadline_) pass_deadline();
        }
    }

private:
    /// Until the deadline, rounded up; -1: for ever.
    [[nodiscard]] int milliseconds_left() const {
        if (!deadline_) return -1;
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline_ - Time::now());
        return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
    }

    void feed() {
        const auto written = ::write(input_.get(), unwritten_.data(), unwritten_.size());
        if (written >= 0) {
            unwritten_.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EAGAIN && errno != EINTR) {
            unwritten_ = {};  // EPIPE: it wants no more
        }
        if (unwritten_.empty()) input_.close();
    }

    void end_by(Time::time_point time) {
        if (phase_ == Phase::running && (!deadline_ || time < *deadline_)) {
            deadline_ = time;
            is_stopping_ = true;
        }
    }

    void pass_deadline() {
        if (phase_ == Phase::running) {
            phase_ = Phase::terminated;
            timed_out_ = !is_stopping_;
            deadline_ = Time::now() + limits_.kill_after;
            ::kill(-process_, SIGTERM);
        } else {
            deadline_.reset();
            ::kill(-process_, SIGKILL);
        }
    }

    ChildEnd reap() {
        if (phase_ == Phase::terminated) ::kill(-process_, SIGKILL);  // what it leaves behind; the id is its own until it is reaped
        int status = 0;
        while (::waitpid(process_, &status, 0) < 0) TENTER_ASSERT(errno == EINTR);
        if (timed_out_) return {.how = ChildEnd::How::timed_out};
        if (WIFSIGNALED(status)) return {.how = ChildEnd::How::killed, .code = WTERMSIG(status)};
        return {.how = ChildEnd::How::exited, .code = WEXITSTATUS(status)};
    }

    enum class Phase : std::uint8_t { running, terminated };
    pid_t process_;
    Descriptor ended_;  ///< pidfd
    Descriptor input_;
    BytesView unwritten_;
    ChildLimits limits_;
    Phase phase_ = Phase::running;
    std::optional<Time::time_point> deadline_;
    bool is_stopping_ = false;
    bool timed_out_ = false;
};

}  // namespace

std::string to_string(const ChildEnd& end) {
    switch (end.how) {
        case ChildEnd::How::exited: return "exit code " + std::to_string(end.code);
        case ChildEnd::How::killed: {
            const char* const name = sigdescr_np(end.code);
            return "killed by signal " + std::to_string(end.code) + (name != nullptr ? " (" + std::string(name) + ")" : "");
        }
        case ChildEnd::How::timed_out: break;
    }
    return "did not end in time";
}

Result<ChildEnd> run_child(const ChildCommand& command, BytesView input, const ChildLimits& limits, const std::stop_token& stop,
                           const std::stop_token& hurry) {
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return failed("pipe", errno);
    Descriptor read_end(ends[0]);
    Descriptor write_end(ends[1]);
    if (::fcntl(write_end.get(), F_SETFL, O_NONBLOCK) != 0) return failed("pipe", errno);

    const SpawnSettings settings(read_end.get());
    pid_t process = -1;
    const int error = ::posix_spawnp(&process, command.arguments.front().c_str(), settings.files(), settings.attributes(),
                                     pointers_to(command.arguments).data(), pointers_to(command.environment).data());
    if (error != 0) return failed("cannot run " + command.arguments.front(), error);
    read_end.close();
    Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, process, 0)));  // sys/pidfd.h of glibc 2.36 is for C only
    if (ended.get() < 0) {
        const int reason = errno;
        ::kill(-process, SIGKILL);
        ::waitpid(process, nullptr, 0);
        return failed("pidfd_open", reason);
    }
    return Child(process, std::move(ended), std::move(write_end), input, limits).wait(stop, hurry);
}

}  // namespace tenter::cli
