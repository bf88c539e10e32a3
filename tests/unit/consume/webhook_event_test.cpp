#include "tenter/consume/webhook_event.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/describe.hpp>
#include <boost/json/value.hpp>

#include "tenter/consume/payload_as.hpp"
#include "tenter/consume/scripted_consumer.hpp"

namespace tenter::consume {

struct Order {
    std::string id;
    std::int64_t count = 0;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, count))

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

/// What the callback gets for that record.
void look_at(ScriptedRecord record, const Callback& look) {
    ScriptedConsumer consumer;
    consumer.add(std::move(record));
    int calls = 0;
    consumer.run([&](const WebhookEvent& event) {
        ++calls;
        look(event);
    });
    EXPECT_EQ(calls, 1);
}

TEST(AnEvent, has_the_method_time_and_place_of_its_record) {
    auto record = webhook(Method::delete_, {}, "1");
    record.topic = "incoming.shop";
    record.partition = 3;
    record.offset = 1077;
    record.timestamp = UnixMillis(std::chrono::milliseconds(1'700'000'000'123));
    record.key = "customer 7";
    look_at(std::move(record), [](const WebhookEvent& event) {
        EXPECT_EQ(event.method, Method::delete_);
        EXPECT_EQ(event.timestamp.time_since_epoch().count(), 1'700'000'000'123);
        EXPECT_EQ(event.place(), (RecordPlace{.topic = "incoming.shop", .partition = 3, .offset = 1077}));
        EXPECT_EQ(event.key, "customer 7");
        EXPECT_EQ(event.attempt, 0u);
    });
}

TEST(AnEvent, has_its_headers_in_order_as_lists_that_are_found_in_any_case) {
    look_at(webhook(Method::post, {{"X-B", "1"}, {"x-a", "2"}, {"x-b", "3"}}, "1"), [](const WebhookEvent& event) {
        EXPECT_EQ(event.headers.find("X-b"), "1");
        EXPECT_THAT(event.headers.values("X-B"), ElementsAre("1", "3"));
        EXPECT_FALSE(event.headers.contains("x-c"));
        EXPECT_THAT(event.headers.to_lists(), ElementsAre(Pair("x-b", ElementsAre("1", "3")), Pair("x-a", ElementsAre("2"))));
    });
}

TEST(AnEvent, has_the_headers_of_its_record_of_which_the_first_of_a_name_counts) {
    auto record = webhook(Method::post, {}, "1");
    record.headers.emplace_back("tenter-id", "a");
    record.headers.emplace_back("tenter-id", "b");
    record.headers.emplace_back("nothing", std::nullopt);
    look_at(std::move(record), [](const WebhookEvent& event) {
        EXPECT_EQ(event.record_headers.find("tenter-id"), "a");
        EXPECT_EQ(event.record_headers.find("nothing"), std::nullopt);
        EXPECT_EQ(event.record_headers.find("Tenter-Id"), std::nullopt);
        EXPECT_EQ(event.record_headers.at(0)->name, "envelope");
        std::size_t count = 0;
        event.record_headers.for_each([&](std::string_view, std::optional<BytesView>) { ++count; });
        EXPECT_EQ(count, 4u);
    });
    EXPECT_EQ(RecordHeaders().find("envelope"), std::nullopt);
}

TEST(AnEvent, gives_its_payload_as_a_value_as_a_struct_or_as_bytes) {
    look_at(webhook(Method::post, {}, R"({"id": "o1", "count": 3})"), [](const WebhookEvent& event) {
        EXPECT_EQ(event.payload().at("count").as_int64(), 3);
        EXPECT_EQ(event.payload_as<Order>().id, "o1");
        EXPECT_EQ(event.try_payload_as<Order>()->count, 3);
        EXPECT_EQ(event.payload_bytes, R"({"id": "o1", "count": 3})");
        EXPECT_EQ(event.encoding, Encoding::json);
    });
}

TEST(AnEvent, names_its_place_where_the_payload_is_not_what_was_asked_for) {
    look_at(webhook(Method::post, {}, R"({"id": 7, "count": 3})"), [](const WebhookEvent& event) {
        try {
            static_cast<void>(event.payload_as<Order>());
            FAIL();
        } catch (const PayloadDecodeError& error) {
            EXPECT_THAT(error.what(), HasSubstr("scripted partition 0 offset 0: "));
            EXPECT_THAT(error.what(), HasSubstr("id"));
        }
        EXPECT_THAT(event.try_payload_as<Order>().error().message, HasSubstr("scripted partition 0 offset 0: "));
    });
    look_at(webhook(Method::post, {}, "{"), [](const WebhookEvent& event) {
        EXPECT_THROW(static_cast<void>(event.payload()), PayloadDecodeError);
        EXPECT_THAT(event.try_payload().error().message, HasSubstr("scripted partition 0 offset 0: "));
    });
}

TEST(AnEvent, gives_back_what_arrived_at_the_gateway) {
    for (const std::string body : {"a=1&b=2", "", "\xff\xfe", "{}", "no json"}) {
        look_at(captured_webhook(Method::post, {{"content-type", "text/plain"}}, body), [&](const WebhookEvent& event) {
            EXPECT_EQ(event.original_body(), body);
            EXPECT_EQ(event.try_original_body(), body);
        });
    }
}

}  // namespace
}  // namespace tenter::consume
