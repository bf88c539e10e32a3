#include "cli/interruption.hpp"

#include <array>
#include <cstdint>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tenter/base/assert.hpp"

namespace tenter::cli {

Interruption::Interruption(int output) {
    sigset_t ours;
    sigemptyset(&ours);
    sigaddset(&ours, SIGINT);
    sigaddset(&ours, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ours, &former_mask_);
    struct sigaction ignore{};
    ignore.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &ignore, &former_pipe_);
    signals_ = ::signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
    end_ = ::eventfd(0, EFD_CLOEXEC);
    TENTER_ASSERT(signals_ >= 0 && end_ >= 0);
    watcher_ = std::thread([this, output] { watch(output); });
}

Interruption::~Interruption() {
    const std::uint64_t one = 1;
    TENTER_ASSERT(::write(end_, &one, sizeof one) == sizeof one);
    watcher_.join();
    ::close(signals_);
    ::close(end_);
    sigaction(SIGPIPE, &former_pipe_, nullptr);
    pthread_sigmask(SIG_SETMASK, &former_mask_, nullptr);
}

void Interruption::watch(int output) {
    std::array<pollfd, 3> watched{{{.fd = end_, .events = POLLIN, .revents = 0},
                                   {.fd = signals_, .events = POLLIN, .revents = 0},
                                   {.fd = output, .events = 0, .revents = 0}}};  // tells of errors only
    while (true) {
        if (::poll(watched.data(), watched.size(), -1) < 0) continue;  // EINTR
        if (watched[0].revents != 0) return;
        if (watched[2].revents != 0) {
            stop_.request_stop();
            watched[2].fd = -1;
        }
        signalfd_siginfo signal{};
        while (::read(signals_, &signal, sizeof signal) == sizeof signal)
            if (!stop_.request_stop()) hurry_.request_stop();
    }
}

}  // namespace tenter::cli
