// Events over HTTP, and over all modes in turn: what goes out of one mode and into the next stays the same event.
#include "tenter/event/http_binding.hpp"

#include <random>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::event {
namespace {

using testing::HasSubstr;

std::vector<HeaderView> views(const std::vector<Header>& headers) {
    std::vector<HeaderView> out;
    for (const auto& header : headers) out.push_back({header.name, header.value});
    return out;
}

std::string value_of(const HttpContent& content, std::string_view name) {
    return std::string(find_header(views(content.headers), name).value_or("(none)"));
}

Result<std::vector<CloudEvent>> sent(const Result<HttpContent>& content) {
    if (!content) return fail(content.error());
    return decode_http(views(content->headers), content->body);
}

std::vector<HeaderView> headers_with(std::vector<HeaderView> more) {
    more.insert(more.begin(), {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "t"}});
    return more;
}

TEST(BinaryMode, reads_attributes_from_headers_and_data_by_content_type) {
    const auto event = decode_binary(headers_with({{"Content-Type", "application/json"},
                                                   {"CE-Time", "2018-04-05T03:56:24Z"},
                                                   {"ce-Ext", "Euro%20%E2%82%AC"},
                                                   {"Ce-Subject", "\"quoted \\\"x\\\"\""}}),
                                     "{ \"a\": 1 }");
    ASSERT_TRUE(event) << event.error().message;
    EXPECT_EQ(event->datacontenttype, "application/json");
    EXPECT_EQ(event->time->text, "2018-04-05T03:56:24Z");
    EXPECT_EQ(event->subject, "quoted \"x\"");
    EXPECT_EQ(event->extensions, (std::vector<Extension>{{"ext", std::string("Euro \xE2\x82\xAC")}}));
    EXPECT_EQ(event->data, EventData(JsonData{"{ \"a\": 1 }"}));
}

TEST(BinaryMode, data_is_JSON_or_text_only_where_it_says_so_and_is) {
    const std::tuple<const char*, const char*, EventData> cases[] = {
        {"application/json", "{}", JsonData{"{}"}},
        {"application/json", "{", BinaryData{"{"}},
        {"application/json", "", std::monostate{}},
        {"text/plain", "{}", TextData{"{}"}},
        {"text/plain; charset=UTF-8", "\xC3\xA9", TextData{"\xC3\xA9"}},
        {"text/plain; charset=iso-8859-1", "e", BinaryData{"e"}},
        {"text/plain", "\xE9", BinaryData{"\xE9"}},
        {"application/octet-stream", "{}", BinaryData{"{}"}},
    };
    for (const auto& [type, body, data] : cases) {
        const auto event = decode_binary(headers_with({{"content-type", type}}), body);
        ASSERT_TRUE(event) << event.error().message;
        EXPECT_EQ(event->data, data) << type << " " << body;
    }
    EXPECT_EQ(decode_binary(headers_with({}), "{}")->data, EventData(BinaryData{"{}"}));
}

TEST(BinaryMode, refuses_a_content_type_that_is_not_UTF_8) {
    EXPECT_FALSE(decode_binary(headers_with({{"content-type", "text/plain; a=\"\xFF\""}}), ""));
}

TEST(BinaryMode, writes_headers_percent_encoded_and_the_data_as_the_body) {
    CloudEvent event{.id = "Euro \xE2\x82\xAC \xF0\x9F\x98\x80", .source = "/s", .type = "t"};
    event.data = JsonData{"{ }"};
    ASSERT_TRUE(event.set_extension("flag", true));
    const auto content = encode_binary(event);
    ASSERT_TRUE(content);
    EXPECT_EQ(value_of(*content, "ce-id"), "Euro%20%E2%82%AC%20%F0%9F%98%80");
    EXPECT_EQ(value_of(*content, "ce-specversion"), "1.0");
    EXPECT_EQ(value_of(*content, "ce-flag"), "true");
    EXPECT_EQ(value_of(*content, "content-type"), "application/json");
    EXPECT_EQ(value_of(*content, "ce-datacontenttype"), "(none)");
    EXPECT_EQ(content->body, "{ }");
}

TEST(HttpEvents, mode_goes_by_content_type) {
    const std::string one = R"({"specversion":"1.0","id":"2","source":"/s","type":"t"})";
    const std::vector<HeaderView> structured = headers_with({{"Content-Type", "Application/CloudEvents+JSON; charset=utf-8"}});
    EXPECT_EQ(decode_http(structured, one)->at(0).id, "2");
    const std::vector<HeaderView> batch{{"Content-Type", "application/cloudevents-batch+json"}};
    EXPECT_EQ(decode_http(batch, "[" + one + "," + one + "]")->size(), 2U);
    EXPECT_TRUE(decode_http(batch, "[]")->empty());
    EXPECT_EQ(decode_http(headers_with({}), one)->at(0).id, "1");
}

TEST(HttpEvents, other_event_formats_are_named_and_unsupported) {
    for (const char* type : {"application/cloudevents+avro", "application/cloudevents-batch+xml", "application/cloudevents"}) {
        const std::vector<HeaderView> headers{{"content-type", type}};
        const auto events = decode_http(headers, "{}");
        ASSERT_FALSE(events);
        EXPECT_EQ(events.error().code, Errc::unsupported);
        EXPECT_THAT(events.error().message, HasSubstr(type));
    }
}

TEST(HttpEvents, an_invalid_event_is_not_sent) {
    EXPECT_FALSE(encode_binary({}));
    EXPECT_FALSE(encode_structured({}));
    EXPECT_FALSE(encode_batched(std::vector<CloudEvent>(1)));
}

/// Random valid events. Extensions are Strings, which every mode keeps; data is never empty, which binary mode cannot tell from none.
class RandomEvents {
public:
    explicit RandomEvents(std::uint32_t seed) : random_(seed) {}

    CloudEvent next() {
        CloudEvent event{.id = text(), .source = "/s/" + std::to_string(below(1000)), .type = text()};
        if (below(2) == 0) event.subject = text();
        if (below(2) == 0) event.dataschema = "urn:x:" + std::to_string(below(9));
        if (below(2) == 0) event.time = *parse_timestamp("2026-11-23T14:48:33." + std::to_string(below(1000)) + "+01:30");
        for (std::uint32_t i = below(4); i > 0; --i) event.extensions.push_back({"ext" + std::to_string(i), text()});
        add_data(event);
        return event;
    }

private:
    std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

    std::string text() {
        const char* const pieces[] = {"a", " ", "%", "\"", "\\", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "0", ";", "\xC2\xA0", "~"};
        std::string out = "x";
        for (std::uint32_t i = below(12); i > 0; --i) out += pieces[below(std::size(pieces))];
        return out;
    }

    void add_data(CloudEvent& event) {
        switch (below(4)) {
            case 0: return;
            case 1:
                event.datacontenttype = "application/json";
                event.data = JsonData{"[1e400," + std::to_string(below(99)) + " ,null]"};
                return;
            case 2:
                event.datacontenttype = "text/plain";
                event.data = TextData{text() + "\n"};
                return;
            default: event.datacontenttype = "application/octet-stream"; event.data = BinaryData{text() + std::string("\0\xFF", 2)};
        }
    }

    std::mt19937 random_;
};

TEST(HttpEvents, survive_every_mode_one_after_the_other) {
    constexpr std::uint32_t seed = 20'261'123;
    SCOPED_TRACE("seed " + std::to_string(seed));
    RandomEvents random(seed);
    for (int i = 0; i < 500; ++i) {
        const std::vector<CloudEvent> events{random.next(), random.next()};
        const auto batched = sent(encode_batched(events));
        ASSERT_TRUE(batched) << batched.error().message;
        ASSERT_EQ(*batched, events);
        for (const auto& event : events) {
            const auto structured = sent(encode_structured(event));
            ASSERT_TRUE(structured) << structured.error().message;
            const auto binary = sent(encode_binary(structured->at(0)));
            ASSERT_TRUE(binary) << binary.error().message;
            ASSERT_EQ(binary->at(0), event);
        }
    }
}

TEST(HttpEvents, header_values_cut_at_any_byte_give_an_event_or_an_error) {
    const std::string value = "\"a \\\" b\"%E2%82%AC%20%F0%9F%98%80";
    std::size_t refused = 0;
    for (std::size_t size = 0; size <= value.size(); ++size) {
        const auto event = decode_binary(headers_with({{"ce-ext", std::string_view(value).substr(0, size)}}), "");
        if (event) {
            EXPECT_TRUE(event->validate()) << size;
        } else {
            ++refused;
        }
    }
    // cut within the quotes: 1 to 7 bytes; within the characters of 3 and 4 bytes and the escape between them: 8, 2 and 11
    EXPECT_EQ(refused, 7U + 8U + 2U + 11U);
}

}  // namespace
}  // namespace tenter::event
