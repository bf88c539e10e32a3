// protocols, the Elytra package's item 5, and the plain form that Elytra sends where it sends no CloudEvents.
#include "tenter/elytra/parse.hpp"

#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "tenter/base/exception.hpp"

namespace tenter::elytra {
namespace {

using testing::HasSubstr;

constexpr std::string_view event =
    R"({"specversion":"1.0","id":"e-1","source":"elytra-pim","type":"com.elytra.product","operation":"add","data":{"objectId":7}})";

TEST(ParseWebhookPayload, takes_JSON_text) {
    const auto parsed = parse_webhook_payload(event);
    EXPECT_EQ(parsed.id, "e-1");
    EXPECT_EQ(parsed.get_event_type(), EventType::product);
    EXPECT_EQ(parsed.get_operation(), Operation::add);
    EXPECT_EQ(parsed.get_object_id(), "7");
    EXPECT_EQ(parsed.datacontenttype, "application/json") << "the default that was decided";
    EXPECT_EQ(parse_webhook_payload("{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/\",\"type\":\"t\"}").datacontenttype, std::nullopt)
        << "without data nothing has a type";
}

TEST(ParseWebhookPayload, takes_a_JSON_value) {
    EXPECT_EQ(parse_webhook_payload(boost::json::parse(event)), parse_webhook_payload(event));
    boost::json::value value = boost::json::parse(event);
    value.as_object()["data"].emplace_object()["price"].emplace_array().push_back(std::numeric_limits<double>::infinity());
    const auto refused = try_parse_webhook_payload(value);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "data.price[0]: a number that is not finite");
    EXPECT_THROW(static_cast<void>(parse_webhook_payload(value)), Exception);
}

TEST(ParseWebhookPayload, takes_every_mode_of_HTTP) {
    const std::vector<HeaderView> binary{{"CE-SpecVersion", "1.0"},
                                         {"Ce-Id", "e-1"},
                                         {"ce-source", "/s"},
                                         {"ce-type", "com.elytra.todo"},
                                         {"Content-Type", "application/json"}};
    EXPECT_EQ(parse_webhook_payload(R"({"objectId":1})", binary).get_object_id(), "1");
    for (const std::string_view type :
         {"application/cloudevents+json", "Application/CloudEvents+JSON; charset=utf-8", "application/json", "text/plain"}) {
        const std::vector<HeaderView> headers{{"content-type", type}};
        EXPECT_EQ(parse_webhook_payload(event, headers).id, "e-1") << type;
    }
    const std::vector<HeaderView> batch{{"content-type", "application/cloudevents-batch+json"}};
    EXPECT_EQ(parse_webhook_payload("[" + std::string(event) + "]", batch).id, "e-1");
    EXPECT_EQ(parse_webhook_batch("[" + std::string(event) + "," + std::string(event) + "]", batch).size(), 2U);
    EXPECT_EQ(parse_webhook_batch("[]", batch).size(), 0U);
    EXPECT_EQ(parse_webhook_batch(event).size(), 1U);
}

TEST(ParseWebhookPayload, refuses_what_is_not_one_event) {
    const std::vector<HeaderView> batch{{"content-type", "application/cloudevents-batch+json"}};
    for (const std::string_view body : {"", "null", "[]", "{}", "{\"specversion\":\"0.3\"}", "nonsense"}) {
        const auto refused = try_parse_webhook_payload(body);
        ASSERT_FALSE(refused) << body;
        EXPECT_EQ(refused.error().code, Errc::invalid_input);
        EXPECT_THROW(static_cast<void>(parse_webhook_payload(body)), Exception);
    }
    EXPECT_EQ(try_parse_webhook_payload("[]", batch).error().message, "a batch of 0 events where one is expected");
    const std::vector<HeaderView> avro{{"content-type", "application/cloudevents+avro"}};
    EXPECT_EQ(try_parse_webhook_payload(event, avro).error().code, Errc::unsupported);
}

TEST(ParseWebhookPayload, refuses_an_event_cut_at_any_byte) {
    for (std::size_t size = 0; size < event.size(); ++size) EXPECT_FALSE(try_parse_webhook_payload(event.substr(0, size))) << size;
}

const PlainFormOptions options{.source = "urn:pim", .type_prefix = "com.shop", .id = "id-1", .time = {}};
constexpr std::string_view plain =
    R"({ "operation":"add", "objectId":7,"type":"product","objectData":{"price":1e400, "name":"x"},"objectType":"product" })";

TEST(PlainForm, becomes_the_CloudEvent_that_Elytra_would_send) {
    const auto made = from_plain_form(plain, options);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(made->id, "id-1");
    EXPECT_EQ(made->source, "urn:pim");
    EXPECT_EQ(made->type, "com.shop.product");
    EXPECT_EQ(made->get_event_type(), EventType::product);
    EXPECT_EQ(made->get_operation(), Operation::add);
    EXPECT_EQ(made->get_object_id(), "7");
    EXPECT_EQ(made->datacontenttype, "application/json");
    EXPECT_EQ(made->raw_data(), R"({"objectId":7,"objectData":{"price":1e400, "name":"x"},"objectType":"product"})");
}

TEST(PlainForm, takes_types_and_operations_that_are_newer_than_this_library) {
    const auto made = from_plain_form(R"({"type":"price_list","operation":"archive","objectId":"1"})", options);
    ASSERT_TRUE(made);
    EXPECT_EQ(made->type, "com.shop.price_list");
    EXPECT_EQ(made->get_operation(), Operation("archive"));
}

TEST(PlainForm, refuses_what_it_is_not_and_says_where) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({"operation":"add","objectId":1})", "type: missing"},
        {R"({"type":"product","objectId":1})", "operation: missing"},
        {R"({"type":"product","operation":"add"})", "objectData: missing"},
        {R"({"type":5,"operation":"add","objectId":1})", "type: expected a text"},
        {R"({"type":"","operation":"add","objectId":1})", "type: expected a text"},
        {R"({"type":"product","operation":null,"objectId":1})", "operation: expected a text"},
        {R"({"type":"product","operation":"add","objectData":[]})", "objectData: expected an object"},
        {R"({"type":"product","operation":"add","objectId":1,"more":1})", "more: neither"},
        {R"({"type":"product","type":"todo","operation":"add","objectId":1})", "type: stands there twice"},
        {R"({"type":"pro\u0000duct","operation":"add","objectId":1})", "type"},
        {R"(["type"])", "'{' expected"},
        {"", "expected"},
    };
    for (const auto& [body, message] : cases) {
        const auto refused = from_plain_form(body, options);
        ASSERT_FALSE(refused) << body;
        EXPECT_EQ(refused.error().code, Errc::invalid_input);
        EXPECT_THAT(refused.error().message, HasSubstr(message)) << body;
    }
    for (std::size_t size = 0; size + 2 < plain.size(); ++size) EXPECT_FALSE(from_plain_form(plain.substr(0, size), options)) << size;
}

}  // namespace
}  // namespace tenter::elytra
