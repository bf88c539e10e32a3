#include "cli/tail_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

std::string json_of(const Stored& stored) { return to_json_line(read_event(view_of(stored.record, "demo", 3))); }

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

TEST(TailJson, has_the_value_of_a_cbor_body) {
    // RFC 8949 appendix A: {"a": 1, "b": [2, 3]}, and 1.5 instead of the 3
    const BytesView item("\xa2\x61\x61\x01\x61\x62\x82\x02\xf9\x3e\x00", 11);
    const Stored stored(item, {{"content-type", "application/cbor"}}, envelope::Encoding::cbor);
    EXPECT_THAT(json_of(stored), HasSubstr(R"("key":null,"body_base64":"omFhAWFiggL5PgA=","body_json":{"a":1,"b":[2,1.5]}})"));
}

TEST(TailJson, takes_the_payload_of_another_programs_envelope_for_what_it_says_it_is) {
    Stored stored(BytesView("\x61\x61", 2), {{"content-type", "text/plain"}}, envelope::Encoding::cbor);
    EXPECT_THAT(json_of(stored), HasSubstr(R"("body":"a"})")) << "Tenter put it into a string";
    stored.record.headers.erase(stored.record.headers.begin() + 1);  // tenter-id
    EXPECT_THAT(json_of(stored), HasSubstr(R"("body":"aa","body_json":"a"})"));
}

TEST(TailJson, says_what_is_wrong_with_a_record_and_shows_what_there_is) {
    Stored stored("{}");
    stored.record.headers = {{"envelope", BytesView("\x81", 1)}};
    const std::string newer = json_of(stored);
    EXPECT_THAT(newer,
                HasSubstr(R"({"id":"","source":"demo","partition":3,"offset":7,"time":"2026-11-23T14:48:33.120Z","key":null,"value)"));
    EXPECT_THAT(newer, HasSubstr("upgrade"));
    stored.record.headers = {{"envelope", BytesView("\x05", 1)}};
    EXPECT_THAT(json_of(stored), HasSubstr(R"("error":"a system record, not an event"})"));
    stored.record.headers.clear();
    stored.record.value.reset();
    EXPECT_THAT(json_of(stored), HasSubstr(R"("key":null,"value":null,"error":")"));
    const Stored poison("{\"a\":", {}, envelope::Encoding::json);
    Stored foreign = poison;
    foreign.record.value = foreign.value;
    foreign.record.headers = {{"envelope", envelope::avro_v1_header_value}};
    EXPECT_THAT(json_of(foreign),
                HasSubstr(R"("method":"PUT","target":"","headers":{},"verified":"","key":null,"body":"{\"a\":","error":"payload: )"));
}

TEST(TailPretty, marks_a_record_that_cannot_be_read_and_dumps_it) {
    Stored stored("{}");
    stored.record.headers.clear();
    stored.record.value = "\x1b[31m";
    const std::string text = to_pretty_text(read_event(view_of(stored.record, "demo", 0)), false);
    EXPECT_THAT(text, HasSubstr("2026-11-23T14:48:33.120Z  demo/0@7\n! record header \"envelope\" is missing\n"));
    EXPECT_THAT(text, HasSubstr("00000000  1b 5b 33 31 6d"));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(TailPretty, shows_cbor_as_the_json_that_it_means) {
    const Stored stored(BytesView("\xa1\x61\x61\x01", 4), {{"content-type", "application/cbor"}}, envelope::Encoding::cbor);
    EXPECT_THAT(to_pretty_text(read_event(view_of(stored.record, "demo", 0)), false), HasSubstr("CBOR, as JSON:\n{\n  \"a\": 1\n}\n"));
}

TEST(TailPretty, shows_what_matters_and_nothing_that_a_terminal_would_obey) {
    Stored stored("{\"a\":\"b\"}", {{"content-type", "application/json"}, {"host", "h"}, {"x-evil", "\x1b[31m"}});
    const std::string text = to_pretty_text(read_event(view_of(stored.record, "demo", 0)), false);
    EXPECT_THAT(text, HasSubstr("2026-11-23T14:48:33.120Z  PUT /demo?x=1  demo/0@7  not verified\n"));
    EXPECT_THAT(text, HasSubstr("  content-type: application/json\n"));
    EXPECT_THAT(text, HasSubstr("{\n  \"a\": \"b\"\n}\n"));
    EXPECT_THAT(text, HasSubstr("x-evil: \\x1b[31m"));
    EXPECT_THAT(text, Not(HasSubstr("host")));
    EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace tenter::cli
