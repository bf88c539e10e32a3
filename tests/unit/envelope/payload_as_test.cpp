// Goal: payload_as reads JSON and CBOR straight into a struct, and says exactly what a conversion of the tree would have said.
// Method: random documents that are nearly what the struct asks for (members renamed, repeated, left out, of wrong kinds), written as JSON
// and as CBOR with all freedom that the formats leave; value, error and way are compared. The seed is printed.

#include <cstdint>
#include <random>

#include <boost/describe/class.hpp>
#include <boost/describe/enum.hpp>
#include <boost/describe/operators.hpp>

#include "tenter/envelope/payload_value.hpp"
#include "tenter/event/json_value.hpp"
#include "tests/unit/envelope/document_generator.hpp"
#include "tests/unit/envelope/envelope_testing.hpp"

namespace tenter::envelope::testing {

namespace json = boost::json;
using boost::describe::operators::operator==;
using boost::describe::operators::operator!=;

enum class Status { paid, open, void_ };
BOOST_DESCRIBE_ENUM(Status, paid, open, void_)

struct Item {
    std::string name;
    std::int8_t count = 0;
    std::optional<float> price;
    std::vector<Item> parts;
};
BOOST_DESCRIBE_STRUCT(Item, (), (name, count, price, parts))

struct Named {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(Named, (), (id))

struct Order : Named {
    std::optional<std::string> note;
    std::vector<Item> items;
    std::map<std::string, std::uint64_t> stock;
    std::unordered_map<std::string, std::optional<Item>> named;
    Status status = Status::paid;
    bool active = false;
    double total = 0;
    std::int64_t number = 0;
    std::uint16_t small = 0;
    std::vector<bool> flags;
    json::value more;
};
BOOST_DESCRIBE_STRUCT(Order, (Named), (note, items, stock, named, status, active, total, number, small, flags, more))

namespace {

Envelope envelope_of(BytesView payload, Encoding encoding) {
    Envelope envelope;
    envelope.payload = payload;
    envelope.encoding = encoding;
    return envelope;
}
Envelope json_envelope(BytesView text) { return envelope_of(text, Encoding::json); }
Envelope cbor_envelope(BytesView item) { return envelope_of(item, Encoding::cbor); }

/// Compares what the tree gives with what reading without one gives, and says whether it was a struct.
bool same_both_ways(const Envelope& envelope) {
    const auto value = payload_value(envelope);
    Order direct;
    const bool was_direct = detail::read_payload_as(envelope, direct);
    const auto order = payload_as<Order>(envelope);
    if (!value) {
        EXPECT_FALSE(was_direct) << envelope.payload;
        EXPECT_EQ(order.error().message, value.error().message);
        return false;
    }
    const auto expected = event::value_as<Order>(*value);
    EXPECT_EQ(was_direct, expected.has_value()) << envelope.payload << (expected ? "" : expected.error().message);
    EXPECT_EQ(order.has_value(), expected.has_value());
    if (expected && order) {
        EXPECT_TRUE(*order == *expected && direct == *expected) << envelope.payload;
    } else if (!expected && !order) {
        EXPECT_EQ(order.error().message, expected.error().message);
    }
    return expected.has_value();
}

TEST(PayloadAs, says_of_json_and_cbor_what_a_conversion_of_the_tree_says) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    DocumentGenerator generator(seed);
    constexpr int documents = 1500;
    int structs = 0;
    for (int i = 0; i < documents && !HasFailure(); ++i) {
        const auto draw = generator.order();
        const std::string text = generator.as_json(draw);
        const Bytes item = generator.as_cbor(draw);
        const bool is_order = same_both_ways(json_envelope(text));
        EXPECT_EQ(same_both_ways(cbor_envelope(item)), is_order) << text;
        EXPECT_EQ(payload_value(json_envelope(text)).value(), payload_value(cbor_envelope(item)).value()) << text;
        structs += is_order ? 1 : 0;
    }
    EXPECT_GT(structs, documents / 10);
    EXPECT_LT(structs, documents * 9 / 10);
}

TEST(PayloadAs, says_the_same_of_documents_that_are_damaged) {
    const std::uint64_t seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    DocumentGenerator generator(seed);
    for (int i = 0; i < 800 && !HasFailure(); ++i) {
        const auto draw = generator.order();
        for (const auto encoding : {Encoding::json, Encoding::cbor}) {
            Bytes bytes = encoding == Encoding::json ? generator.as_json(draw) : generator.as_cbor(draw);
            const std::size_t place = generator.below(bytes.size());
            if (generator.chance(2))
                bytes.resize(place);
            else
                bytes[place] = static_cast<char>(generator.below(256));
            same_both_ways(envelope_of(bytes, encoding));
        }
    }
}

TEST(PayloadAs, looks_at_members_that_it_does_not_read_as_closely_as_a_tree_does) {
    const std::string valid = R"({"id":"x"})";
    ASSERT_TRUE(payload_as<Named>(json_envelope(valid)).has_value());
    const struct {
        const char* json;
        const char* message;
    } cases[] = {
        {R"({"id":"x","y":tru})", "JSON: a value expected at byte 14"},
        {R"({"id":"x","y":[1,,2]})", "JSON: a value expected at byte 17"},
        {R"({"id":"x","y":01})", "JSON: ',' or '}' expected at byte 15"},
        {R"({"id":"x","y":[1,]})", "JSON: a value expected at byte 17"},
        {R"({"id":"x",})", "JSON: '\"' expected at byte 10"},
        {R"({"id":"x"}})", "JSON: text after the value at byte 10"},
        {R"({"id":"x","y":1e400})", "y: a number too large for a double; the raw text has it"},
        {R"({"id":"x","y":[18446744073709551616]})", "y[0]: an integer over 64 bits; the raw text has all its digits"},
        {R"({"id":"x","y":{"z":"\ud800"}})", "y.z: a lone surrogate, which is no character"},
        {R"({"id":"x","y":{"\udc00":1}})", "y: a lone surrogate, which is no character"},
        {"{\"id\":\"x\",\"y\":\"\xff\"}", "JSON: not UTF-8"},
        {R"({"id":"x","id":1e400})", "id: a number too large for a double; the raw text has it"},
        {R"({"id":7,"id":"x"})", "id: expected string, found number"},
    };
    for (const auto& [text, message] : cases) {
        const auto named = payload_as<Named>(json_envelope(text));
        ASSERT_FALSE(named.has_value()) << text;
        EXPECT_EQ(named.error().message, message);
    }
    EXPECT_EQ(payload_as<Named>(json_envelope(R"({"id":"x","id":7,"\u0069d":"y"})"))->id, "x");
    const auto cbor = [](const char* hex) { return payload_as<Named>(cbor_envelope(from_hex(hex))).error().message; };
    EXPECT_EQ(cbor("a2 626964 6178 6179 61ff"), "CBOR: y: text that is not UTF-8 at byte 8");
    EXPECT_EQ(cbor("a2 626964 6178 80 00"), "CBOR: a key that cannot be a name at byte 6");
    EXPECT_EQ(cbor("a1 626964 07"), "id: expected string, found number");
}

TEST(PayloadAs, nests_exactly_as_deep_as_a_tree) {
    const auto json_list = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    const auto as_value = [&](std::size_t depth) {
        const std::string text = R"({"id":"x","y":)" + json_list(depth) + "}";
        Named direct;
        EXPECT_EQ(detail::read_payload_as(json_envelope(text), direct), payload_value(json_envelope(text)).has_value()) << depth;
        return payload_as<Named>(json_envelope(text)).has_value();
    };
    EXPECT_TRUE(as_value(1023));
    EXPECT_FALSE(as_value(1024));
    const auto cbor_list = [&](std::size_t depth) {
        const Bytes item = from_hex("a2 626964 6178 6179") + Bytes(depth, '\x81') + Bytes(1, '\0');
        Named direct;
        EXPECT_EQ(detail::read_payload_as(cbor_envelope(item), direct), payload_value(cbor_envelope(item)).has_value()) << depth;
        return payload_as<Named>(cbor_envelope(item)).has_value();
    };
    EXPECT_TRUE(cbor_list(511));
    EXPECT_FALSE(cbor_list(512));
}

TEST(PayloadAs, reads_kinds_of_cbor_that_json_does_not_have_by_the_same_table) {
    struct Case {
        const char* hex;
        std::string text;
    };
    for (const auto& [hex, text] : {Case{"c249010000000000000000", "AQAAAAAAAAAA"}, Case{"43fbff00", "-_8A"}, Case{"d742fbff", "FBFF"}})
        EXPECT_EQ(payload_as<std::string>(cbor_envelope(from_hex(hex))).value(), text);
    EXPECT_EQ(payload_as<std::uint64_t>(cbor_envelope(from_hex("c24101"))).value(), 1U);
    EXPECT_EQ(payload_as<std::optional<double>>(cbor_envelope(from_hex("f97e00"))).value(), std::nullopt);
    EXPECT_EQ(payload_as<double>(cbor_envelope(from_hex("f93c00"))).value(), 1.0);
    EXPECT_EQ(payload_as<int>(cbor_envelope(from_hex("f93c00"))).error().message, "expected integer, found number");
    EXPECT_EQ((payload_as<std::map<std::string, bool>>(cbor_envelope(from_hex("a2 01 f5 20 f4"))).value()),
              (std::map<std::string, bool>{{"1", true}, {"-1", false}}));
    EXPECT_EQ((payload_as<std::vector<int>>(cbor_envelope(from_hex("c4 82 21 196ab3"))).value()), (std::vector<int>{-2, 27315}));
}

TEST(PayloadAs, an_enumerator_is_its_whole_name) {
    EXPECT_EQ(payload_as<Status>(json_envelope(R"("paid")")).value(), Status::paid);
    EXPECT_EQ(payload_as<Status>(cbor_envelope(from_hex("6470616964"))).value(), Status::paid);
    for (const auto* text : {R"("pai")", R"("paid\u0000")", R"("Paid")", R"("")"})
        EXPECT_EQ(payload_as<Status>(json_envelope(text)).error().message, "not one of the names that are known") << text;
}

TEST(PayloadValue, reads_what_the_encoding_says) {
    EXPECT_EQ(payload_value(json_envelope("1")).value(), json::value(1));
    EXPECT_EQ(payload_value(cbor_envelope("1")).value(), json::value(-18));  // 0x31
    EXPECT_EQ(payload_value(json_envelope("")).error().message, "JSON: a value expected at byte 0");
    EXPECT_EQ(payload_value(cbor_envelope("")).error().message, "CBOR: the bytes end within the item at byte 0");
}

}  // namespace
}  // namespace tenter::envelope::testing
