#include "gateway/app/operator_log.hpp"

#include <gtest/gtest.h>

namespace tenter::app {
namespace {

const UnixMillis noon{std::chrono::milliseconds(1'795'435'200'120)};  // date -u -d @1795435200

TEST(OperatorLogLine, as_text_quotes_only_what_needs_it) {
    EXPECT_EQ(format_line(LogFormat::text, noon, LogLevel::warn, "refused", {{"status", "401"}, {"reason", "does \"not\" match"}}),
              "2026-11-23T12:00:00.120Z warn  refused status=401 reason=\"does \\\"not\\\" match\"");
}

TEST(OperatorLogLine, as_text_keeps_a_line_feed_from_making_a_second_line) {
    EXPECT_EQ(format_line(LogFormat::text, noon, LogLevel::info, "x", {{"peer", "a\nb"}}),
              "2026-11-23T12:00:00.120Z info  x peer=\"a\\nb\"");
}

TEST(OperatorLogLine, as_json_is_one_object) {
    EXPECT_EQ(format_line(LogFormat::json, noon, LogLevel::error, "log_failed", {{"reason", "I/O \"error\""}}),
              R"({"time":"2026-11-23T12:00:00.120Z","level":"error","event":"log_failed","reason":"I/O \"error\""})");
}

}  // namespace
}  // namespace tenter::app
