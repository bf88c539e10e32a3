#include "tenter/elytra/data_as.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>

namespace tenter::elytra {

enum class Status { draft, released };
BOOST_DESCRIBE_ENUM(Status, draft, released)

struct Price {
    double amount = 0;
    std::string currency;
};
BOOST_DESCRIBE_STRUCT(Price, (), (amount, currency))

struct Product {
    std::string name;
    std::optional<std::string> subtitle;
    std::vector<Price> prices;
    std::map<std::string, std::int8_t> stock;
    Status status = Status::draft;
    bool active = false;
    boost::json::value more;
};
BOOST_DESCRIBE_STRUCT(Product, (), (name, subtitle, prices, stock, status, active, more))

struct Change {
    std::uint64_t objectId = 0;
    Product objectData;
};
BOOST_DESCRIBE_STRUCT(Change, (), (objectId, objectData))

struct Numbers {
    std::int64_t i64 = 0;
    std::uint64_t u64 = 0;
    std::int8_t i8 = 0;
    float f = 0;
    double d = 0;
};
BOOST_DESCRIBE_STRUCT(Numbers, (), (i64, u64, i8, f, d))

namespace {

CloudEvent event_with(std::string_view data) {
    CloudEvent event;
    event.data = event::JsonData{Bytes(data)};
    return event;
}

std::string replaced(std::string_view what, std::string_view with) {
    std::string text =
        R"({"objectId":7,"objectData":{"name":"Frame","prices":[{"amount":1.5,"currency":"EUR"},{"amount":2,"currency":"CHF"}],)"
        R"("stock":{"here":-3},"status":"released","active":true,"more":[1,{"x":null}],"unknown":1}})";
    if (!what.empty()) text.replace(text.find(what), what.size(), with);
    return text;
}

TEST(DataAs, fills_a_struct_and_the_structs_in_it) {
    const auto change = event_with(replaced("", "")).data_as<Change>();
    EXPECT_EQ(change.objectId, 7U);
    EXPECT_EQ(change.objectData.name, "Frame");
    EXPECT_EQ(change.objectData.subtitle, std::nullopt);
    ASSERT_EQ(change.objectData.prices.size(), 2U);
    EXPECT_EQ(change.objectData.prices[0].amount, 1.5);
    EXPECT_EQ(change.objectData.prices[1].amount, 2.0);
    EXPECT_EQ(change.objectData.prices[1].currency, "CHF");
    EXPECT_EQ(change.objectData.stock.at("here"), -3);
    EXPECT_EQ(change.objectData.status, Status::released);
    EXPECT_TRUE(change.objectData.active);
    EXPECT_TRUE(change.objectData.more.at(1).at("x").is_null());
}

TEST(DataAs, names_the_place_of_what_does_not_fit) {
    const struct {
        std::string_view what, with, message;
    } cases[] = {
        {R"("name":"Frame")", R"("name":5)", "data.objectData.name: expected string, found number"},
        {R"("name":"Frame",)", "", "data.objectData.name: missing"},
        {R"("objectId":7)", R"("objectId":"7")", "data.objectId: expected integer, found string"},
        {R"("objectId":7)", R"("objectId":7.0)", "data.objectId: expected integer, found number"},
        {R"("objectId":7)", R"("objectId":-1)", "data.objectId: an integer from 0 to 18446744073709551615 expected"},
        {R"("objectId":7)", R"("objectId":18446744073709551616)",
         "data.objectId: an integer over 64 bits; the raw text has all its digits"},
        {R"("amount":2)", R"("amount":"2")", "data.objectData.prices[1].amount: expected number, found string"},
        {R"("amount":2)", R"("amount":1e999)", "data.objectData.prices[1].amount: a number too large for a double; the raw text has it"},
        {R"("here":-3)", R"("here":-129)", "data.objectData.stock.here: an integer from -128 to 127 expected"},
        {R"("status":"released")", R"("status":"lost")", "data.objectData.status: not one of the names that are known"},
        {R"("status":"released")", R"("status":1)", "data.objectData.status: expected string, found number"},
        {R"("active":true)", R"("active":1)", "data.objectData.active: expected boolean, found number"},
        {R"([{"amount":1.5,"currency":"EUR"},{"amount":2,"currency":"CHF"}])", "{}",
         "data.objectData.prices: expected array, found object"},
        {R"({"here":-3})", "[]", "data.objectData.stock: expected object, found array"},
        {R"("name":"Frame")", R"("name":"Frame","subtitle":false)", "data.objectData.subtitle: expected string, found boolean"},
    };
    for (const auto& [what, with, message] : cases) {
        const auto change = event_with(replaced(what, with)).try_data_as<Change>();
        ASSERT_FALSE(change) << with;
        EXPECT_EQ(change.error().code, Errc::invalid_input);
        EXPECT_EQ(change.error().message, message);
    }
    EXPECT_EQ(event_with("[]").try_data_as<Change>().error().message, "data: expected object, found array");
    EXPECT_EQ(CloudEvent().try_data_as<Change>().error().message, "data: expected object, found null");
    EXPECT_THROW(static_cast<void>(event_with("5").data_as<Change>()), Exception);
}

TEST(DataAs, takes_an_optional_that_is_null_or_not_there) {
    EXPECT_EQ(event_with(replaced(R"("name":"Frame")", R"("name":"Frame","subtitle":null)")).data_as<Change>().objectData.subtitle,
              std::nullopt);
    EXPECT_EQ(event_with(replaced(R"("name":"Frame")", R"("name":"Frame","subtitle":"x")")).data_as<Change>().objectData.subtitle, "x");
    EXPECT_EQ(event_with("null").data_as<std::optional<int>>(), std::nullopt);
}

TEST(DataAs, takes_numbers_to_their_edges) {
    const auto numbers =
        event_with(R"({"i64":-9223372036854775808,"u64":18446744073709551615,"i8":127,"f":0.5,"d":1.7976931348623157e308})")
            .data_as<Numbers>();
    EXPECT_EQ(numbers.i64, std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(numbers.u64, std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(numbers.i8, 127);
    EXPECT_EQ(numbers.f, 0.5F);
    EXPECT_EQ(numbers.d, std::numeric_limits<double>::max());
    EXPECT_EQ(event_with("9007199254740993").data_as<std::int64_t>(), 9'007'199'254'740'993) << "not through a double";
    EXPECT_EQ(event_with("1e-400").data_as<double>(), 0.0) << "too small for a double is zero";
    // The nearest double to 0.1 + 0.2's shortest form, which Boost.JSON's own parser misses by one unit for some inputs.
    EXPECT_EQ(event_with("0.30000000000000004").data_as<double>(), 0.1 + 0.2);
    EXPECT_EQ(event_with("8.41e21").data_as<double>(), 8.41e21);
}

TEST(DataAs, refuses_a_number_that_its_type_has_no_room_for) {
    EXPECT_EQ(event_with("1e300").try_data_as<float>().error().message, "data: a number too large for this type");
}

TEST(DataAs, lets_the_first_of_repeated_names_count) {
    EXPECT_EQ((event_with(R"({"a":1,"a":2})").data_as<std::map<std::string, int>>()), (std::map<std::string, int>{{"a", 1}}));
}

TEST(DataAs, refuses_nesting_without_end) {
    const std::string deep = std::string(1025, '[') + std::string(1025, ']');
    EXPECT_FALSE(event_with(deep).try_data_as<boost::json::value>());
    EXPECT_TRUE(event_with(deep.substr(1, 2048)).try_data_as<boost::json::value>());
}

}  // namespace
}  // namespace tenter::elytra
