#include "cli/start_point.hpp"

#include <gtest/gtest.h>

#include "tenter/base/timestamp.hpp"

namespace tenter::cli {
namespace {

const UnixMillis noon = *parse_rfc3339("2026-11-23T12:00:00Z");

TEST(StartPoint, is_earliest_latest_an_offset_or_a_time) {
    EXPECT_TRUE(std::holds_alternative<FromEarliest>(*parse_start_point("earliest", noon)));
    EXPECT_TRUE(std::holds_alternative<FromLatest>(*parse_start_point("latest", noon)));
    EXPECT_EQ(std::get<FromOffset>(*parse_start_point("offset:12", noon)).offset, 12);
    EXPECT_EQ(std::get<FromTime>(*parse_start_point("time:2026-11-23T12:00:00Z", noon)).time, noon);
    EXPECT_EQ(std::get<FromTime>(*parse_start_point("time:-90m", noon)).time, *parse_rfc3339("2026-11-23T10:30:00Z"));
}

TEST(StartPoint, refuses_everything_else) {
    for (const char* wrong :
         {"", "first", "offset:", "offset:-1", "offset:1x", "offset:99999999999999999999", "time:", "time:-5", "time:yesterday"})
        EXPECT_FALSE(parse_start_point(wrong, noon)) << wrong;
}

}  // namespace
}  // namespace tenter::cli
