#pragma once
// bench/load/options.hpp: the command line of the load generator.

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "tenter/base/result.hpp"

namespace tenter::load {

struct Options {
    std::string host = "127.0.0.1";
    std::uint16_t port = 8080;
    std::size_t connections = 64;
    std::size_t threads = 2;
    std::size_t sources = 1;
    std::string path = "/bench";  ///< Of the source; with several sources a number is put behind it: "/bench0", "/bench1", ...
    std::string secret = "benchmark";
    std::size_t body_bytes = 1024;
    double rate_per_second = 0;  ///< 0: closed loop.
    std::chrono::milliseconds warm_up{1'000};
    std::chrono::milliseconds duration{5'000};
    std::uint64_t count = 0;  ///< At most so many requests, warm-up included; 0: no limit.
    pid_t server = 0;         ///< Process whose CPU time is measured; 0: none.
    bool help = false;
};

/// `invalid_input` names the argument.
[[nodiscard]] Result<Options> parse_options(std::span<const char* const> arguments);

[[nodiscard]] std::string_view usage() noexcept;

}  // namespace tenter::load
