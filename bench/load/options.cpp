#include "bench/load/options.hpp"

#include <charconv>
#include <system_error>

#include "bench/load/request_pool.hpp"

namespace tenter::load {
namespace {

template <class Number>
Result<void> read_number(std::string_view name, std::string_view text, Number minimum, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < minimum)
        return fail(Errc::invalid_input, std::string(name) + " needs a number from " + std::to_string(minimum) + " on");
    return {};
}

Result<void> read_seconds(std::string_view name, std::string_view text, std::chrono::milliseconds& value) {
    double seconds = 0;
    if (auto read = read_number(name, text, 0.0, seconds); !read) return read;
    value = std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    return {};
}

Result<void> set(Options& options, std::string_view name, std::string_view value) {
    if (name == "--host") return options.host = value, Result<void>{};
    if (name == "--path") return options.path = value, Result<void>{};
    if (name == "--secret") return options.secret = value, Result<void>{};
    if (name == "--port") return read_number<std::uint16_t>(name, value, 1, options.port);
    if (name == "--connections") return read_number<std::size_t>(name, value, 1, options.connections);
    if (name == "--threads") return read_number<std::size_t>(name, value, 1, options.threads);
    if (name == "--sources") return read_number<std::size_t>(name, value, 1, options.sources);
    if (name == "--body") return read_number<std::size_t>(name, value, min_body_bytes, options.body_bytes);
    if (name == "--rate") return read_number(name, value, 0.0, options.rate_per_second);
    if (name == "--count") return read_number<std::uint64_t>(name, value, 0, options.count);
    if (name == "--server") return read_number<pid_t>(name, value, 1, options.server);
    if (name == "--warm-up") return read_seconds(name, value, options.warm_up);
    if (name == "--duration") return read_seconds(name, value, options.duration);
    return fail(Errc::invalid_input, "unknown argument " + std::string(name));
}

}  // namespace

std::string_view usage() noexcept {
    return R"(usage: load_generator [--NAME VALUE]...

Sends signed CloudEvents over keep-alive connections and prints one JSON object with what was answered, how fast, and what it cost.

  --host 127.0.0.1   --port 8080     the server; a numeric IPv4 address
  --path /bench      --sources 1     where to; several sources, in turn, are /bench0, /bench1, ...
  --secret TEXT                      key of X-Hub-Signature-256
  --body 1024                        bytes of each event
  --connections 64   --threads 2     of the load generator; each thread has its share of the connections
  --rate 0                           events a second (open loop, latency from the time that an event was due);
                                     0: each connection sends when it was answered (closed loop)
  --warm-up 1        --duration 5    seconds; the warm-up is not measured
  --count 0                          at most so many requests; 0: no limit
  --server PID                       whose CPU time to measure

exit: 0 when the run took place, whatever was answered; 1 when it could not begin; 2 wrong arguments
)";
}

Result<Options> parse_options(std::span<const char* const> arguments) {
    Options options;
    for (std::size_t i = 0; i < arguments.size(); i += 2) {
        const std::string_view name = arguments[i];
        if (name == "--help" || name == "-h") {
            options.help = true;
            return options;
        }
        if (i + 1 == arguments.size()) return fail(Errc::invalid_input, std::string(name) + " needs a value");
        if (auto done = set(options, name, arguments[i + 1]); !done) return fail(std::move(done.error()));
    }
    if (options.threads > options.connections) options.threads = options.connections;
    return options;
}

}  // namespace tenter::load
