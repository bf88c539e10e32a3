// Tests of a program's own handler, without Kafka: ScriptedConsumer runs the code that runs in production, over records from memory. Delays
// of retries do not pass.
#include <chrono>
#include <functional>
#include <stdexcept>

#include <gtest/gtest.h>

#include "orders.hpp"

namespace {

using namespace tenter::mister_webhooks;

ScriptedRecord order(const char* json) { return webhook(HTTPMethod::post, {{"content-type", "application/json"}}, json); }

TEST(Orders, are_added_up_and_committed) {
    ScriptedConsumer consumer;
    consumer.add(order(R"({"id": "a", "total": 10})"));
    consumer.add(order(R"({"id": "b", "total": 2.5})"));
    Orders orders;
    consumer.run(std::ref(orders));
    EXPECT_EQ(orders.sum(), 12.5);
    EXPECT_EQ(consumer.committed("scripted", 0), 2);
}

TEST(Orders, that_come_again_count_once) {
    ScriptedConsumer consumer;
    consumer.add(order(R"({"id": "a", "total": 10})"));
    consumer.add(order(R"({"id": "b", "total": 2.5})"));
    consumer.redeliver();
    int calls = 0;
    Orders orders;
    consumer.run([&](const WebhookEvent& event) {
        ++calls;
        orders(event);
    });
    EXPECT_EQ(calls, 4);
    EXPECT_EQ(orders.sum(), 12.5);
}

TEST(Orders, are_tried_again_while_the_database_is_away) {
    ScriptedConsumer consumer({.retry = RetryConfig{.max_retries = 5}});
    consumer.add(order(R"({"id": "a", "total": 10})"));
    Orders orders;
    int attempts = 0;
    orders.connect = [&] {
        if (++attempts < 4) throw std::runtime_error("the database is away");
    };
    consumer.run(std::ref(orders));
    EXPECT_EQ(attempts, 4);
    EXPECT_EQ(orders.sum(), 10);
}

TEST(Orders, without_an_id_go_to_the_dead_letters) {
    ScriptedConsumer consumer(
        {.dead_letter_topic = "dead.orders", .on_undecodable = [](const UndecodableRecord&) { return Undecodable::dead_letter; }});
    consumer.add(order(R"({"total": 10})"));
    consumer.add(order(R"({"id": "b", "total": 2.5})"));
    Orders orders;
    consumer.run(std::ref(orders));
    EXPECT_EQ(orders.sum(), 2.5);
    ASSERT_EQ(consumer.dead_lettered().size(), 1U);
    EXPECT_EQ(consumer.dead_lettered()[0].place.offset, 0);
    EXPECT_NE(consumer.dead_lettered()[0].reason.find("id"), std::string::npos);
}

TEST(Orders, that_fail_leave_run_with_their_exception_and_uncommitted) {
    ScriptedConsumer consumer;
    consumer.add(order(R"({"id": "a", "total": 10})"));
    consumer.add(order(R"({"id": "b", "total": 2.5})"));
    Orders orders;
    int attempts = 0;
    orders.connect = [&] {
        if (++attempts == 2) throw std::runtime_error("the database is away");
    };
    EXPECT_THROW(consumer.run(std::ref(orders)), std::runtime_error);
    EXPECT_EQ(consumer.committed("scripted", 0), 1);
    consumer.run(std::ref(orders));
    EXPECT_EQ(orders.sum(), 12.5);
}

}  // namespace
