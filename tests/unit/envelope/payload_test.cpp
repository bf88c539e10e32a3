#include <optional>
#include <random>

#include "tests/unit/envelope/envelope_testing.hpp"

namespace tenter::envelope::testing {
namespace {

using namespace std::string_literals;

/// Encodes as the gateway does, decodes, and gives back what `original_body` says.
Result<Bytes> through_the_envelope(BytesView body, std::optional<std::string_view> content_type, bool body_is_json) {
    const auto choice = choose_payload(body, content_type, body_is_json);
    std::vector<HeaderView> headers{{"host", "localhost"}};
    const std::string stored_type = latin1_to_utf8(content_type.value_or(""));
    if (content_type) headers.push_back({"content-type", stored_type});
    Bytes datum;
    encode({.headers = headers, .payload = choice.as_it_is ? body : BytesView(choice.wrapped), .encoding = choice.encoding}, datum);
    const auto decoded = decode(datum);
    if (!decoded) return fail(Error(decoded.error()));
    return original_body(*decoded);
}

TEST(Payload, stores_json_as_it_is_only_if_it_is_json_and_says_so_or_says_nothing) {
    for (const auto& type :
         {std::optional<std::string_view>(), std::optional<std::string_view>(""),
          std::optional<std::string_view>("application/json; charset=utf-8"),
          std::optional<std::string_view>("application/cloudevents+json"), std::optional<std::string_view>("Text/JSON")}) {
        const auto choice = choose_payload("{}", type, true);
        EXPECT_EQ(choice.encoding, Encoding::json);
        EXPECT_TRUE(choice.as_it_is);
    }
    const auto called_json = choose_payload("{,}", "application/json", false);
    EXPECT_EQ(called_json.encoding, Encoding::cbor);
    EXPECT_EQ(called_json.wrapped, "\x63{,}");
    const auto text = choose_payload("{}", "text/plain", true);
    EXPECT_EQ(text.encoding, Encoding::cbor);
    EXPECT_EQ(text.wrapped, "\x62{}");
}

TEST(Payload, stores_what_is_neither_json_nor_cbor_as_one_text_or_byte_string) {
    EXPECT_EQ(choose_payload("a=1&b=2", "application/x-www-form-urlencoded", false).wrapped,
              "\x67"
              "a=1&b=2");
    EXPECT_EQ(choose_payload("\xff\xfe", std::nullopt, false).wrapped, "\x42\xff\xfe");
    EXPECT_EQ(choose_payload("", std::nullopt, false).wrapped, "\x40");
    EXPECT_EQ(choose_payload("", "application/json", false).wrapped, "\x40");
    EXPECT_EQ(choose_payload(std::string(24, 'x'), "text/plain", false).wrapped, "\x78\x18" + std::string(24, 'x'));
    EXPECT_EQ(choose_payload(std::string(256, 'x'), "text/plain", false).wrapped, "\x79\x01\x00"s + std::string(256, 'x'));
    EXPECT_EQ(choose_payload(std::string(65536, '\xff'), "text/plain", false).wrapped,
              "\x5a\x00\x01\x00\x00"s + std::string(65536, '\xff'));
}

TEST(Payload, stores_well_formed_cbor_as_it_is_where_the_content_type_is_cbor) {
    for (const auto* type : {"application/cbor", "application/vnd.example+cbor", "Application/CBOR; x=1"}) {
        const auto choice = choose_payload("\xa1\x61k\x01", type, false);
        EXPECT_EQ(choice.encoding, Encoding::cbor);
        EXPECT_TRUE(choice.as_it_is);
    }
    EXPECT_FALSE(choose_payload("\xa1\x61k\x01", "application/octet-stream", false).as_it_is);
}

TEST(Payload, wraps_what_only_calls_itself_cbor_so_that_it_cannot_be_taken_for_cbor) {
    EXPECT_EQ(choose_payload("\x61", "application/cbor", false).wrapped, "\x7b\0\0\0\0\0\0\0\x01\x61"s);
    EXPECT_EQ(choose_payload("\xff", "application/cbor", false).wrapped, "\x5b\0\0\0\0\0\0\0\x01\xff"s);
    EXPECT_EQ(choose_payload("", "application/cbor", false).wrapped, "\x5b\0\0\0\0\0\0\0\0"s);
    const auto long_string = "\x5b\0\0\0\0\0\0\0\x01\xff"s;
    EXPECT_EQ(choose_payload(long_string, "application/cbor", false).wrapped, "\xd9\xd9\xf7" + long_string);
}

TEST(Payload, stores_only_what_is_well_formed_even_at_the_deepest_nesting) {
    Bytes deepest;
    for (int i = 0; i < 512; ++i) deepest += "\xd9\xd9\xf7";
    deepest += "\x5b\0\0\0\0\0\0\0\x01\xff"s;
    ASSERT_TRUE(is_well_formed_cbor(deepest));
    const auto choice = choose_payload(deepest, "application/cbor", false);
    EXPECT_TRUE(is_well_formed_cbor(choice.wrapped));
    EXPECT_EQ(through_the_envelope(deepest, "application/cbor", false), deepest);
}

TEST(Payload, refuses_to_guess_the_body_of_an_envelope_that_we_did_not_write) {
    Bytes datum;
    encode({.headers = {}, .payload = "\xa0", .encoding = Encoding::cbor}, datum);
    const auto body = original_body(*decode(datum));
    ASSERT_FALSE(body.has_value());
    EXPECT_EQ(body.error().code, Errc::invalid_input);
}

// Goal: no body of any content type comes back altered. Method: bodies drawn from an alphabet of the bytes that mean something to the
// wrapping (heads of 8-byte strings, the self-described tag, UTF-8 and not), and bodies that are themselves the result of wrapping.
TEST(Payload, gives_back_every_body_exactly) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::vector<std::string> words{"\x5b"s, "\x7b"s, "\0"s, "\0\0\0\0\0\0\0"s, "\x01"s, "\x02"s, "\xd9\xd9\xf7"s,
                                         "\xff"s, "a"s,    "{}"s, "\x9f"s,           "\x40"s, "\x60"s, "\xc3\xbc"s};
    const std::vector<std::optional<std::string_view>> types{std::nullopt,         "",           "application/json", "application/cbor",
                                                             "application/x+cbor", "text/plain", "\xff/+cbor"};
    const auto pick = [&](std::size_t count) { return std::uniform_int_distribution<std::size_t>(0, count - 1)(random); };
    for (int i = 0; i < 20'000; ++i) {
        std::string body;
        for (std::size_t words_left = pick(8); words_left > 0; --words_left) body += words[pick(words.size())];
        const auto type = types[pick(types.size())];
        for (std::size_t wraps = pick(4); wraps > 0; --wraps) {
            const auto choice = choose_payload(body, type, false);
            if (!choice.as_it_is) body = choice.wrapped;
        }
        const auto back = through_the_envelope(body, type, pick(2) == 0);
        ASSERT_TRUE(back.has_value()) << back.error().message;
        ASSERT_EQ(*back, body);
    }
}

}  // namespace
}  // namespace tenter::envelope::testing
