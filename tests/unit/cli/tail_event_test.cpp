#include "cli/tail_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/tail.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

/// A stored record and the bytes that it views.
struct Stored {
    explicit Stored(BytesView body, std::vector<HeaderView> headers = {{"content-type", "application/json"}},
                    envelope::Encoding encoding = envelope::Encoding::json) {
        envelope::encode({envelope::Method::put, headers, body, encoding}, value);
        record.offset = {7};
        record.timestamp = *parse_rfc3339("2026-11-23T14:48:33.120Z");
        record.value = value;
        record.headers = {{"envelope", envelope::avro_v1_header_value},
                          {"tenter-id", BytesView("an-id")},
                          {"tenter-target", BytesView("/demo?x=1")},
                          {"tenter-verified", BytesView("none")}};
    }
    Bytes value;
    log::StoredRecord record;
};

std::string json_of(const Stored& stored) {
    const auto event = read_event(stored.record, "demo", 3);
    return event ? to_json_line(*event) : event.error().message;
}

TEST(TailJson, is_one_object_a_line_with_every_member_that_is_promised) {
    Stored stored("{\"a\":\"b\"}", {{"x-a", "1"}, {"x-b", "2"}, {"x-a", "3"}});
    stored.record.key = "k";
    EXPECT_EQ(
        json_of(stored),
        R"({"id":"an-id","source":"demo","partition":3,"offset":7,"time":"2026-11-23T14:48:33.120Z","method":"PUT","target":"/demo?x=1",)"
        R"("headers":{"x-a":["1","3"],"x-b":["2"]},"verified":"none","key":"k","body":"{\"a\":\"b\"}"})"
        "\n");
}

TEST(TailJson, has_null_for_no_key_and_base64_for_bytes_that_are_not_text) {
    Stored stored(BytesView("\x42\xFF\x00", 3), {}, envelope::Encoding::cbor);
    EXPECT_THAT(json_of(stored), HasSubstr(R"("headers":{},"verified":"none","key":null,"body_base64":"/wA="})"));
    stored.record.key = "\xFF";
    EXPECT_THAT(json_of(stored), HasSubstr(R"("key_base64":"/w==")"));
}

TEST(TailEvent, says_where_a_record_stands_that_no_gateway_wrote) {
    Stored stored("{}");
    stored.record.headers.clear();
    EXPECT_THAT(json_of(stored), HasSubstr("demo partition 3 offset 7: "));
    stored.record.headers = {{"envelope", BytesView("\x81", 1)}};
    EXPECT_THAT(json_of(stored), HasSubstr("demo partition 3 offset 7: "));
}

TEST(TailPretty, shows_what_matters_and_nothing_that_a_terminal_would_obey) {
    Stored stored("{\"a\":\"b\"}", {{"content-type", "application/json"}, {"host", "h"}, {"x-evil", "\x1b[31m"}});
    const auto event = read_event(stored.record, "demo", 0);
    ASSERT_TRUE(event);
    const std::string text = to_pretty_text(*event, false);
    EXPECT_THAT(text, HasSubstr("2026-11-23T14:48:33.120Z  PUT /demo?x=1  demo/0@7  not verified\n"));
    EXPECT_THAT(text, HasSubstr("  content-type: application/json\n"));
    EXPECT_THAT(text, HasSubstr("{\n  \"a\": \"b\"\n}\n"));
    EXPECT_THAT(text, HasSubstr("x-evil: \\x1b[31m"));
    EXPECT_THAT(text, Not(HasSubstr("host")));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

const UnixMillis noon = *parse_rfc3339("2026-11-23T12:00:00Z");

TEST(StartPoint, is_earliest_latest_an_offset_or_a_time) {
    EXPECT_TRUE(std::holds_alternative<FromEarliest>(*parse_start_point("earliest", noon)));
    EXPECT_TRUE(std::holds_alternative<FromLatest>(*parse_start_point("latest", noon)));
    EXPECT_EQ(std::get<FromOffset>(*parse_start_point("offset:12", noon)).offset.value, 12);
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
