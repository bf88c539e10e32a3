#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
