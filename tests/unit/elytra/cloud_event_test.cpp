// protocols, the Elytra package's items 1 to 4: the event, its accessors, event types and operations.
#include "tenter/elytra/cloud_event.hpp"

#include <unordered_set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tenter/base/exception.hpp"

namespace tenter::elytra {
namespace {

using testing::HasSubstr;

CloudEvent event_with_data(std::string_view json) {
    CloudEvent event;
    event.id = "1";
    event.source = "elytra-pim";
    event.type = "com.elytra.product";
    event.data = event::JsonData{Bytes(json)};
    return event;
}

CloudEvent event_of_type(std::string type, std::vector<event::Extension> extensions = {}) {
    CloudEvent event;
    event.type = std::move(type);
    event.extensions = std::move(extensions);
    return event;
}

TEST(EventType, has_the_package_s_members_in_their_order) {
    const std::vector<std::string_view> expected{"none",
                                                 "project",
                                                 "customer",
                                                 "todo",
                                                 "user",
                                                 "conversation",
                                                 "usergroup",
                                                 "calendar",
                                                 "rights",
                                                 "language",
                                                 "document",
                                                 "documentfolder",
                                                 "product_attributes",
                                                 "product_attribute_groups",
                                                 "product",
                                                 "product_group",
                                                 "product_forest",
                                                 "product_attribute_value",
                                                 "product_text",
                                                 "product_collector",
                                                 "product_language_fallback",
                                                 "product_picture",
                                                 "product_structure",
                                                 "product_text_style",
                                                 "product_language",
                                                 "catalog_content",
                                                 "product_import",
                                                 "product_search_filter"};
    ASSERT_EQ(EventType::all().size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const EventType type(expected[i]);
        EXPECT_EQ(type.value(), expected[i]);
        EXPECT_EQ(type.known(), static_cast<EventType::Known>(i));
    }
    EXPECT_EQ(EventType(EventType::documentfolder).value(), "documentfolder");
}

TEST(Operation, has_the_package_s_five) {
    EXPECT_THAT(std::vector<std::string_view>(Operation::all().begin(), Operation::all().end()),
                testing::ElementsAre("add", "modify", "remove", "link", "unlink"));
    EXPECT_EQ(Operation("unlink"), Operation::unlink);
}

TEST(OpenEnumeration, keeps_a_value_that_it_does_not_know) {
    const EventType newer("price_list");
    EXPECT_EQ(newer.value(), "price_list");
    EXPECT_FALSE(newer.known());
    EXPECT_EQ(newer, EventType("price_list"));
    EXPECT_NE(newer, EventType("price_lists"));
    EXPECT_NE(newer, EventType::none);
    EXPECT_NE(EventType("Product"), EventType::product) << "the strings are as they are sent";
    EXPECT_EQ(EventType("").value(), "");
    const std::unordered_set<EventType> set{EventType::product, EventType("product"), newer, EventType("price_list")};
    EXPECT_EQ(set.size(), 2U);
}

TEST(EventType, converts_to_and_from_a_CloudEvent_s_type) {
    for (const auto name : EventType::all()) {
        const EventType type(name);
        EXPECT_EQ(event_type_of(cloud_event_type(type)), type);
        EXPECT_EQ(event_type_of(cloud_event_type(type, "x.y"), "x.y"), type);
    }
    EXPECT_EQ(cloud_event_type(EventType::product), "com.elytra.product");
    for (const std::string_view other : {"", "com.elytra", "com.elytra.", "com.elytraproduct", "org.elytra.product", "product"})
        EXPECT_EQ(event_type_of(other), std::nullopt) << other;
    EXPECT_EQ(event_type_of("com.elytra.a.b"), EventType("a.b"));
}

TEST(CloudEvent, takes_its_event_type_from_the_extension_before_its_type) {
    EXPECT_EQ(event_of_type("com.elytra.product").get_event_type(), EventType::product);
    EXPECT_EQ(event_of_type("com.elytra.product", {{"eventtype", std::string("todo")}}).get_event_type(), EventType::todo);
    EXPECT_EQ(event_of_type("x", {{"eventtype", std::string("brand_new")}}).get_event_type(), EventType("brand_new"));
    EXPECT_EQ(event_of_type("com.shop.product").get_event_type(), std::nullopt);
    EXPECT_EQ(event_of_type("com.shop.product").get_event_type("com.shop"), EventType::product);
}

TEST(CloudEvent, takes_its_operation_from_the_extension) {
    EXPECT_EQ(event_of_type("x", {{"operation", std::string("modify")}}).get_operation(), Operation::modify);
    EXPECT_EQ(event_of_type("x", {{"operation", std::string("archive")}}).get_operation(), Operation("archive"));
    EXPECT_EQ(event_of_type("x").get_operation(), std::nullopt);
    EXPECT_EQ(event_of_type("x", {{"operation", 5}}).get_operation(), std::nullopt);
}

TEST(CloudEvent, finds_its_object_in_the_places_that_were_decided) {
    const struct {
        std::string_view data;
        std::optional<std::string> id, type;
    } cases[] = {
        {R"({"objectId":"a","objectType":"product"})", "a", "product"},
        {R"({"objectId":42,"objectType":7})", "42", "7"},
        {R"({"objectId":-123456789012345678901234567890})", "-123456789012345678901234567890", {}},
        {R"({"objectId":"a","objectData":{"objectId":"b","id":"c"}})", "a", {}},
        {R"({"objectData":{"objectId":"b","id":"c","objectType":"t","type":"u"}})", "b", "t"},
        {R"({"objectData":{"id":"c","type":"u"}})", "c", "u"},
        {R"({"objectId":null,"objectData":{"id":3}})", "3", {}},
        {R"({"objectId":true,"objectData":{"id":1.5}})", {}, {}},
        {R"({"objectId":{"id":1},"objectType":["x"]})", {}, {}},
        {R"({"id":"not there","type":"nor there"})", {}, {}},
        {R"({"objectId":"\u00e4\n"})", "ä\n", {}},
        {"null", {}, {}},
        {"5", {}, {}},
        {R"(["objectId"])", {}, {}},
    };
    for (const auto& [data, id, type] : cases) {
        const auto event = event_with_data(data);
        EXPECT_EQ(event.get_object_id(), id) << data;
        EXPECT_EQ(event.get_object_type(), type) << data;
    }
    EXPECT_EQ(CloudEvent().get_object_id(), std::nullopt);
}

TEST(CloudEvent, gives_its_data_as_a_value_and_as_it_was_sent) {
    const auto event = event_with_data(R"({ "objectData" : {"name":"x","n":[1,-2,18446744073709551615,0.1]} })");
    EXPECT_EQ(event.raw_data(), R"({ "objectData" : {"name":"x","n":[1,-2,18446744073709551615,0.1]} })");
    const auto object = event.get_object_data();
    EXPECT_EQ(object.at("name").as_string(), "x");
    EXPECT_EQ(object.at("n").at(2).as_uint64(), 18'446'744'073'709'551'615U);
    EXPECT_EQ(object.at("n").at(3).as_double(), 0.1);
    EXPECT_TRUE(CloudEvent().get_object_data().is_null());
    EXPECT_TRUE(event_with_data("[1]").get_object_data().is_null());
    CloudEvent text;
    text.data = event::TextData{"plain"};
    EXPECT_EQ(text.raw_data(), "plain");
    EXPECT_TRUE(text.get_data().is_null());
}

TEST(CloudEvent, names_the_place_of_a_number_that_no_value_can_hold) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {R"({"objectData":{"price":1e400}})", "data.objectData.price: "},
        {R"({"objectData":{"ids":[1,18446744073709551616]}})", "data.objectData.ids[1]: an integer over 64 bits"},
        {R"([[-9223372036854775809]])", "data[0][0]: an integer over 64 bits"},
        {R"({"a":{"b":"\ud800"}})", "data.a.b: "},
    };
    for (const auto& [data, message] : cases) {
        const auto value = event_with_data(data).try_get_data();
        ASSERT_FALSE(value) << data;
        EXPECT_EQ(value.error().code, Errc::invalid_input);
        EXPECT_THAT(value.error().message, testing::StartsWith(std::string(message)));
        EXPECT_THROW(static_cast<void>(event_with_data(data).get_object_data()), Exception);
        EXPECT_EQ(event_with_data(data).raw_data(), data) << "the raw text stays available";
    }
}

}  // namespace
}  // namespace tenter::elytra
