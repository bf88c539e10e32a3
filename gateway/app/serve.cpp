#include "gateway/app/serve.hpp"

#include <csignal>
#include <cstdio>
#include <memory>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "gateway/app/forward_options.hpp"
#include "gateway/app/kafka_service.hpp"
#include "gateway/app/open_log.hpp"
#include "gateway/app/start_screen.hpp"
#include "gateway/consumers/registry_file.hpp"
#include "gateway/forward/forwarder.hpp"
#include "gateway/http/server.hpp"
#include "gateway/ingest/ingest.hpp"
#include "tenter/base/assert.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/random.hpp"

namespace tenter::app {
namespace {

/// How long requests that wait for a failed log have to be answered before the process ends (log.md, Failure: within 2 s).
constexpr std::chrono::milliseconds failure_grace{1'000};
constexpr unsigned failure_deadline_seconds = 2;
/// What is appended at the end is in Kafka soon where Kafka is there, and waits for the next start where it is not.
constexpr std::chrono::milliseconds forward_catch_up{2'000};
/// How often what could not start on a full disk is tried again.
constexpr std::chrono::milliseconds retry_interval{1'000};

/// Wakes the main thread from any other.
class Alarm {
public:
    Alarm() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { TENTER_ASSERT(descriptor_ >= 0); }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    ~Alarm() { ::close(descriptor_); }

    void raise() noexcept { [[maybe_unused]] const int done = ::eventfd_write(descriptor_, 1); }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

/// SIGTERM and SIGINT as a descriptor. Blocks them for the whole process: made before any thread.
class StopSignals {
public:
    StopSignals() {
        ::sigemptyset(&signals_);
        ::sigaddset(&signals_, SIGTERM);
        ::sigaddset(&signals_, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
        descriptor_ = ::signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK);
        TENTER_ASSERT(descriptor_ >= 0);
    }
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals() { ::close(descriptor_); }

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }
    /// Forgets the signal that came and lets the next one end the process at once: for a drain that takes too long.
    void next_one_kills() {
        signalfd_siginfo ignored{};
        [[maybe_unused]] const ssize_t size = ::read(descriptor_, &ignored, sizeof ignored);
        ::pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
    }

private:
    sigset_t signals_{};
    int descriptor_ = -1;
};

/// One descriptor a connection and one a segment: the soft limit of 1,024 is for programs that use select. Before `log_options` looks.
void raise_file_limit() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

http::ServerOptions server_options(const config::HttpConfig& http, std::optional<std::uint16_t> port) {
    http::ServerOptions options;
    for (const auto& address : http.listen) options.listen.push_back({address.host, port.value_or(address.port)});
    options.max_body_bytes = http.max_body_bytes;
    options.max_header_bytes = http.max_header_bytes;
    options.max_connections = http.max_connections;
    options.header_timeout = http.header_timeout;
    options.body_timeout = http.body_timeout;
    options.idle_timeout = http.idle_timeout;
    options.drain_timeout = http.drain_timeout;
    options.threads = http.threads;
    return options;
}

/// Everything that runs, in the order in which it is made; taken apart by `stop` in the other.
class Gateway {
public:
    Gateway(config::Config config, const ServeOptions& options, Alarm& log_failed)
        : config_(std::move(config)), options_(options), operator_log_(options.log_format, clock_), log_failed_(log_failed) {}
    Gateway(const Gateway&) = delete;
    Gateway& operator=(const Gateway&) = delete;
    ~Gateway() {
        if (kafka_) kafka_->stop();  // where the start failed after it; the log must be there
    }

    Result<void> start() {
        auto opened = open_log(config_, env_, clock_,
                               {.on_failed = [this](const Error& error) { report_failure(error); },
                                .on_notice = [this](std::string_view text) { report_notice(text); }});
        if (!opened) return fail(std::move(opened.error()));
        log_ = std::move(opened->log);
        embedded_log_ = opened->embedded;
        log_summary_ = std::move(opened->summary);
        auto sources = ingest::make_sources(config_.sources, *log_);
        if (!sources) return fail(std::move(sources.error()));
        if (auto forwarding = start_forwarder(std::move(opened->id)); !forwarding) return forwarding;
        if (auto listening = start_kafka(); !listening) return listening;
        ingest_ = std::make_unique<ingest::Ingest>(std::move(*sources), *log_, clock_, random_,
                                                   [this](const ingest::RefusedRequest& refused) { report(refused); });
        server_ = std::make_unique<http::Server>(
            server_options(config_.http, options_.port), clock_, *ingest_, [this](const http::Rejection& rejection) { report(rejection); },
            [](unsigned status, std::string_view reason) { return receive::error_body(code_for(status), reason); });
        return server_->start();
    }

    void print_start_screen() {
        const auto screen =
            start_screen(config_, {options_.version, options_.program, log_summary_, server_->addresses(),
                                   kafka_ ? kafka_->addresses() : std::vector<broker::Endpoint>(), options_.colour, nobody_reads()});
        std::fputs(screen.c_str(), stdout);
        std::fflush(stdout);
    }

    /// Answers what is under way, then closes the log. Exit code of the process.
    int stop() {
        ingest_->set_draining();
        operator_log_.write(LogLevel::info, "stopping", {});
        const std::size_t cut_off = server_->stop();
        if (cut_off > 0) operator_log_.write(LogLevel::warn, "requests_cut_off", {{"count", std::to_string(cut_off)}});
        if (forwarder_) forwarder_->stop(forward_catch_up);
        if (kafka_) kafka_->stop();
        if (auto closed = log_->stop(); !closed) {
            operator_log_.write(LogLevel::error, "log_failed", {{"reason", closed.error().message}});
            return exit_log_failed;
        }
        operator_log_.write(LogLevel::info, "stopped", {});
        return exit_ok;
    }

    /// The log already refused what waited; let those answers out, take nothing new, and end: also when a thread hangs in a dying disk.
    int end_after_failure() {
        std::signal(SIGALRM, [](int) { ::_exit(exit_log_failed); });
        ::alarm(failure_deadline_seconds);
        server_->close_listeners();
        if (kafka_) kafka_->close_listeners();
        server_->stop(failure_grace);
        if (kafka_) kafka_->stop();
        static_cast<void>(log_->stop());  // before the handler goes that its last completions call; why it failed was reported
        return exit_log_failed;
    }

    /// Whether something waits for room on the disk to start.
    [[nodiscard]] bool wants_retry() const noexcept { return kafka_waits_; }
    void retry() {
        if (auto listening = start_kafka(); !listening)
            operator_log_.write(LogLevel::error, "kafka", {{"notice", "not started: " + listening.error().message}});
    }

private:
    [[nodiscard]] bool nobody_reads() {
        if (!kafka_ || kafka_waits_) return false;
        consumers::RegistryFile file(env_, config_.data);
        const auto registry = file.current();
        return registry && (*registry)->all().empty();
    }
    /// A full disk is no reason not to serve what can be served.
    Result<void> start_kafka() {
        if (!wants_kafka_service(config_)) return {};
        if (!kafka_) kafka_ = std::make_unique<KafkaService>(config_, options_.kafka_port, env_, clock_, random_, operator_log_);
        auto started = kafka_->start(*embedded_log_);
        kafka_waits_ = !started && started.error().code == Errc::overloaded;
        if (started || kafka_waits_) return {};
        kafka_->stop();
        return fail(std::move(started.error()).within("[kafka]"));
    }
    Result<void> start_forwarder(std::function<Result<std::string>()> log_id) {
        if (!config_.forward) return {};
        forwarder_ = std::make_unique<forward::Forwarder>(
            *log_, clock_, forward_options(config_, std::move(log_id)),
            [this](forward::Severity severity, std::string_view text) { report_forwarding(severity, text); });
        auto started = forwarder_->start();
        if (!started) return fail(std::move(started.error()).within("[forward]"));
        return {};
    }

    static std::string_view code_for(unsigned status) {
        switch (status) {
            case 413:
            case 431: return "too_large";
            case 503: return "overloaded";
            case 408: return "timeout";
            default: return "invalid_input";
        }
    }

    void report(const ingest::RefusedRequest& refused) {
        operator_log_.write_throttled(LogLevel::warn, "refused",
                                      {{"source", refused.source.empty() ? "-" : refused.source},
                                       {"peer", refused.peer},
                                       {"status", std::to_string(refused.status)},
                                       {"reason", refused.message}});
    }
    void report(const http::Rejection& rejection) {
        operator_log_.write_throttled(LogLevel::warn, "rejected",
                                      {{"peer", rejection.peer},
                                       {"status", rejection.status == 0 ? "closed" : std::to_string(rejection.status)},
                                       {"reason", rejection.reason}});
    }
    void report_failure(const Error& error) {
        operator_log_.write(LogLevel::error, "log_failed", {{"reason", error.message}});
        log_failed_.raise();
    }
    void report_forwarding(forward::Severity severity, std::string_view text) {
        const LogLevel level = severity == forward::Severity::info      ? LogLevel::info
                               : severity == forward::Severity::warning ? LogLevel::warn
                                                                        : LogLevel::error;
        operator_log_.write(level, "forward", {{"notice", text}});
    }
    void report_notice(std::string_view text) { operator_log_.write(LogLevel::warn, "log", {{"notice", text}}); }

    config::Config config_;
    const ServeOptions& options_;
    PosixEnv env_;
    SystemClock clock_;
    SystemRandom random_;
    OperatorLog operator_log_;
    Alarm& log_failed_;
    std::unique_ptr<KafkaService> kafka_;  // what it is told by the log's last completions goes nowhere, but goes there
    bool kafka_waits_ = false;
    std::unique_ptr<log::EventLog> log_;
    log::SegmentLog* embedded_log_ = nullptr;
    std::string log_summary_;
    std::unique_ptr<forward::Forwarder> forwarder_;  // ends before the log
    std::unique_ptr<ingest::Ingest> ingest_;
    std::unique_ptr<http::Server> server_;
};

/// True when a signal came, false when the log failed.
bool wait_for_signal(const StopSignals& signals, const Alarm& log_failed, Gateway& gateway) {
    pollfd watched[2] = {{signals.descriptor(), POLLIN, 0}, {log_failed.descriptor(), POLLIN, 0}};
    while (true) {
        const int ready = ::poll(watched, 2, gateway.wants_retry() ? static_cast<int>(retry_interval.count()) : -1);
        if (ready > 0) return watched[1].revents == 0;
        if (ready == 0) gateway.retry();
    }
}

}  // namespace

int serve(config::Config config, const ServeOptions& options) {
    StopSignals signals;
    raise_file_limit();
    Alarm log_failed;
    Gateway gateway(std::move(config), options, log_failed);
    if (auto started = gateway.start(); !started) {
        std::fprintf(stderr, "tenter: %s\n", started.error().message.c_str());
        return exit_failure;
    }
    gateway.print_start_screen();
    if (!wait_for_signal(signals, log_failed, gateway)) return gateway.end_after_failure();
    signals.next_one_kills();
    return gateway.stop();
}

}  // namespace tenter::app
