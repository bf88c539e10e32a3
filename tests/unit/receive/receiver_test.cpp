#include "tenter/receive/receiver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/auth/credentials.hpp"
#include "tenter/event/json.hpp"

namespace tenter::receive {
namespace {

using testing::HasSubstr;

constexpr UnixMillis now{std::chrono::milliseconds(1'795'435'200'000)};
constexpr std::string_view event = R"({"specversion":"1.0","id":"1","source":"/s","type":"t","subject":"x"})";

Receiver open_receiver(Content content, std::vector<std::string> methods = {"POST"}) { return {{std::move(methods), content}, nullptr}; }

Receiver guarded_receiver(Content content) {
    auto verifier = auth::make_verifier(std::vector{auth::BearerAuth{Secret("swordfish")}});
    EXPECT_TRUE(verifier);
    return {{{"POST"}, content}, std::move(*verifier)};
}

struct Sent {
    std::string_view body;
    std::vector<HeaderView> headers{};
    std::string_view method = "POST";
};

std::expected<Received, Refusal> give(const Receiver& receiver, const Sent& sent) {
    return receiver.receive({sent.method, "/s", sent.headers, sent.body, ""}, now);
}

unsigned status_of(const Receiver& receiver, const Sent& sent) {
    const auto received = give(receiver, sent);
    return received ? 200 : received.error().status;
}

TEST(Receiver, takes_only_the_methods_of_its_source_and_says_which) {
    const auto refused = give(open_receiver(Content::any, {"POST", "PUT"}), {"", {}, "GET"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 405U);
    ASSERT_EQ(refused.error().headers.size(), 1U);
    EXPECT_EQ(refused.error().headers[0].name, "Allow");
    EXPECT_EQ(refused.error().headers[0].value, "POST, PUT, OPTIONS");
    EXPECT_EQ(status_of(open_receiver(Content::any, {"POST", "PUT"}), {"", {}, "PUT"}), 200U);
    EXPECT_EQ(status_of(open_receiver(Content::any), {"", {}, "post"}), 405U);
}

TEST(Receiver, looks_into_no_body_before_its_sender_is_proven) {
    const auto refused = give(guarded_receiver(Content::json), {"{broken"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().status, 401U);
    EXPECT_EQ(refused.error().code, "unauthenticated");
    ASSERT_EQ(refused.error().headers.size(), 1U);
    EXPECT_EQ(refused.error().headers[0].name, "WWW-Authenticate");
    EXPECT_THAT(refused.error().headers[0].value, HasSubstr("Bearer"));
    EXPECT_EQ(status_of(guarded_receiver(Content::json), {"{broken", {{"Authorization", "Bearer swordfish"}}}), 400U);
    const auto taken = give(guarded_receiver(Content::json), {"{}", {{"authorization", "bearer swordfish"}}});
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->verified_by, "bearer");
}

TEST(Receiver, says_none_where_nothing_is_verified) {
    const auto taken = give(open_receiver(Content::any), {"x"});
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->verified_by, "none");
}

TEST(Receiver, of_any_content_takes_everything_and_tells_JSON_from_the_rest) {
    const std::pair<Sent, bool> cases[] = {
        {{"{}", {}}, true},
        {{"{}", {{"content-type", "application/json; charset=utf-8"}}}, true},
        {{"{}", {{"Content-Type", "application/vnd.x+JSON"}}}, true},
        {{"{}", {{"content-type", "text/plain"}}}, false},
        {{"{broken", {{"content-type", "application/json"}}}, false},
        {{"\"\xFF\"", {}}, false},
        {{"", {}}, false},
        {{event, {{"content-type", "application/cloudevents-batch+json"}}}, true},
    };
    for (const auto& [sent, is_json] : cases) {
        const auto taken = give(open_receiver(Content::any), sent);
        ASSERT_TRUE(taken);
        ASSERT_EQ(taken->events.size(), 1U);
        EXPECT_EQ(taken->events[0].is_json, is_json) << sent.body;
        EXPECT_EQ(taken->events[0].body, sent.body);
        EXPECT_FALSE(taken->is_batch);
    }
}

TEST(Receiver, of_JSON_refuses_what_is_not_and_passes_numbers_of_any_size) {
    const auto receiver = open_receiver(Content::json);
    EXPECT_EQ(status_of(receiver, {"[1e400]"}), 200U);
    for (const std::string_view wrong : {"", "{", "[1,]", "01", "tru", "\xEF\xBB\xBF{}", "a=1"})
        EXPECT_EQ(status_of(receiver, {wrong}), 400U) << wrong;
    EXPECT_EQ(status_of(receiver, {"{}", {{"content-encoding", "gzip"}}}), 415U);
    EXPECT_EQ(status_of(receiver, {"{}", {{"content-encoding", "Identity"}}}), 200U);
}

TEST(Receiver, of_CloudEvents_takes_all_three_modes) {
    const auto receiver = open_receiver(Content::cloudevents);
    const auto structured = give(receiver, {event, {{"content-type", "application/cloudevents+json"}}});
    ASSERT_TRUE(structured);
    EXPECT_TRUE(structured->events.at(0).is_json);
    EXPECT_EQ(structured->events.at(0).cloud_event->subject, "x");

    const auto binary = give(receiver, {"\xFF", {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "t"}}});
    ASSERT_TRUE(binary);
    EXPECT_FALSE(binary->events.at(0).is_json);
    EXPECT_EQ(binary->events.at(0).cloud_event->id, "1");

    const std::string body = "[ " + std::string(event) + " , " + std::string(event) + "]";
    const auto batch = give(receiver, {body, {{"content-type", "application/cloudevents-batch+json; charset=utf-8"}}});
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->is_batch);
    ASSERT_EQ(batch->events.size(), 2U);
    EXPECT_EQ(batch->events[0].body, event);
}

TEST(Receiver, takes_an_empty_batch) {
    const auto batch = give(open_receiver(Content::cloudevents), {"[]", {{"content-type", "application/cloudevents-batch+json"}}});
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->is_batch);
    EXPECT_TRUE(batch->events.empty());
}

TEST(Receiver, of_CloudEvents_refuses_what_is_none) {
    const auto receiver = open_receiver(Content::cloudevents);
    EXPECT_EQ(status_of(receiver, {event, {{"content-type", "application/json"}}}), 400U);
    EXPECT_EQ(status_of(receiver, {"{}", {{"content-type", "application/cloudevents+json"}}}), 400U);
    EXPECT_EQ(status_of(receiver, {event, {{"content-type", "application/cloudevents-batch+json"}}}), 400U);
    EXPECT_EQ(status_of(receiver, {event, {{"content-type", "application/cloudevents+avro"}}}), 415U);
    EXPECT_EQ(status_of(receiver, {event, {{"content-type", "application/cloudevents+json"}, {"content-encoding", "br"}}}), 415U);
}

constexpr std::string_view plain = R"({"type":"product","operation":"add","objectId":7,"objectType":"product","objectData":{"name":"x"}})";

TEST(Receiver, of_Elytra_takes_its_plain_form_as_the_CloudEvent_that_it_would_send) {
    const Receiver receiver({{"POST"}, Content::elytra, "urn:shop", "com.shop"}, nullptr);
    const auto taken = give(receiver, {plain, {{"content-type", "application/json"}}});
    ASSERT_TRUE(taken) << taken.error().message;
    EXPECT_TRUE(taken->is_event_json);
    EXPECT_FALSE(taken->is_batch);
    ASSERT_EQ(taken->events.size(), 1U);
    ASSERT_TRUE(taken->events[0].converted);
    const auto& converted = *taken->events[0].converted;
    EXPECT_EQ(converted.id, "") << "the storing side gives it";
    EXPECT_EQ(converted.source, "urn:shop");
    EXPECT_EQ(converted.type, "com.shop.product");
    EXPECT_EQ(converted.time->text, "2026-11-23T12:00:00.000Z");
    EXPECT_EQ(taken->events[0].body, plain);
}

TEST(Receiver, of_Elytra_takes_a_CloudEvent_in_every_mode_and_under_any_JSON_content_type) {
    const auto receiver = open_receiver(Content::elytra);
    for (const std::string_view type : {"application/cloudevents+json", "application/json", "application/problem+json; charset=utf-8"}) {
        const auto taken = give(receiver, {event, {{"content-type", type}}});
        ASSERT_TRUE(taken) << type;
        EXPECT_FALSE(taken->events[0].converted);
        EXPECT_EQ(taken->events[0].body, event);
        EXPECT_EQ(taken->events[0].cloud_event->subject, "x");
        EXPECT_EQ(taken->is_event_json, type != "application/cloudevents+json");
    }
    const auto binary = give(receiver, {"{}", {{"ce-specversion", "1.0"}, {"ce-id", "1"}, {"ce-source", "/s"}, {"ce-type", "t"}}});
    ASSERT_TRUE(binary);
    EXPECT_FALSE(binary->is_event_json);
    EXPECT_EQ(binary->events[0].cloud_event->type, "t");
    const auto batch = give(receiver, {"[" + std::string(event) + "]", {{"content-type", "application/cloudevents-batch+json"}}});
    ASSERT_TRUE(batch);
    EXPECT_TRUE(batch->is_batch && batch->is_event_json);
}

TEST(Receiver, of_Elytra_refuses_what_is_neither) {
    const auto receiver = open_receiver(Content::elytra);
    for (const std::string_view body : {"", "[]", "{}", "5", R"({"type":"product"})", R"({"specversion":"1.0","id":"1"})"})
        EXPECT_EQ(status_of(receiver, {body, {{"content-type", "application/json"}}}), 400U) << body;
    EXPECT_EQ(status_of(receiver, {plain, {{"content-type", "text/plain"}}}), 415U);
    EXPECT_EQ(status_of(receiver, {plain, {{"content-encoding", "gzip"}}}), 415U);
}

TEST(HttpStatus, follows_what_the_sender_should_do) {
    const std::pair<Errc, unsigned> statuses[] = {{Errc::invalid_input, 400}, {Errc::unauthenticated, 401}, {Errc::not_found, 404},
                                                  {Errc::too_large, 413},     {Errc::unsupported, 415},     {Errc::corrupt, 500},
                                                  {Errc::unavailable, 503},   {Errc::overloaded, 503}};
    for (const auto& [code, status] : statuses) EXPECT_EQ(http_status(code), status);
}

TEST(ErrorBody, is_JSON_whatever_the_message_holds) {
    EXPECT_EQ(error_body("a", "b"), R"({"status":"error","code":"a","message":"b"})");
    EXPECT_TRUE(event::check_json(error_body("a", "quote \" line\n backslash \\ control \x01")));
}

}  // namespace
}  // namespace tenter::receive
