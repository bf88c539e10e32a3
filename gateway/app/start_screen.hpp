#pragma once
// gateway/app/start_screen.hpp: what `tenter serve` prints once it is up: where everything is, how each source verifies, and lines to try
// it.

#include <string>
#include <string_view>
#include <vector>

#include "gateway/broker/client.hpp"
#include "gateway/config/config.hpp"
#include "gateway/http/server.hpp"

namespace tenter::app {

struct StartScreen {
    std::string_view version;
    std::string_view program;      ///< How the user called it, for the lines to paste: "build/release/tenter".
    std::string_view log_summary;  ///< Where it is, and what recovery found.
    std::vector<http::ListenAddress> addresses;
    std::vector<broker::Endpoint> kafka;  ///< Empty: not there.
    bool colour = false;
    bool nobody_reads = false;  ///< It listens for Kafka clients and there is no consumer.
};

/// Several lines, the last one ended. Sources without verification are marked.
[[nodiscard]] std::string start_screen(const config::Config& config, const StartScreen& screen);

/// "http://127.0.0.1:8080", "http://[::1]:8080"; an address that means every interface reads as loopback, which works from here.
[[nodiscard]] std::string base_url(const http::ListenAddress& address);

}  // namespace tenter::app
