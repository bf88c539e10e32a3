#include "gateway/app/operator_log.hpp"

#include <string>

#include <spdlog/async_logger.h>
#include <spdlog/details/thread_pool.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "tenter/base/json_text.hpp"
#include "tenter/base/timestamp.hpp"

namespace tenter::app {
namespace {

constexpr std::size_t waiting_lines = 8192;
constexpr std::uint32_t throttled_lines_per_second = 20;

std::string_view name_of(LogLevel level) {
    switch (level) {
        case LogLevel::info: return "info";
        case LogLevel::warn: return "warn";
        case LogLevel::error: return "error";
    }
    return "info";
}

bool is_plain(std::string_view value) { return !value.empty() && value.find_first_of(" \"\\=\t\r\n") == std::string_view::npos; }

std::string text_line(UnixMillis time, LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    std::string line = to_rfc3339(time);
    line.append(" ").append(name_of(level)).append(name_of(level).size() < 5 ? "  " : " ").append(event);
    for (const auto& [key, value] : fields) {
        line.append(" ").append(key).append("=");
        if (is_plain(value)) {
            line.append(value);
        } else {
            append_json_string(line, value);
        }
    }
    return line;
}

std::string json_line(UnixMillis time, LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    std::string line = R"({"time":")" + to_rfc3339(time) + R"(","level":")";
    line.append(name_of(level)).append(R"(","event":)");
    append_json_string(line, event);
    for (const auto& [key, value] : fields) {
        line += ',';
        append_json_string(line, key);
        line += ':';
        append_json_string(line, value);
    }
    return line + '}';
}

}  // namespace

std::string format_line(LogFormat format, UnixMillis time, LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    return format == LogFormat::json ? json_line(time, level, event, fields) : text_line(time, level, event, fields);
}

class OperatorLog::Sink {
public:
    Sink()
        : pool_(std::make_shared<spdlog::details::thread_pool>(waiting_lines, 1)),
          logger_(std::make_shared<spdlog::async_logger>("tenter", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool_,
                                                         spdlog::async_overflow_policy::overrun_oldest)) {
        logger_->set_formatter(std::make_unique<spdlog::pattern_formatter>("%v"));
        logger_->flush_on(spdlog::level::info);
    }
    void write(std::string_view line) { logger_->info(spdlog::string_view_t(line.data(), line.size())); }

private:
    std::shared_ptr<spdlog::details::thread_pool> pool_;  // its destructor writes what waits
    std::shared_ptr<spdlog::async_logger> logger_;
};

OperatorLog::OperatorLog(LogFormat format, const Clock& clock) : format_(format), clock_(clock), sink_(std::make_unique<Sink>()) {}
OperatorLog::~OperatorLog() = default;

void OperatorLog::write(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    sink_->write(format_line(format_, clock_.now(), level, event, fields));
}

void OperatorLog::write_throttled(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
    const std::int64_t second = clock_.now().time_since_epoch().count() / 1000;
    if (throttle_second_.exchange(second) != second) {
        const std::uint32_t last_second = lines_this_second_.exchange(0);
        if (last_second > throttled_lines_per_second)
            write(LogLevel::warn, "lines_left_out", {{"count", std::to_string(last_second - throttled_lines_per_second)}});
    }
    if (lines_this_second_.fetch_add(1) < throttled_lines_per_second) write(level, event, fields);
}

}  // namespace tenter::app
