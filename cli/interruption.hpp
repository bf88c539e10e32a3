#pragma once
// cli/interruption.hpp: SIGINT, SIGTERM, and a reader of our output that goes away: each is a wish that the command ends in order.
//
//   main, before any other thread: Interruption --> watcher thread --> stop_token: finish what is under way
//                                                         `--second signal--> hurry_token: do not wait for it

#include <stop_token>
#include <thread>

#include <csignal>

namespace tenter::cli {

/// While it lives, SIGINT and SIGTERM are blocked in the thread that made it and in those that are made later, and SIGPIPE is ignored: a
/// write to a closed pipe fails. One at a time, made before other threads.
class Interruption {
public:
    /// `output`: a descriptor whose reader is watched too; -1: none is. Where it is no pipe, socket or terminal nobody can go away.
    explicit Interruption(int output = -1);
    Interruption(const Interruption&) = delete;
    Interruption& operator=(const Interruption&) = delete;
    ~Interruption();

    [[nodiscard]] std::stop_token stop_token() const { return stop_.get_token(); }
    [[nodiscard]] std::stop_token hurry_token() const { return hurry_.get_token(); }
    /// As a signal does.
    void request_stop() { stop_.request_stop(); }

private:
    void watch(int output);

    std::stop_source stop_;
    std::stop_source hurry_;
    sigset_t former_mask_{};
    struct sigaction former_pipe_{};
    int signals_ = -1;  ///< signalfd
    int end_ = -1;      ///< eventfd: the watcher is to return.
    std::thread watcher_;
};

}  // namespace tenter::cli
