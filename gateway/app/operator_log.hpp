#pragma once
// gateway/app/operator_log.hpp: what the operator reads: one line per thing that matters, as text or as JSON, never a secret.
//
//   2026-11-23T14:48:33.120Z warn  refused source=github peer=203.0.113.7 status=401 reason="signature does not match"
//   {"time":"2026-11-23T14:48:33.120Z","level":"warn","event":"refused","source":"github",...}

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <utility>

#include "tenter/base/clock.hpp"

namespace tenter::app {

enum class LogFormat : std::uint8_t { text, json };
enum class LogLevel : std::uint8_t { info, warn, error };

using LogField = std::pair<std::string_view, std::string_view>;

/// Writes lines to stderr from a thread of its own: a slow terminal never slows a request; when 8,192 lines wait, the oldest are dropped.
/// All members may be called from any thread.
class OperatorLog {
public:
    OperatorLog(LogFormat format, const Clock& clock);
    OperatorLog(const OperatorLog&) = delete;
    OperatorLog& operator=(const OperatorLog&) = delete;
    ~OperatorLog();  ///< Writes what waits.

    void write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);
    /// As `write`, but at most 20 lines a second: what others can cause at will must not fill the disk. The rest is counted in a line of
    /// its own.
    void write_throttled(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

private:
    class Sink;

    LogFormat format_;
    const Clock& clock_;
    std::unique_ptr<Sink> sink_;
    std::atomic<std::int64_t> throttle_second_ = 0;
    std::atomic<std::uint32_t> lines_this_second_ = 0;
};

/// The line that `OperatorLog` writes.
[[nodiscard]] std::string format_line(LogFormat format, UnixMillis time, LogLevel level, std::string_view event,
                                      std::initializer_list<LogField> fields);

}  // namespace tenter::app
