#include "gateway/ingest/ordering_key.hpp"

#include <gtest/gtest.h>

namespace tenter::ingest {
namespace {

std::string key_of(const config::KeyRule& rule, std::string_view body, std::vector<HeaderView> headers = {},
                   std::optional<event::EventSummary> summary = std::nullopt) {
    const receive::ReceivedEvent event{body, true, std::move(summary)};
    return ordering_key(rule, {"POST", "/s", headers, body, ""}, event).value_or("(none)");
}

event::EventSummary summary_with(std::optional<std::string> subject, std::optional<std::string> partitionkey) {
    return {"1", "/s", "t", std::move(subject), std::move(partitionkey)};
}

TEST(OrderingKey, is_none_where_the_rule_says_so) { EXPECT_EQ(key_of(config::KeyNone{}, R"({"id":1})"), "(none)"); }

TEST(OrderingKey, of_CloudEvents_is_the_partition_key_else_the_subject) {
    const config::KeyCloudEvents rule;
    EXPECT_EQ(key_of(rule, "{}", {}, summary_with("subject", "partition")), "partition");
    EXPECT_EQ(key_of(rule, "{}", {}, summary_with("subject", std::nullopt)), "subject");
    EXPECT_EQ(key_of(rule, "{}", {}, summary_with(std::nullopt, std::nullopt)), "(none)");
    EXPECT_EQ(key_of(rule, "{}"), "(none)");
}

TEST(OrderingKey, of_Elytra_is_object_type_and_id_from_wherever_they_stand) {
    const config::KeyElytra rule;
    EXPECT_EQ(key_of(rule, R"({"data":{"objectId":7,"objectType":"product"}})"), "product:7");
    EXPECT_EQ(key_of(rule, R"({"data":{"objectData":{"objectId":"a","objectType":"text"}}})"), "text:a");
    EXPECT_EQ(key_of(rule, R"({"data":{"objectData":{"id":7,"type":"product"}}})"), "product:7");
    EXPECT_EQ(key_of(rule, R"({"data":{"objectId":1,"objectType":"outer","objectData":{"objectId":2,"objectType":"inner"}}})"), "outer:1");
    EXPECT_EQ(key_of(rule, R"({"objectId":7,"objectType":"product"})"), "product:7") << "binary mode: the body is the data";
    EXPECT_EQ(key_of(rule, R"({"data":{"objectType":"product"}})"), "(none)");
    EXPECT_EQ(key_of(rule, R"({"data":{"objectId":null}})"), "(none)");
}

TEST(OrderingKey, of_a_header_is_its_first_value_whatever_its_case) {
    EXPECT_EQ(key_of(config::KeyHeader{"X-Id"}, "{}", {{"x-id", "a"}, {"X-ID", "b"}}), "a");
    EXPECT_EQ(key_of(config::KeyHeader{"X-Id"}, "{}"), "(none)");
}

TEST(OrderingKey, of_a_pointer_is_the_scalar_there) {
    EXPECT_EQ(key_of(config::KeyJsonPointer{"/a/0"}, R"({"a":[12]})"), "12");
    EXPECT_EQ(key_of(config::KeyJsonPointer{"/a"}, R"({"a":{}})"), "(none)");
}

TEST(OrderingKey, is_none_where_a_body_that_is_not_JSON_would_have_to_be_read) {
    const receive::ReceivedEvent event{"{broken", false, std::nullopt};
    const HttpRequestView request{"POST", "/s", {}, "{broken", ""};
    EXPECT_EQ(ordering_key(config::KeyJsonPointer{"/a"}, request, event), std::nullopt);
    EXPECT_EQ(ordering_key(config::KeyElytra{}, request, event), std::nullopt);
}

}  // namespace
}  // namespace tenter::ingest
