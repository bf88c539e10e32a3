#include "tenter/event/event_check.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::event {
namespace {

using testing::HasSubstr;

// CloudEvents JSON format 1.0.2, section 3.2, first example.
constexpr std::string_view spec_example = R"({
    "specversion" : "1.0",
    "type" : "com.example.someevent",
    "source" : "/mycontext",
    "subject": null,
    "id" : "C234-1234-1234",
    "time" : "2018-04-05T17:31:00Z",
    "comexampleextension1" : "value",
    "comexampleothervalue" : 5,
    "datacontenttype" : "application/json",
    "data" : { "appinfoA" : "abc", "appinfoB" : 123, "appinfoC" : true }
})";

std::string event_with(std::string_view members) {
    return R"({"specversion":"1.0","id":"1","source":"/s","type":"t")" + std::string(members.empty() ? "" : ",") + std::string(members) +
           "}";
}

std::string error_of(std::string_view body) {
    const auto checked = check_json_event(body);
    return checked ? "accepted" : checked.error().message;
}

TEST(JsonEvent, the_specifications_own_example_is_one) {
    const auto summary = check_json_event(spec_example);
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->id, "C234-1234-1234");
    EXPECT_EQ(summary->source, "/mycontext");
    EXPECT_EQ(summary->type, "com.example.someevent");
    EXPECT_EQ(summary->subject, std::nullopt);
    EXPECT_EQ(summary->partitionkey, std::nullopt);
}

TEST(JsonEvent, tells_subject_and_partition_key_with_their_escapes_undone) {
    const auto summary = check_json_event(event_with(R"("subject":"a\u20acb","partitionkey":"k\/1")"));
    ASSERT_TRUE(summary);
    EXPECT_EQ(summary->subject,
              "a\xE2\x82\xAC"
              "b");
    EXPECT_EQ(summary->partitionkey, "k/1");
}

TEST(JsonEvent, every_required_attribute_must_be_there_and_must_not_be_null_or_empty) {
    for (const std::string name : {"specversion", "id", "source", "type"}) {
        std::string text = R"({"specversion":"1.0","id":"1","source":"/s","type":"t"})";
        const auto at = text.find("\"" + name + "\"");
        std::string missing = text;
        missing.replace(at, name.size() + 2, "\"other\"");
        EXPECT_THAT(error_of(missing), HasSubstr("\"" + name + "\": is required and missing"));
        for (const std::string value : {"null", "\"\"", "1", "true", "{}", "[\"x\"]"}) {
            std::string wrong = text;
            const auto from = wrong.find(':', at) + 1;
            wrong.replace(from, wrong.find_first_of(",}", from) - from, value);
            EXPECT_THAT(error_of(wrong), HasSubstr("\"" + name + "\"")) << value;
        }
    }
}

TEST(JsonEvent, values_obey_their_types) {
    const std::pair<const char*, bool> cases[] = {
        {R"("time":"2018-04-05T17:31:00Z")", true},
        {R"("time":"2018-04-05 17:31:00Z")", false},
        {R"("time":"2018-04-05T17:31:00.1+02:00")", true},
        {R"("dataschema":"https://example.com/x")", true},
        {R"("dataschema":"/relative")", false},
        {R"("dataschema":"")", false},
        {R"("subject":"")", false},
        {R"("datacontenttype":"text/plain; charset=\"x\"")", true},
        {R"("datacontenttype":"text")", false},
        {R"("ext":2147483647)", true},
        {R"("ext":-2147483648)", true},
        {R"("ext":2147483648)", false},
        {R"("ext":1.5)", false},
        {R"("ext":1e2)", false},
        {R"("ext":false)", true},
        {R"("ext":{})", false},
        {R"("ext":["a"])", false},
        {R"("ext":null)", true},
        {R"("Ext":"a")", false},
        {R"("ext_1":"a")", false},
        {R"("averylongextensionnameofmorethantwenty":"a")", true},
        {R"("ext":"\u0007")", false},
        {R"("ext":"\ufdd0")", false},
        {R"("ext":"\ud800")", false},
        {R"("ext":"\u0085")", false},
        {R"("ext":"\ud83d\ude00")", true},
    };
    for (const auto& [member, accepted] : cases)
        EXPECT_EQ(error_of(event_with(member)) == "accepted", accepted) << member << error_of(event_with(member));
}

TEST(JsonEvent, source_is_a_URI_reference) {
    for (const std::string right : {"/s", "https://example.com/a?b#c", "urn:x:1", "mailto:a@b", "1-555-123", "a%20b", "//host/x"})
        EXPECT_EQ(error_of(R"({"specversion":"1.0","id":"1","type":"t","source":")" + right + "\"}"), "accepted") << right;
    for (const std::string wrong : {"a b", "a%2", "<x>", "1:x", ":x", "a#b#c", "\\u00e9"})
        EXPECT_NE(error_of(R"({"specversion":"1.0","id":"1","type":"t","source":")" + wrong + "\"}"), "accepted") << wrong;
}

TEST(JsonEvent, only_version_1_0_is_understood) {
    EXPECT_THAT(error_of(R"({"specversion":"0.3","id":"1","source":"/s","type":"t"})"), HasSubstr("\"specversion\": only \"1.0\""));
}

TEST(JsonEvent, data_and_data_base64_exclude_each_other) {
    EXPECT_EQ(error_of(event_with(R"("data":null)")), "accepted");
    EXPECT_EQ(error_of(event_with(R"("data_base64":"AQI=")")), "accepted");
    EXPECT_EQ(error_of(event_with(R"("data":1,"data_base64":null)")), "accepted");
    EXPECT_THAT(error_of(event_with(R"("data":1,"data_base64":"AQI=")")), HasSubstr("exclude each other"));
    EXPECT_THAT(error_of(event_with(R"("data_base64":"AQI")")), HasSubstr("data_base64"));
    EXPECT_THAT(error_of(event_with(R"("data_base64":1)")), HasSubstr("data_base64"));
}

TEST(JsonEvent, no_attribute_may_stand_there_twice) {
    EXPECT_THAT(error_of(event_with(R"("id":"2")")), HasSubstr("\"id\": stands there twice"));
    EXPECT_THAT(error_of(event_with(R"("ext":"2","\u0065xt":null)")), HasSubstr("\"ext\": stands there twice"));
    EXPECT_THAT(error_of(event_with(R"("data":1,"data":2)")), HasSubstr("twice"));
}

TEST(JsonEvent, errors_name_the_byte) {
    EXPECT_THAT(error_of(event_with(R"("time":"x")")), HasSubstr("(byte 62)"));
    EXPECT_EQ(error_of(R"({"specversion":"1.0",)"), "JSON: '\"' expected at byte 21");
    EXPECT_EQ(error_of("[]"), "JSON: an object expected at byte 0");
}

TEST(JsonEvent, numbers_of_any_size_in_data_pass) {
    EXPECT_EQ(error_of(event_with(R"("data":[1e400,123456789012345678901234567890])")), "accepted");
}

TEST(JsonEvent, cut_at_any_byte_is_refused) {
    for (std::size_t size = 0; size < spec_example.size(); ++size) EXPECT_NE(error_of(spec_example.substr(0, size)), "accepted") << size;
}

TEST(JsonEvent, what_is_not_UTF_8_is_refused) { EXPECT_THAT(error_of(event_with("\"data\":\"\xFF\"")), HasSubstr("UTF-8")); }

TEST(JsonBatch, gives_each_element_exactly_as_it_stands_there) {
    const std::string first = "{ \"specversion\":\"1.0\", \"id\":\"1\", \"source\":\"/s\", \"type\":\"t\", \"data\": 1.0 }";
    const std::string second = event_with("\"subject\":\"x\"");
    const std::string whole = " [ " + first + "\n,\t" + second + " ] ";
    const auto checked = check_json_batch(whole);
    ASSERT_TRUE(checked) << checked.error().message;
    ASSERT_EQ(checked->size(), 2U);
    EXPECT_EQ((*checked)[0].bytes, first);
    EXPECT_EQ((*checked)[1].bytes, second);
    EXPECT_EQ((*checked)[1].summary.subject, "x");
}

TEST(JsonBatch, may_be_empty) {
    const auto elements = check_json_batch(" [ ] ");
    ASSERT_TRUE(elements);
    EXPECT_TRUE(elements->empty());
}

TEST(JsonBatch, names_the_event_that_is_wrong) {
    const std::string batch = "[" + event_with("") + "," + event_with("\"time\":\"x\"") + "]";
    EXPECT_THAT(check_json_batch(batch).error().message, HasSubstr("event 1: attribute \"time\""));
    EXPECT_FALSE(check_json_batch(event_with("")));
    EXPECT_FALSE(check_json_batch("[1]"));
    EXPECT_FALSE(check_json_batch("[" + event_with("") + ",]"));
}

TEST(JsonBatch, cut_at_any_byte_is_refused) {
    const std::string whole = "[" + event_with("\"data\":{\"a\":[]}") + "," + event_with("") + "]";
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(check_json_batch(std::string_view(whole).substr(0, size))) << size;
}

std::vector<HeaderView> binary_headers() {
    return {{"ce-specversion", "1.0"}, {"CE-ID", "1"}, {"ce-source", "/s"}, {"Ce-Type", "t"}, {"Content-Type", "application/json"}};
}

TEST(BinaryEvent, is_made_of_its_headers_in_any_case) {
    auto headers = binary_headers();
    headers.push_back({"ce-partitionkey", "a%20b"});
    headers.push_back({"ce-comexampleextension", "Euro%20%E2%82%AC"});
    const auto summary = check_binary_event(headers, "not looked at");
    ASSERT_TRUE(summary) << summary.error().message;
    EXPECT_EQ(summary->id, "1");
    EXPECT_EQ(summary->partitionkey, "a b");
}

TEST(BinaryEvent, a_missing_attribute_is_named) {
    for (std::size_t i = 0; i < 4; ++i) {
        auto headers = binary_headers();
        headers.erase(headers.begin() + static_cast<std::ptrdiff_t>(i));
        const auto summary = check_binary_event(headers, "");
        ASSERT_FALSE(summary);
        EXPECT_THAT(summary.error().message, HasSubstr("is required and missing"));
    }
}

TEST(BinaryEvent, wrong_headers_are_refused) {
    const HeaderView wrong[] = {
        {"ce-datacontenttype", "text/plain"}, {"ce-id", "2"}, {"ce-ext", "%"}, {"ce-ext", "%C0%A0"}, {"ce-time", "no"}, {"ce-a_b", "x"}};
    for (const auto& header : wrong) {
        auto headers = binary_headers();
        headers.push_back(header);
        EXPECT_FALSE(check_binary_event(headers, "")) << header.name;
    }
}

}  // namespace
}  // namespace tenter::event
