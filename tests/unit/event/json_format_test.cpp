// Expected events come from the specification's examples (JSON event format 1.0.2, sections 2.4, 3.2 and 4.3) and its rules.
#include "tenter/event/json_format.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/event/event_check.hpp"

namespace tenter::event {
namespace {

using testing::HasSubstr;

std::string event_with(std::string_view members) {
    return R"({"specversion":"1.0","id":"1","source":"/s","type":"t",)" + std::string(members) + "}";
}

CloudEvent decoded(std::string_view text) {
    auto event = decode_json(text);
    EXPECT_TRUE(event) << event.error().message;
    return event ? *event : CloudEvent{};
}

TEST(JsonFormat, reads_every_member_of_the_specifications_example) {
    const auto event = decoded(R"({"specversion" : "1.0", "type" : "com.example.someevent", "source" : "/mycontext", "subject": null,
        "id" : "C234-1234-1234", "time" : "2018-04-05T17:31:00Z", "comexampleextension1" : "value", "comexampleothervalue" : 5,
        "datacontenttype" : "application/vnd.apache.thrift.binary", "data_base64" : "aGVsbG8=" })");
    EXPECT_EQ(event.id, "C234-1234-1234");
    EXPECT_EQ(event.source, "/mycontext");
    EXPECT_EQ(event.type, "com.example.someevent");
    EXPECT_EQ(event.subject, std::nullopt);
    ASSERT_TRUE(event.time);
    EXPECT_EQ(event.time->time, UnixMillis{std::chrono::milliseconds{1'522'949'460'000}});
    EXPECT_EQ(event.datacontenttype, "application/vnd.apache.thrift.binary");
    EXPECT_EQ(event.extensions, (std::vector<Extension>{{"comexampleextension1", std::string("value")}, {"comexampleothervalue", 5}}));
    EXPECT_EQ(event.data, EventData(BinaryData{"hello"}));
}

TEST(JsonFormat, data_is_what_its_content_type_makes_it) {
    const std::pair<const char*, EventData> cases[] = {
        {R"("data":{ "a" : 1e400 })", JsonData{"{ \"a\" : 1e400 }"}},
        {R"("data":"a\u0062")", JsonData{R"("a\u0062")"}},
        {R"("data":null)", JsonData{"null"}},
        {R"("data":123456789012345678901234567890)", JsonData{"123456789012345678901234567890"}},
        {R"("datacontenttype":"application/x+json","data":"{}")", JsonData{R"("{}")"}},
        {R"("data":"<x a=\"1\"/>","datacontenttype":"text/xml")", TextData{"<x a=\"1\"/>"}},
        {R"("data":{},"datacontenttype":"text/xml")", JsonData{"{}"}},
        {R"("data_base64":"AAEC","datacontenttype":"application/json")", BinaryData{std::string("\0\1\2", 3)}},
        {R"("data_base64":null)", std::monostate{}},
        {R"("datacontenttype":"application/json")", std::monostate{}},
    };
    for (const auto& [members, data] : cases) EXPECT_EQ(decoded(event_with(members)).data, data) << members;
}

TEST(JsonFormat, text_must_be_text_in_check_and_decode_alike) {
    const std::string lone = event_with(R"("data":"\ud800","datacontenttype":"text/plain")");
    EXPECT_THAT(decode_json(lone).error().message, HasSubstr("\"data\": a lone surrogate"));
    EXPECT_EQ(check_json_event(lone).error().message, decode_json(lone).error().message);
    EXPECT_TRUE(decode_json(event_with(R"("data":"\ud800")")));
}

TEST(JsonFormat, extensions_keep_the_types_that_JSON_has) {
    const auto event = decoded(event_with(R"("b":true,"i":-2147483648,"s":"2147483648","n":null)"));
    EXPECT_EQ(event.extensions, (std::vector<Extension>{{"b", true}, {"i", INT32_MIN}, {"s", std::string("2147483648")}}));
}

TEST(JsonFormat, writes_each_type_as_the_specification_maps_it) {
    CloudEvent event{.id = "1\n", .source = "/s", .type = "t"};
    event.id = "\"1\"";
    event.time = *parse_timestamp("2018-04-05T17:31:00.1+02:00");
    event.datacontenttype = "text/plain";
    event.dataschema = "urn:x";
    event.subject = "\xE2\x82\xAC";
    ASSERT_TRUE(event.set_extension("bool", true));
    ASSERT_TRUE(event.set_extension("int", -7));
    ASSERT_TRUE(event.set_extension("bin", Binary{"hello"}));
    ASSERT_TRUE(event.set_extension("at", *parse_timestamp("2018-04-05T17:31:00Z")));
    event.data = TextData{"a\n\"b\""};
    EXPECT_EQ(*encode_json(event),
              R"({"specversion":"1.0","id":"\"1\"","source":"/s","type":"t","datacontenttype":"text/plain","dataschema":"urn:x",)"
              "\"subject\":\"\xE2\x82\xAC\","
              R"("time":"2018-04-05T17:31:00.1+02:00","bool":true,"int":-7,"bin":"aGVsbG8=","at":"2018-04-05T17:31:00Z",)"
              R"("data":"a\n\"b\""})");
    event.data = BinaryData{"hello"};
    EXPECT_THAT(*encode_json(event), HasSubstr(R"(,"data_base64":"aGVsbG8="})"));
    event.data = JsonData{"{ \"n\":1e400 }"};
    EXPECT_THAT(*encode_json(event), HasSubstr(R"(,"data":{ "n":1e400 }})"));
    event.data = std::monostate{};
    EXPECT_THAT(*encode_json(event), testing::Not(HasSubstr("data\"")));
}

TEST(JsonFormat, check_and_decode_decide_alike_at_every_cut_and_for_every_changed_byte) {
    const std::string whole = event_with(R"("subject":"x","ext":5,"data":{"a":[1,"\u00e9"]},"time":"2018-04-05T17:31:00Z")");
    ASSERT_TRUE(decode_json(whole));
    for (std::size_t at = 0; at < whole.size(); ++at) {
        EXPECT_FALSE(decode_json(whole.substr(0, at))) << at;
        for (const char other : {'"', '0', ',', '\\', ' ', '\xFF'}) {
            std::string changed = whole;
            changed[at] = other;
            const auto checked = check_json_event(changed);
            const auto event = decode_json(changed);
            ASSERT_EQ(checked.has_value(), event.has_value()) << changed;
            if (event) {
                EXPECT_EQ(checked->id + checked->source + checked->type, event->id + event->source + event->type);
            } else {
                EXPECT_EQ(checked.error().message, event.error().message);
            }
        }
    }
}

TEST(JsonBatchFormat, goes_both_ways_and_may_be_empty) {
    EXPECT_EQ(*encode_json_batch({}), "[]");
    EXPECT_TRUE(decode_json_batch("[]")->empty());
    const std::vector<CloudEvent> events{decoded(event_with(R"("data":1)")), decoded(event_with(R"("ext":"a")"))};
    const auto text = encode_json_batch(events);
    ASSERT_TRUE(text);
    EXPECT_EQ(*decode_json_batch(*text), events);
    for (std::size_t size = 0; size < text->size(); ++size) EXPECT_FALSE(decode_json_batch(text->substr(0, size))) << size;
}

TEST(JsonBatchFormat, names_the_event_that_is_wrong) {
    EXPECT_THAT(decode_json_batch("[" + event_with("\"a\":1") + "," + event_with("\"time\":\"x\"") + "]").error().message,
                HasSubstr("event 1: attribute \"time\""));
    const std::vector<CloudEvent> events{decoded(event_with("\"a\":1")), CloudEvent{}};
    EXPECT_EQ(encode_json_batch(events).error().message, "event 1: attribute \"id\": must not be empty");
}

}  // namespace
}  // namespace tenter::event
