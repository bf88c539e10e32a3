#include "cli/kafka_tail.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/exception.hpp"
#include "tests/unit/cli/stub_consumer.hpp"

namespace tenter::cli {
namespace {

using consume::Notice;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::StubConsumer;
using testing::StubEvent;
using Kind = Notice::Kind;

class KafkaTails : public ::testing::Test {
protected:
    TailOutput output() {
        return [this](std::string_view text) {
            shown_.emplace_back(text);
            return true;
        };
    }
    Say say() {
        return [this](const std::string& line) { said_.push_back(line); };
    }
    std::vector<std::string> shown_;
    std::vector<std::string> said_;
};

TEST_F(KafkaTails, show_events_until_their_limit_and_let_the_next_be_uncommitted) {
    TailView view({.limit = 2, .json = true}, output());
    KafkaTail tail({.follow = true}, view, say());
    int called = 0;
    StubConsumer consumer([&](const consume::Callback& callback) {
        for (std::int64_t offset = 0; offset < 3; ++offset, ++called) callback(StubEvent({}, offset).event());
    });
    tail.run(consumer, {});
    EXPECT_EQ(called, 2) << "the third left the callback by an exception";
    EXPECT_TRUE(consumer.is_to_end());
    ASSERT_EQ(shown_.size(), 2U);
    EXPECT_THAT(shown_[1], HasSubstr(R"("source":"demo","partition":2,"offset":1,)"));
}

TEST_F(KafkaTails, show_what_is_no_event_and_go_on) {
    TailView view({.json = true}, output());
    KafkaTail tail({.follow = true}, view, say());
    const auto options = tail.consumer_options();
    StubConsumer consumer([&](const consume::Callback&) {
        const StubEvent newer({.record_headers = {{"envelope", "\x81"}}});
        const auto event = newer.event();
        const consume::FormatError error(event.place(), {Errc::unsupported, "?"});
        EXPECT_EQ(options.on_undecodable({.error = error, .key = {}, .value = event.raw, .timestamp = {}, .headers = event.record_headers}),
                  consume::Undecodable::skip);
        const StubEvent system({.record_headers = {{"envelope", "\x01"}}});
        options.on_system({.place = event.place(), .key = {}, .value = {}, .timestamp = {}, .headers = system.event().record_headers});
    });
    tail.run(consumer, {});
    EXPECT_FALSE(consumer.is_to_end());
    ASSERT_EQ(shown_.size(), 2U);
    EXPECT_THAT(shown_[0], HasSubstr("upgrade"));
    EXPECT_THAT(shown_[1], HasSubstr(R"("value":null,"error":"a system record, not an event"})"));
}

TEST_F(KafkaTails, end_once_they_caught_up_unless_they_follow) {
    for (const bool follow : {false, true}) {
        TailView view({}, output());
        KafkaTail tail({.follow = follow}, view, say());
        const auto options = tail.consumer_options();
        StubConsumer consumer([&](const consume::Callback&) { options.on_notice({.kind = Kind::caught_up}); });
        tail.run(consumer, {});
        EXPECT_EQ(consumer.is_to_end(), !follow);
    }
}

TEST_F(KafkaTails, keep_to_one_partition_and_say_when_there_is_none) {
    TailView view({}, output());
    KafkaTail tail({.partition = 3, .follow = true}, view, say());
    const auto options = tail.consumer_options();
    StubConsumer consumer([&](const consume::Callback& callback) {
        options.on_notice({.kind = Kind::assigned, .partitions = {{"demo", 2}, {"demo", 3}}});
        callback(StubEvent({}).event());
        options.on_notice({.kind = Kind::assigned, .partitions = {{"demo", 4}}});  // a new one
    });
    tail.run(consumer, {});
    EXPECT_TRUE(shown_.empty());

    KafkaTail other({.partition = 3}, view, say());
    const auto more = other.consumer_options();
    EXPECT_THROW(more.on_notice({.kind = Kind::assigned, .partitions = {{"demo", 3}, {"shop", 2}}}), Exception);
}

TEST_F(KafkaTails, without_a_group_join_none_and_begin_where_they_are_told) {
    TailView view({}, output());
    KafkaTail tail({.from = FromOffset{5}}, view, say());
    const auto options = tail.consumer_options();
    EXPECT_TRUE(options.group.is_none());
    EXPECT_EQ(options.start.kind, consume::StartPoint::Kind::offset);
    EXPECT_EQ(options.start.offset, 5);
    KafkaTail grouped({.group = "shop"}, view, say());
    EXPECT_EQ(grouped.consumer_options().group.name_or(""), "shop");
    EXPECT_EQ(grouped.consumer_options().start.kind, consume::StartPoint::Kind::last_processed);
}

TEST_F(KafkaTails, say_what_becomes_of_the_connection_and_nothing_that_is_as_it_should_be) {
    TailView view({}, output());
    KafkaTail tail({.follow = true}, view, say());
    const auto options = tail.consumer_options();
    for (const auto kind : {Kind::connected, Kind::assigned, Kind::caught_up, Kind::lag, Kind::revoked, Kind::skipped})
        options.on_notice({.kind = kind});
    options.on_notice({.kind = Kind::disconnected, .message = "no broker"});
    options.on_notice({.kind = Kind::connected});
    options.on_notice({.kind = Kind::connected});
    options.on_notice({.kind = Kind::error, .message = "a commit failed"});
    EXPECT_THAT(said_, ElementsAre("connection lost: no broker; trying again", "connected again", "a commit failed"));
}

}  // namespace
}  // namespace tenter::cli
