#include "cli/tail_view.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace tenter::cli {
namespace {

TailEvent event_with(std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    TailEvent event;
    event.has_envelope = true;
    event.source = "demo";
    event.headers = std::move(headers);
    event.body = std::move(body);
    return event;
}

bool header_matches(const char* condition, const TailEvent& event) {
    EventFilter filter;
    EXPECT_TRUE(filter.add_header(condition)) << condition;
    return filter.matches(event);
}

bool pointer_matches(const char* condition, const TailEvent& event) {
    EventFilter filter;
    EXPECT_TRUE(filter.add_pointer(condition)) << condition;
    return filter.matches(event);
}

TEST(EventFilter, finds_a_header_by_its_name_in_any_case_and_by_any_of_its_values) {
    const auto event = event_with("", {{"x-kind", "a"}, {"x-kind", "b=c"}, {"x-empty", ""}});
    for (const char* matching : {"x-kind", "X-Kind", "X-KIND=a", "x-kind=b=c", "x-empty", "x-empty="})
        EXPECT_TRUE(header_matches(matching, event)) << matching;
    for (const char* other : {"x-kin", "x-kind=A", "x-kind=", "x-kind=b", "x-empty=a"}) EXPECT_FALSE(header_matches(other, event)) << other;
}

TEST(EventFilter, finds_values_of_all_kinds_by_their_json_pointer) {
    const auto event = event_with(R"({"a":{"b":[10,"x"]},"n":null,"t":true,"s":"1.50","f":1.50,"k/y":{"~":1},"":2})");
    for (const char* matching : {"", "/a", "/a/b/0", "/a/b/0=10", "/a/b/1=x", "/a/b/1=\"x\"", "/a/b=[10,\"x\"]", "/n", "/n=null", "/t=true",
                                 "/s=1.50", "/f=1.50", "/k~1y/~0=1", "/=2"})
        EXPECT_TRUE(pointer_matches(matching, event)) << matching;
    for (const char* other : {"/b", "/a/b/2", "/a/b/0=1", "/a/b/0=", "/t=True", "/f=1.5", "/a=x"})
        EXPECT_FALSE(pointer_matches(other, event)) << other;
}

TEST(EventFilter, looks_at_cbor_as_its_json_value_and_at_nothing_that_is_neither) {
    auto cbor = event_with("\xa1\x61\x61\x01");
    EXPECT_FALSE(pointer_matches("/a", cbor));
    cbor.body_json = R"({"a":1})";
    EXPECT_TRUE(pointer_matches("/a=1", cbor));
    EXPECT_FALSE(pointer_matches("", event_with("{")));
}

TEST(EventFilter, wants_all_conditions_and_an_envelope_if_there_is_one) {
    EventFilter filter;
    TailEvent unreadable;
    EXPECT_TRUE(filter.matches(unreadable));
    ASSERT_TRUE(filter.add_header("x-a"));
    ASSERT_TRUE(filter.add_header("x-b=1"));
    ASSERT_TRUE(filter.add_pointer("/c"));
    EXPECT_TRUE(filter.matches(event_with(R"({"c":0})", {{"x-a", ""}, {"x-b", "1"}})));
    EXPECT_FALSE(filter.matches(event_with(R"({"c":0})", {{"x-a", ""}, {"x-b", "2"}})));
    EXPECT_FALSE(filter.matches(event_with(R"({"c":0})", {{"x-b", "1"}})));
    EXPECT_FALSE(filter.matches(event_with(R"({"d":0})", {{"x-a", ""}, {"x-b", "1"}})));
    EXPECT_FALSE(filter.matches(unreadable));
}

TEST(EventFilter, refuses_conditions_that_cannot_be) {
    EventFilter filter;
    EXPECT_FALSE(filter.add_header(""));
    EXPECT_FALSE(filter.add_header("=value"));
    EXPECT_FALSE(filter.add_pointer("a"));
    EXPECT_FALSE(filter.add_pointer("/~2"));
}

struct Shown {
    std::vector<std::string> texts;
    bool is_there = true;
    TailOutput output() {
        return [this](std::string_view text) {
            texts.emplace_back(text);
            return is_there;
        };
    }
};

TEST(TailView, ends_at_its_limit_of_events_that_pass_the_filter) {
    Shown shown;
    TailViewOptions options{.limit = 2, .json = true};
    ASSERT_TRUE(options.filter.add_pointer("/a"));
    TailView view(std::move(options), shown.output());
    EXPECT_TRUE(view.show(event_with(R"({"a":1})")));
    EXPECT_TRUE(view.show(event_with("{}")));
    EXPECT_FALSE(view.show(event_with(R"({"a":2})")));
    EXPECT_TRUE(view.has_ended());
    EXPECT_FALSE(view.show(event_with(R"({"a":3})")));
    EXPECT_EQ(shown.texts.size(), 2U);
}

TEST(TailView, ends_when_its_reader_is_gone) {
    Shown shown{.texts = {}, .is_there = false};
    TailView view({}, shown.output());
    EXPECT_FALSE(view.show(event_with("{}")));
    EXPECT_FALSE(view.show(event_with("{}")));
    EXPECT_EQ(shown.texts.size(), 1U);
}

TEST(TailView, shows_nothing_with_a_limit_of_none) {
    Shown shown;
    TailView view({.limit = 0}, shown.output());
    EXPECT_TRUE(view.has_ended());
    EXPECT_FALSE(view.show(event_with("{}")));
    EXPECT_TRUE(shown.texts.empty());
}

}  // namespace
}  // namespace tenter::cli
