#include "tenter/event/cloud_event.hpp"

#include <string>
#include <tuple>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::event {
namespace {

using testing::HasSubstr;

CloudEvent valid_event() { return {.id = "1", .source = "/s", .type = "t"}; }

TEST(AttributeValue, goes_to_its_canonical_string_and_back) {
    const std::tuple<AttributeType, const char*, AttributeValue> cases[] = {
        {AttributeType::boolean, "true", true},
        {AttributeType::boolean, "false", false},
        {AttributeType::integer, "0", 0},
        {AttributeType::integer, "2147483647", INT32_MAX},
        {AttributeType::integer, "-2147483648", INT32_MIN},
        {AttributeType::string, "Euro \xE2\x82\xAC", std::string("Euro \xE2\x82\xAC")},
        {AttributeType::binary, "aGVsbG8=", Binary{"hello"}},
        {AttributeType::uri, "https://example.com/a?b#c", Uri{"https://example.com/a?b#c"}},
        {AttributeType::uri_reference, "../a", UriReference{"../a"}},
        {AttributeType::timestamp, "1970-01-01T00:00:01.5Z",
         Timestamp{"1970-01-01T00:00:01.5Z", UnixMillis{std::chrono::milliseconds{1500}}}},
    };
    for (const auto& [type, text, value] : cases) {
        EXPECT_EQ(from_canonical_string(type, text), value) << text;
        EXPECT_EQ(to_canonical_string(value), text);
        EXPECT_EQ(type_of(value), type) << text;
    }
}

TEST(AttributeValue, refuses_text_that_is_not_of_its_type) {
    const std::pair<AttributeType, std::string> cases[] = {
        {AttributeType::boolean, "TRUE"},
        {AttributeType::boolean, ""},
        {AttributeType::integer, "2147483648"},
        {AttributeType::integer, "-2147483649"},
        {AttributeType::integer, "01"},
        {AttributeType::integer, "+1"},
        {AttributeType::integer, "1.0"},
        {AttributeType::integer, "-"},
        {AttributeType::integer, ""},
        {AttributeType::string, "\x01"},
        {AttributeType::string, "\x7F"},
        {AttributeType::string, "\xC2\x80"},
        {AttributeType::string, "\xFF"},
        {AttributeType::binary, "aGVsbG8"},
        {AttributeType::uri, "/relative"},
        {AttributeType::uri_reference, "a b"},
        {AttributeType::timestamp, "today"},
        {AttributeType::string, "\xEF\xBF\xBE"},
        {AttributeType::integer, "99999999999999"},
    };
    for (const auto& [type, text] : cases) EXPECT_FALSE(from_canonical_string(type, text)) << text;
    EXPECT_EQ(from_canonical_string(AttributeType::uri, "x").error().message, "is not a URI");
}

TEST(CloudEvent, three_attributes_are_enough) { EXPECT_TRUE(valid_event().validate()); }

TEST(CloudEvent, names_the_attribute_that_is_wrong) {
    using Change = void (*)(CloudEvent&);
    const std::pair<Change, const char*> cases[] = {
        {[](CloudEvent& event) { event.id.clear(); }, "\"id\""},
        {[](CloudEvent& event) { event.id = "\xFF"; }, "\"id\": is not UTF-8"},
        {[](CloudEvent& event) { event.source = "a b"; }, "\"source\""},
        {[](CloudEvent& event) { event.type = "\n"; }, "\"type\""},
        {[](CloudEvent& event) { event.datacontenttype = "json"; }, "\"datacontenttype\""},
        {[](CloudEvent& event) { event.dataschema = "x"; }, "\"dataschema\""},
        {[](CloudEvent& event) { event.subject = ""; }, "\"subject\""},
        {[](CloudEvent& event) { event.time = Timestamp{"2018-04-05T17:31:00Z", {}}; }, "\"time\": text and time differ"},
        {[](CloudEvent& event) { event.time = Timestamp{"x", {}}; }, "\"time\""},
        {[](CloudEvent& event) { event.extensions = {{"Upper", true}}; }, "\"Upper\""},
        {[](CloudEvent& event) { event.extensions = {{"", true}}; }, "\"\""},
        {[](CloudEvent& event) { event.extensions = {{"data", true}}; }, "\"data\""},
        {[](CloudEvent& event) { event.extensions = {{"subject", true}}; }, "\"subject\": is no extension"},
        {[](CloudEvent& event) { event.extensions = {{"a", true}, {"a", 1}}; }, "\"a\": stands there twice"},
        {[](CloudEvent& event) { event.extensions = {{"a", std::string("\x01")}}; }, "\"a\": is not a String"},
        {[](CloudEvent& event) { event.extensions = {{"a", Uri{"x"}}}; }, "\"a\": is not a URI"},
        {[](CloudEvent& event) { event.data = JsonData{"{"}; }, "data: JSON"},
        {[](CloudEvent& event) { event.data = TextData{"x"}; }, "data: text needs a datacontenttype"},
        {[](CloudEvent& event) {
             event.datacontenttype = "text/plain";
             event.data = TextData{"\xFF"};
         },
         "data: text is not UTF-8"},
    };
    for (const auto& [change, message] : cases) {
        auto event = valid_event();
        change(event);
        const auto valid = event.validate();
        ASSERT_FALSE(valid) << message;
        EXPECT_THAT(valid.error().message, HasSubstr(message));
    }
}

TEST(CloudEvent, sets_replaces_and_finds_extensions) {
    auto event = valid_event();
    ASSERT_TRUE(event.set_extension("a", 1));
    ASSERT_TRUE(event.set_extension("b", true));
    ASSERT_TRUE(event.set_extension("a", std::string("two")));
    EXPECT_EQ(event.extensions.size(), 2U);
    ASSERT_NE(event.extension("a"), nullptr);
    EXPECT_EQ(*event.extension("a"), AttributeValue(std::string("two")));
    EXPECT_EQ(event.extension("c"), nullptr);
    EXPECT_FALSE(event.set_extension("id", std::string("x")));
    EXPECT_FALSE(event.set_extension("a", std::string("\x01")));
    EXPECT_EQ(*event.extension("a"), AttributeValue(std::string("two")));
}

}  // namespace
}  // namespace tenter::event
