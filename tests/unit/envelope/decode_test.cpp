#include "tests/unit/envelope/envelope_testing.hpp"

namespace tenter::envelope::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

void expect_refused(const Bytes& datum, std::string_view because) {
    const auto envelope = decode(datum);
    ASSERT_FALSE(envelope.has_value()) << hex_encode(datum);
    EXPECT_EQ(envelope.error().code, Errc::invalid_input);
    EXPECT_THAT(envelope.error().message, HasSubstr(std::string(because)));
}

TEST(EnvelopeHeader, must_be_exactly_one_byte) {
    for (const auto value : {std::optional<BytesView>(), std::optional<BytesView>(""), std::optional<BytesView>("\x80\x80")}) {
        const auto kind = classify(value);
        ASSERT_FALSE(kind.has_value());
        EXPECT_EQ(kind.error().code, Errc::invalid_input);
        EXPECT_THAT(kind.error().message, HasSubstr("\"envelope\""));
    }
}

TEST(EnvelopeHeader, tells_system_records_and_version_one_and_asks_to_upgrade_for_all_others) {
    for (int byte = 0; byte <= 0xFF; ++byte) {
        const Bytes value(1, static_cast<char>(byte));
        const auto kind = classify(value);
        if (byte < 0x80) {
            EXPECT_EQ(kind.value(), EnvelopeKind::system);
        } else if (byte == 0x80) {
            EXPECT_EQ(kind.value(), EnvelopeKind::avro_v1);
        } else {
            ASSERT_FALSE(kind.has_value());
            EXPECT_EQ(kind.error().code, Errc::unsupported);
            EXPECT_THAT(kind.error().message, HasSubstr("upgrade"));
        }
    }
}

TEST(Methods, have_the_six_names_of_the_schema_in_exact_case) {
    const std::array names{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"};
    for (std::size_t i = 0; i < names.size(); ++i) {
        EXPECT_EQ(parse_method(names[i]), static_cast<Method>(i));
        EXPECT_EQ(to_string(static_cast<Method>(i)), names[i]);
    }
    for (const auto* name : {"", "post", "OPTIONS", "GETS"}) EXPECT_EQ(parse_method(name), std::nullopt);
}

// Hexadecimal below: 04 method POST | 00 no headers | 04 7b7d payload "{}" | 00 encoding JSON. Numbers are zigzag: 02 is 1, 01 is -1.

TEST(Decode, refuses_symbols_that_the_schema_does_not_have) {
    expect_refused(from_hex("0c 00 04 7b7d 00"), "method: no such symbol: 6 at byte 0");
    expect_refused(from_hex("01 00 04 7b7d 00"), "method: no such symbol: -1 at byte 0");
    expect_refused(from_hex("04 00 04 7b7d 04"), "encoding: no such symbol: 2 at byte 5");
}

TEST(Decode, refuses_left_over_bytes) { expect_refused(from_hex("04 00 04 7b7d 00 00"), "left-over bytes at byte 6"); }

TEST(Decode, refuses_counts_that_the_bytes_cannot_hold_before_it_walks_anything) {
    expect_refused(from_hex("04 feffffffffffffffff01 00 04 7b7d 00"), "headers: more items than the bytes can hold at byte 1");
    expect_refused(from_hex("04 08 0000 00 04 7b7d"), "headers: more items");  // four entries in six bytes
    expect_refused(from_hex("04 02 0278 feffffffffffffffff01 00 00 04 7b7d 00"), "headers: more items than the bytes can hold at byte 4");
    expect_refused(from_hex("04 ffffffffffffffffff01 00 04 7b7d 00"), "headers: a block count out of range");  // -2^63
    expect_refused(from_hex("04 00 feffffffffffffffff01 7b7d 00"), "payload: a length beyond the end at byte 2");
    expect_refused(from_hex("04 00 01 7b7d 00"), "payload: a negative length at byte 2");
    expect_refused(from_hex("04 02 ff01 00 00 04 7b7d 00"), "headers: a negative length at byte 2");
}

TEST(Decode, refuses_numbers_over_64_bits) {
    expect_refused(from_hex("ffffffffffffffffffff01 00 04 7b7d 00"), "method: a number of more than 64 bits at byte 0");
    expect_refused(from_hex("ffffffffffffffffff02 00 04 7b7d 00"), "method: a number of more than 64 bits at byte 0");
}

TEST(Decode, refuses_a_block_whose_size_is_not_the_size_of_its_items) {
    // One block of one entry, "x" with an empty array: 3 bytes.
    EXPECT_TRUE(decode(from_hex("04 01 06 0278 00 00 04 7b7d 00")).has_value());
    expect_refused(from_hex("04 01 04 0278 00 00 04 7b7d 00"), "headers: a block size that is not the size of the block at byte 1");
    expect_refused(from_hex("04 01 08 0278 00 00 04 7b7d 00"), "headers: a block size that is not the size of the block at byte 1");
    expect_refused(from_hex("04 01 7e 0278 00 00 04 7b7d 00"), "headers: a block size beyond the end at byte 1");
    expect_refused(from_hex("04 01 05 0278 00 00 04 7b7d 00"), "headers: a block size beyond the end at byte 1");  // -3
}

TEST(Decode, refuses_names_and_values_that_are_not_utf8) {
    expect_refused(from_hex("04 02 02ff 00 00 04 7b7d 00"), "headers: text that is not UTF-8 at byte 2");
    expect_refused(from_hex("04 02 0278 02 04c328 00 00 04 7b7d 00"), "headers: text that is not UTF-8 at byte 5");
}

TEST(Decode, gives_views_into_the_datum) {
    const Bytes datum = from_hex("04 02 0278 02 0279 00 00 04 7b7d 00");
    const auto envelope = decode(datum);
    ASSERT_TRUE(envelope.has_value());
    EXPECT_EQ(envelope->payload.data(), datum.data() + 10);
    envelope->headers.for_each([&](std::string_view, std::string_view value) { EXPECT_EQ(value.data(), datum.data() + 6); });
}

TEST(Decode, never_reads_beyond_bytes_that_were_altered) {
    const Bytes datum = from_hex("04 03 18 08686f7374 03 08 0261 0262 00 02 0278 02 0279 00 00 04 7b7d 00");
    for (std::size_t position = 0; position < datum.size(); ++position) {
        for (int byte = 0; byte <= 0xFF; ++byte) {
            Bytes altered = datum;
            altered[position] = static_cast<char>(byte);
            const auto envelope = decode(altered);
            if (!envelope) continue;
            EXPECT_LE(pairs_of(envelope->headers).size(), datum.size());
            EXPECT_LE(envelope->payload.size(), datum.size());
        }
    }
}

TEST(EncodedHeaders, finds_the_first_value_without_case) {
    Bytes datum;
    const HeaderPairs pairs{{"host", "localhost"}, {"accept", "a"}, {"accept", "b"}};
    const auto headers = views_of(pairs);
    encode({.headers = headers, .payload = {}}, datum);
    const auto envelope = decode(datum);
    ASSERT_TRUE(envelope.has_value());
    EXPECT_EQ(envelope->headers.find("Accept"), "a");
    EXPECT_EQ(envelope->headers.find("HOST"), "localhost");
    EXPECT_EQ(envelope->headers.find("cookie"), std::nullopt);
}

TEST(EncodedHeaders, ends_its_walk_at_the_first_thing_that_is_not_avro) {
    EXPECT_THAT(pairs_of(EncodedHeaders()), IsEmpty());
    EXPECT_THAT(pairs_of(EncodedHeaders("garbage")), IsEmpty());
    const Bytes cut = from_hex("02 0278 04 0279 027a");  // array and map do not end
    EXPECT_THAT(pairs_of(EncodedHeaders(cut)), ElementsAre(Pair("x", "y"), Pair("x", "z")));
}

}  // namespace
}  // namespace tenter::envelope::testing
