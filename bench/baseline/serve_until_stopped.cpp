#include "bench/baseline/serve_until_stopped.hpp"

#include <csignal>
#include <cstdio>
#include <string>

#include "tenter/base/clock.hpp"

namespace tenter::bench {
namespace {

/// SIGTERM and SIGINT, blocked in this thread and all that it starts, so that `wait` gets them.
class StopSignals {
public:
    StopSignals() noexcept {
        ::sigemptyset(&set_);
        ::sigaddset(&set_, SIGTERM);
        ::sigaddset(&set_, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    }
    void wait() const noexcept {
        int got = 0;
        ::sigwait(&set_, &got);
    }

private:
    sigset_t set_{};
};

}  // namespace

int serve_until_stopped(http::Handler& handler) {
    const StopSignals signals;
    const SystemClock clock;
    http::ServerOptions options;
    options.listen = {{"127.0.0.1", 0}};
    http::Server server(
        options, clock, handler, [](const http::Rejection&) {}, [](unsigned, std::string_view reason) { return std::string(reason); });
    if (const auto started = server.start(); !started) {
        std::fprintf(stderr, "%s\n", started.error().message.c_str());
        return 1;
    }
    const auto address = server.addresses().front();
    std::printf("listening  http://%s:%u\n", address.host.c_str(), address.port);
    std::fflush(stdout);
    signals.wait();
    server.stop();
    return 0;
}

}  // namespace tenter::bench
