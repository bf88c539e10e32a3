#pragma once
// gateway/app/serve.hpp: `tenter serve`: puts the rooms together, runs until told to stop, and takes them apart in the right order.
//
//   start:  log (lock, recovery) -> sources (verifiers, topics) -> forwarder (checks its cluster) -> Kafka listener -> HTTP listener
//           -> start screen
//   stop:   SIGTERM or SIGINT -> not ready -> HTTP listener drains -> forwarder, with a moment to catch up -> Kafka listener -> log closes
//           -> exit 0; a second signal ends at once
//   failure of the log: listeners close, waiting requests have their 503, exit 74 within 2 s

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/app/operator_log.hpp"
#include "gateway/config/config.hpp"

namespace tenter::app {

struct ServeOptions {
    std::optional<std::uint16_t> port;        ///< In place of the port of every configured address; 0 takes a free one.
    std::optional<std::uint16_t> kafka_port;  ///< The same for the Kafka listener.
    LogFormat log_format = LogFormat::text;
    bool colour = false;
    std::string program = "tenter";
    std::string version;
};

/// Exit codes of `serve`, besides those of the command line.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;      ///< Could not start: the reason is on stderr.
inline constexpr int exit_log_failed = 74;  ///< EX_IOERR: an event could not be made durable.

/// Runs the gateway in this process, which it then owns (signals, file limit), and returns the exit code. Call once, from the main thread,
/// before any other thread exists.
[[nodiscard]] int serve(config::Config config, const ServeOptions& options);

}  // namespace tenter::app
