#include <random>

#include "tests/unit/envelope/envelope_testing.hpp"

namespace tenter::envelope::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

HeaderPairs through_the_envelope(const HeaderPairs& headers) {
    Bytes datum;
    const auto views = views_of(headers);
    encode({.headers = views, .payload = {}}, datum);
    const auto envelope = decode(datum);
    EXPECT_TRUE(envelope.has_value()) << envelope.error().message;
    return envelope ? pairs_of(envelope->headers) : HeaderPairs();
}

TEST(Encode, merges_equal_names_into_one_array_at_the_place_of_the_first) {
    EXPECT_THAT(through_the_envelope({{"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", "4"}, {"b", "5"}, {"a", "6"}}),
                ElementsAre(Pair("a", "1"), Pair("a", "3"), Pair("a", "6"), Pair("b", "2"), Pair("b", "5"), Pair("c", "4")));
    // zigzag: map of 2 | "a" 2 values "1" "3" | "b" 1 value "2"
    Bytes datum;
    const HeaderPairs pairs{{"a", "1"}, {"b", "2"}, {"a", "3"}};
    const auto headers = views_of(pairs);
    encode({.headers = headers, .payload = {}}, datum);
    EXPECT_EQ(hex_encode(datum),
              "04"
              "04"
              "0261"
              "04"
              "0231"
              "0233"
              "00"
              "0262"
              "02"
              "0232"
              "00"
              "00"
              "00"
              "00");
}

TEST(Encode, does_not_change_order_or_values_for_any_number_of_headers) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    for (const int count : {0, 1, 2, 63, 64, 65, 66, 500}) {
        HeaderPairs headers;
        std::vector<std::string> names;  // in order of first appearance
        for (int i = 0; i < count; ++i) {
            const auto name = "h" + std::to_string(random() % 80);
            headers.emplace_back(name, std::to_string(i));
            if (std::ranges::find(names, name) == names.end()) names.push_back(name);
        }
        HeaderPairs expected;
        for (const auto& name : names)
            for (const auto& header : headers)
                if (header.first == name) expected.push_back(header);
        EXPECT_EQ(through_the_envelope(headers), expected) << count;
    }
}

}  // namespace
}  // namespace tenter::envelope::testing
