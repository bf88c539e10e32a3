#pragma once
// bench/baseline/serve_until_stopped.hpp: what the baseline programs share: the gateway's HTTP room on a free port, until SIGTERM or
// SIGINT.

#include "gateway/http/server.hpp"

namespace tenter::bench {

/// Serves 127.0.0.1 on a free port with the gateway's defaults, prints `listening  http://127.0.0.1:PORT`, drains when told to stop.
/// Returns the program's exit code. Must be called before other threads are started: it blocks the signals that it waits for.
int serve_until_stopped(http::Handler& handler);

}  // namespace tenter::bench
