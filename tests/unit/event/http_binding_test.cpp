// The cases for header values are those of the official C# SDK's tests.
#include "tenter/event/http_binding.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace tenter::event {
namespace {

TEST(ContentMode, goes_by_the_prefix_of_the_content_type_in_any_case) {
    EXPECT_EQ(content_mode("application/cloudevents-batch+json"), ContentMode::batched);
    EXPECT_EQ(content_mode("Application/CloudEvents-Batch+JSON; charset=utf-8"), ContentMode::batched);
    EXPECT_EQ(content_mode("application/cloudevents+json"), ContentMode::structured);
    EXPECT_EQ(content_mode("APPLICATION/CLOUDEVENTS"), ContentMode::structured);
    EXPECT_EQ(content_mode("application/json"), ContentMode::binary);
    EXPECT_EQ(content_mode(""), ContentMode::binary);
}

TEST(EventFormat, only_JSON_is_understood) {
    EXPECT_TRUE(is_json_event_format("application/cloudevents+json; charset=utf-8"));
    EXPECT_TRUE(is_json_event_format("Application/CloudEvents-Batch+Json"));
    EXPECT_FALSE(is_json_event_format("application/cloudevents+avro"));
    EXPECT_FALSE(is_json_event_format("application/cloudevents"));
}

const std::pair<const char*, const char*> round_trips[] = {
    {"simple", "simple"},
    {"Euro \xE2\x82\xAC \xF0\x9F\x98\x80", "Euro%20%E2%82%AC%20%F0%9F%98%80"},
    {"two  spaces", "two%20%20spaces"},
    {"percent % quote \"", "percent%20%25%20quote%20%22"},
    {"with \\ backslash", "with%20\\%20backslash"},
    {"\xC3\xA9", "%C3%A9"},
    {"", ""},
};

TEST(HeaderValue, is_encoded_and_decoded_back) {
    for (const auto& [text, encoded] : round_trips) {
        EXPECT_EQ(encode_header_value(text), encoded);
        EXPECT_EQ(decode_header_value(encoded), text);
    }
}

TEST(HeaderValue, is_decoded_leniently_where_the_binding_says_so) {
    EXPECT_EQ(decode_header_value("lenient decoding %30%31"), "lenient decoding 01");
    EXPECT_EQ(decode_header_value("lower-case hex %c3%a9"), "lower-case hex \xC3\xA9");
    EXPECT_EQ(decode_header_value("\"  quoted  text  \"unquoted"), "  quoted  text  unquoted");
    EXPECT_EQ(decode_header_value("non-escaping backslash\\end"), "non-escaping backslash\\end");
    EXPECT_EQ(decode_header_value("\"quoted \\\"escapes\\\\ %41\""), "quoted \"escapes\\ A");
    EXPECT_EQ(decode_header_value("once only %2541"), "once only %41");
}

TEST(HeaderValue, is_refused_where_it_means_nothing) {
    for (const char* wrong : {"%", "%0", "%g0", "%0g", "%0$", "%ED%B0%80", "%ED%A0%80", "%ED%A0%80%ED%B0%80", "%C0%A0", "%E2", "%E2%",
                              "%E2x", "%82", "%E2%E2", "\"unterminated quote", "\"unterminated escape\\"})
        EXPECT_FALSE(decode_header_value(wrong)) << wrong;
}

}  // namespace
}  // namespace tenter::event
