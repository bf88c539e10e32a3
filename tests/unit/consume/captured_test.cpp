#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/encoding.hpp"
#include "tenter/consume/scripted_consumer.hpp"

namespace tenter::consume {
namespace {

using ::testing::HasSubstr;

/// As `tenter tail --json` prints it (cli/tail_event.hpp).
constexpr std::string_view line =
    R"({"id":"01a2093d-fec5-7000-b2ba-95d9f3ecc26b","source":"demo","partition":2,"offset":41,"time":"2026-11-23T16:29:47.589Z",)"
    R"("method":"POST","target":"/demo?x=1","headers":{"content-type":["text/plain"],"via":["a","b"]},"verified":"none","key":null,)"
    R"("body":"hello"})";

TEST(CapturedEvents, become_the_records_that_they_were) {
    const auto records = read_captured(std::string(line) + "\n\n" + std::string(line) + "\n");
    ASSERT_TRUE(records) << records.error().message;
    ASSERT_EQ(records->size(), 2u);
    ScriptedConsumer consumer;
    consumer.add(records->front());
    int calls = 0;
    consumer.run([&](const WebhookEvent& event) {
        ++calls;
        EXPECT_EQ(event.place(), (RecordPlace{.topic = "demo", .partition = 2, .offset = 41}));
        EXPECT_EQ(event.timestamp.time_since_epoch().count(), 1'795'451'387'589);  // date -d 2026-11-23T16:29:47.589Z +%s%3N
        EXPECT_EQ(event.method, Method::post);
        EXPECT_EQ(event.original_body(), "hello");
        EXPECT_EQ(event.headers.values("via").size(), 2u);
        EXPECT_EQ(event.record_headers.find("tenter-id"), "01a2093d-fec5-7000-b2ba-95d9f3ecc26b");
        EXPECT_EQ(event.record_headers.find("tenter-target"), "/demo?x=1");
        EXPECT_EQ(event.record_headers.find("tenter-verified"), "none");
        EXPECT_FALSE(event.key);
    });
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(consumer.committed("demo", 2), 42);
}

TEST(CapturedEvents, have_octets_that_are_no_text_in_base64) {
    std::string text(line);
    text.replace(text.find(R"("key":null)"), 10, R"("key_base64":"/w==")");
    text.replace(text.find(R"("body":"hello")"), 14, R"("body_base64":"AP8=")");
    const auto records = read_captured(text);
    ASSERT_TRUE(records) << records.error().message;
    EXPECT_EQ(records->front().key, "\xff");
    ScriptedConsumer consumer;
    consumer.add(records->front());
    consumer.run([&](const WebhookEvent& event) { EXPECT_EQ(event.original_body(), std::string_view("\0\xff", 2)); });
}

/// As `tenter tail --json` prints what it cannot read, or what another program wrote.
std::string line_with(std::string_view members) {
    return R"({"id":"","source":"demo","partition":0,"offset":5,"time":"2026-11-23T16:29:47.589Z",)" + std::string(members) + "}";
}

TEST(CapturedEvents, that_another_program_enveloped_have_its_payload_again) {
    constexpr std::string_view about = R"("method":"PUT","target":"","headers":{"content-type":["text/plain"]},"verified":"","key":null,)";
    const auto payload_of = [&](std::string_view body) {
        const auto records = read_captured(line_with(std::string(about) + std::string(body)));
        EXPECT_TRUE(records) << records.error().message;
        ScriptedConsumer consumer;
        consumer.add(*records);
        std::pair<Encoding, Bytes> payload;
        consumer.run([&](const WebhookEvent& event) { payload = {event.encoding, Bytes(event.payload_bytes)}; });
        return payload;
    };
    const auto bytes = [](std::string_view octets) { return Bytes(octets); };
    EXPECT_EQ(payload_of(R"("body":"aa","body_json":"a")"), std::pair(Encoding::cbor, bytes("aa")));
    EXPECT_EQ(payload_of(R"("body_base64":"omFhAWFiggL5PgA=","body_json":{"a":1,"b":[2,1.5]})"),
              std::pair(Encoding::cbor, bytes(std::string_view("\xa2\x61\x61\x01\x61\x62\x82\x02\xf9\x3e\x00", 11))));
    EXPECT_EQ(payload_of(R"("body":"{\"a\":1}")"), std::pair(Encoding::json, bytes(R"({"a":1})")));
    EXPECT_EQ(payload_of(R"("body":"{\"a\":","error":"payload: broken")"), std::pair(Encoding::json, bytes(R"({"a":)")));
    EXPECT_EQ(payload_of(R"("body_base64":"/w==","error":"payload: broken")"), std::pair(Encoding::cbor, bytes("\xff")));
}

TEST(CapturedEvents, that_could_not_be_read_cannot_be_read_again_and_those_of_the_system_are_skipped) {
    const std::string good = base64_encode(*webhook(Method::post, {}, "{}").value);
    const auto text = line_with(R"("key":"k","value":"no envelope","error":"envelope: broken")") + "\n" +
                      line_with(R"("key":null,"value_base64":")" + good + R"(","error":"no header envelope")") + "\n" +
                      line_with(R"("key":null,"value":null,"error":"the record has no value")") + "\n" +
                      line_with(R"("key":null,"value":"x","error":"a system record, not an event")");
    auto records = read_captured(text);
    ASSERT_TRUE(records) << records.error().message;
    ASSERT_EQ(records->size(), 4u);
    std::vector<std::string> errors;
    std::vector<std::optional<Bytes>> values;
    ConsumerOptions options;
    options.on_undecodable = [&](const UndecodableRecord& record) {
        errors.emplace_back(dynamic_cast<const FormatError*>(&record.error) != nullptr ? "format" : "envelope");
        values.emplace_back(record.value);
        return Undecodable::skip;
    };
    int of_the_system = 0;
    options.on_system = [&](const SystemRecord& record) { of_the_system += record.value == "x" ? 1 : 0; };
    ScriptedConsumer consumer(std::move(options));
    for (std::size_t i = 0; i < records->size(); ++i) {
        (*records)[i].offset = 5 + static_cast<std::int64_t>(i);
        consumer.add((*records)[i]);
    }
    consumer.run([](const WebhookEvent&) { FAIL(); });
    EXPECT_EQ(errors, (std::vector<std::string>{"envelope", "format", "envelope"}));
    EXPECT_EQ(values, (std::vector<std::optional<Bytes>>{"no envelope", *webhook(Method::post, {}, "{}").value, std::nullopt}));
    EXPECT_EQ(of_the_system, 1);
    EXPECT_EQ(consumer.committed("demo", 0), 9);
    EXPECT_FALSE(read_captured(line_with(R"("key":null,"error":"what was it?")")));
}

TEST(CapturedEvents, that_are_wrong_are_refused_with_the_line_and_the_member) {
    const auto message_of = [](std::string_view from, std::string_view to) {
        std::string changed(line);
        changed.replace(changed.find(from), from.size(), to);
        const auto records = read_captured(std::string(line) + "\n" + changed);
        return records ? std::string() : records.error().message;
    };
    EXPECT_THAT(message_of(R"("source":"demo",)", ""), ::testing::AllOf(HasSubstr("line 2"), HasSubstr("source")));
    EXPECT_THAT(message_of(R"("offset":41)", R"("offset":-1)"), HasSubstr("offset"));
    EXPECT_THAT(message_of(R"("partition":2)", R"("partition":4294967296)"), HasSubstr("partition"));
    EXPECT_THAT(message_of("POST", "BREW"), HasSubstr("BREW"));
    EXPECT_THAT(message_of("2026-11-23T16", "yesterday"), HasSubstr("time"));
    EXPECT_THAT(message_of(R"(["a","b"])", R"("a")"), HasSubstr("headers"));
    EXPECT_THAT(message_of(R"(["a","b"])", "[1]"), HasSubstr("headers"));
    EXPECT_THAT(message_of(R"("body":"hello")", R"("body":null)"), HasSubstr("body"));
    EXPECT_THAT(message_of(R"("body":"hello")", R"("body_base64":"?")"), HasSubstr("body_base64"));
    EXPECT_THAT(message_of(R"("hello"})", R"("hello")"), HasSubstr("line 2"));
}

TEST(CapturedEvents, in_a_file_that_is_not_there_are_an_exception_with_its_path) {
    try {
        static_cast<void>(captured_file("/no/such/file.jsonl"));
        FAIL();
    } catch (const Exception& thrown) {
        EXPECT_EQ(thrown.code(), Errc::not_found);
        EXPECT_THAT(thrown.what(), HasSubstr("/no/such/file.jsonl"));
    }
}

TEST(ScriptedRecords, whose_offsets_do_not_grow_are_refused) {
    ScriptedConsumer consumer;
    auto record = webhook(Method::post, {}, "1");
    record.offset = 5;
    consumer.add(record);
    EXPECT_THROW(consumer.add(record), Exception);
}

}  // namespace
}  // namespace tenter::consume
