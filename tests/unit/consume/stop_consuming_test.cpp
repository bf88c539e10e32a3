// A callback that wants to end the consumption without its event.
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/consume/scripted_consumer.hpp"

namespace tenter::consume {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(StopConsuming, ends_run_in_order_and_the_event_comes_again_although_failures_are_retried_and_dead_lettered) {
    ScriptedConsumer consumer({.retry = retry::RetryConfig{.max_retries = 0}, .dead_letter_topic = "dead"});
    for (int i = 0; i < 4; ++i) consumer.add(webhook(Method::post, {}, "1"));
    std::vector<std::int64_t> offsets;
    consumer.run([&](const WebhookEvent& event) {
        offsets.push_back(event.offset);
        if (event.offset == 2) throw StopConsuming();
    });
    EXPECT_THAT(offsets, ElementsAre(0, 1, 2));
    EXPECT_EQ(consumer.committed("scripted", 0), 2);
    EXPECT_THAT(consumer.dead_lettered(), IsEmpty());
    offsets.clear();
    consumer.run([&](const WebhookEvent& event) { offsets.push_back(event.offset); });
    EXPECT_THAT(offsets, ElementsAre(2, 3));
}

}  // namespace
}  // namespace tenter::consume
