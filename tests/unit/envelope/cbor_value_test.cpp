// What CBOR becomes. Expected values: the diagnostic notation of RFC 8949 appendix A, by the rules of its section 6.1.

#include <cmath>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tenter/envelope/payload_value.hpp"
#include "tenter/event/json_value.hpp"
#include "tests/unit/envelope/envelope_testing.hpp"

namespace tenter::envelope::testing {
namespace {

/// The value as JSON text, or what was wrong with it.
std::string read(const std::string& hex) {
    const auto value = cbor_value(from_hex(hex));
    return value ? boost::json::serialize(*value) : value.error().message;
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    while (times-- > 0) out += text;
    return out;
}

struct Example {
    const char* hex;
    const char* json;
};

constexpr Example appendix_a[] = {
    {"00", "0"},
    {"01", "1"},
    {"0a", "10"},
    {"17", "23"},
    {"1818", "24"},
    {"1819", "25"},
    {"1864", "100"},
    {"1903e8", "1000"},
    {"1a000f4240", "1000000"},
    {"1b000000e8d4a51000", "1000000000000"},
    {"1bffffffffffffffff", "18446744073709551615"},
    {"c249010000000000000000", R"("AQAAAAAAAAAA")"},
    {"3bffffffffffffffff", R"("~__________8")"},
    {"c349010000000000000000", R"("~AQAAAAAAAAAA")"},
    {"20", "-1"},
    {"29", "-10"},
    {"3863", "-100"},
    {"3903e7", "-1000"},
    {"f90000", "0.0"},
    {"f98000", "-0.0"},
    {"f93c00", "1.0"},
    {"fb3ff199999999999a", "1.1"},
    {"f93e00", "1.5"},
    {"f97bff", "65504.0"},
    {"fa47c35000", "100000.0"},
    {"fa7f7fffff", "3.4028234663852886e+38"},
    {"fb7e37e43c8800759c", "1.0e+300"},
    {"f90001", "5.960464477539063e-8"},
    {"f90400", "0.00006103515625"},
    {"f9c400", "-4.0"},
    {"fbc010666666666666", "-4.1"},
    {"f97c00", "null"},
    {"f97e00", "null"},
    {"f9fc00", "null"},
    {"fa7f800000", "null"},
    {"fa7fc00000", "null"},
    {"faff800000", "null"},
    {"fb7ff0000000000000", "null"},
    {"fb7ff8000000000000", "null"},
    {"fbfff0000000000000", "null"},
    {"f4", "false"},
    {"f5", "true"},
    {"f6", "null"},
    {"f7", "null"},
    {"f0", "null"},
    {"f8ff", "null"},
    {"c074323031332d30332d32315432303a30343a30305a", R"("2013-03-21T20:04:00Z")"},
    {"c11a514b67b0", "1363896240"},
    {"c1fb41d452d9ec200000", "1363896240.5"},
    {"d74401020304", R"("01020304")"},
    {"d818456449455446", R"("ZElFVEY")"},
    {"d82076687474703a2f2f7777772e6578616d706c652e636f6d", R"("http://www.example.com")"},
    {"40", R"("")"},
    {"4401020304", R"("AQIDBA")"},
    {"60", R"("")"},
    {"6161", R"("a")"},
    {"6449455446", R"("IETF")"},
    {"62225c", R"("\"\\")"},
    {"62c3bc", R"("\u00fc")"},
    {"63e6b0b4", R"("\u6c34")"},
    {"64f0908591", R"("\ud800\udd51")"},
    {"80", "[]"},
    {"83010203", "[1, 2, 3]"},
    {"8301820203820405", "[1, [2, 3], [4, 5]]"},
    {"98190102030405060708090a0b0c0d0e0f101112131415161718181819", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"},
    {"a0", "{}"},
    {"a201020304", R"({"1": 2, "3": 4})"},
    {"a26161016162820203", R"({"a": 1, "b": [2, 3]})"},
    {"826161a161626163", R"(["a", {"b": "c"}])"},
    {"a56161614161626142616361436164614461656145", R"({"a": "A", "b": "B", "c": "C", "d": "D", "e": "E"})"},
    {"5f42010243030405ff", R"("AQIDBAU")"},
    {"7f657374726561646d696e67ff", R"("streaming")"},
    {"9fff", "[]"},
    {"9f018202039f0405ffff", "[1, [2, 3], [4, 5]]"},
    {"9f01820203820405ff", "[1, [2, 3], [4, 5]]"},
    {"83018202039f0405ff", "[1, [2, 3], [4, 5]]"},
    {"83019f0203ff820405", "[1, [2, 3], [4, 5]]"},
    {"9f0102030405060708090a0b0c0d0e0f101112131415161718181819ff", "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"},
    {"bf61610161629f0203ffff", R"({"a": 1, "b": [2, 3]})"},
    {"826161bf61626163ff", R"(["a", {"b": "c"}])"},
    {"bf6346756ef563416d7421ff", R"({"Fun": true, "Amt": -2})"},
};

TEST(CborValue, reads_all_of_appendix_a) {
    for (const auto& [hex, json] : appendix_a) {
        const auto value = cbor_value(from_hex(hex));
        ASSERT_TRUE(value.has_value()) << hex << ": " << value.error().message;
        EXPECT_EQ(*value, event::json_value(json).value()) << hex;
    }
    EXPECT_TRUE(std::signbit(cbor_value(from_hex("f98000"))->as_double()));
}

TEST(CborValue, refuses_an_item_that_is_cut_anywhere_or_followed_by_anything) {
    for (const auto& [hex, json] : appendix_a) {
        const Bytes item = from_hex(hex);
        for (std::size_t size = 0; size < item.size(); ++size)
            EXPECT_FALSE(cbor_value(Bytes(item, 0, size)).has_value()) << hex << " " << size;
        EXPECT_FALSE(cbor_value(item + Bytes(1, '\0')).has_value()) << hex;
    }
    EXPECT_EQ(read(""), "CBOR: the bytes end within the item at byte 0");
    EXPECT_EQ(read("0000"), "CBOR: bytes after the item at byte 1");
}

TEST(CborValue, refuses_what_appendix_f_lists_and_names_the_byte) {
    EXPECT_EQ(read("1901"), "CBOR: the bytes end within the item at byte 0");
    EXPECT_EQ(read("5affffffff00"), "CBOR: the bytes end within the item at byte 0");
    EXPECT_EQ(read("818181818181818181"), "CBOR: [0][0][0][0][0][0][0][0]: a count that the bytes cannot hold at byte 8");
    EXPECT_EQ(read("8200"), "CBOR: a count that the bytes cannot hold at byte 0");
    EXPECT_EQ(read("a20102"), "CBOR: a count that the bytes cannot hold at byte 0");
    EXPECT_EQ(read("a1ff00"), "CBOR: a break where a value must be at byte 1");
    EXPECT_EQ(read("c0"), "CBOR: the bytes end within the item at byte 1");
    EXPECT_EQ(read("9f0102"), "CBOR: [2]: the bytes end within the item at byte 3");
    EXPECT_EQ(read("821c00"), "CBOR: [0]: a reserved kind of head at byte 1");
    EXPECT_EQ(read("f818"), "CBOR: a simple value in two bytes that has a form of one at byte 0");
    EXPECT_EQ(read("5f00ff"), "CBOR: a chunk that is not a string of its kind at byte 1");
    EXPECT_EQ(read("5f5f4100ffff"), "CBOR: a chunk that is not a string of its kind at byte 1");
    EXPECT_EQ(read("5f4100"), "CBOR: the bytes end within the item at byte 3");
    EXPECT_EQ(read("ff"), "CBOR: a break where a value must be at byte 0");
    EXPECT_EQ(read("81ff"), "CBOR: [0]: a break where a value must be at byte 1");
    EXPECT_EQ(read("bf00ff"), "CBOR: 0: a break where a value must be at byte 2");
    EXPECT_EQ(read("1f"), "CBOR: an integer without a value at byte 0");
    EXPECT_EQ(read("3f"), "CBOR: an integer without a value at byte 0");
    EXPECT_EQ(read("df00"), "CBOR: a tag without a number at byte 0");
}

TEST(CborValue, counts_that_the_bytes_cannot_hold_take_neither_time_nor_memory) {
    for (const auto* hex : {"9bffffffffffffffff00", "bbffffffffffffffff00", "bb800000000000000000", "9b7fffffffffffffff00"})
        EXPECT_FALSE(cbor_value(from_hex(hex)).has_value()) << hex;
}

TEST(CborValue, integers_are_integers_as_long_as_64_bits_hold_them_however_they_are_written) {
    EXPECT_EQ(read("3b7fffffffffffffff"), "-9223372036854775808");
    EXPECT_EQ(read("3b8000000000000000"), R"("~gAAAAAAAAAA")");
    EXPECT_EQ(read("c348 7fffffffffffffff"), "-9223372036854775808");
    EXPECT_EQ(read("c348 8000000000000000"), R"("~gAAAAAAAAAA")");
    EXPECT_EQ(read("c240"), "0");
    EXPECT_EQ(read("c340"), "-1");
    EXPECT_EQ(read("c24a 0000 ffffffffffffffff"), "18446744073709551615");
    EXPECT_EQ(read("c24b 0000 010000000000000000"), R"("AQAAAAAAAAAA")");
    EXPECT_EQ(read("c25f 4101 480000000000000000 ff"), R"("AQAAAAAAAAAA")");
    EXPECT_EQ(read("d6c249010000000000000000"), R"("AQAAAAAAAAAA")");  // tag 22 says nothing of bignums
    EXPECT_EQ(read("c26161"), "CBOR: a bignum that is not a byte string at byte 1");
    EXPECT_EQ(read("a16161c3f6"), "CBOR: a: a bignum that is not a byte string at byte 4");
}

TEST(CborValue, byte_strings_follow_the_innermost_tag_that_says_how) {
    EXPECT_EQ(read("43fbff00"), R"("-_8A")");
    EXPECT_EQ(read("42fbff"), R"("-_8")");
    EXPECT_EQ(read("d542fbff"), R"("-_8")");
    EXPECT_EQ(read("d642fbff"), R"("+/8=")");
    EXPECT_EQ(read("d742fbff"), R"("FBFF")");
    EXPECT_EQ(read("d7 82 42fbff d6 a1 6161 42fbff"), R"(["FBFF",{"a":"+/8="}])");
    EXPECT_EQ(read("82 d781 42fbff 42fbff"), R"([["FBFF"],"-_8"])");
    EXPECT_EQ(read("d7 5f 41fb 41ff ff"), R"("FBFF")");
    EXPECT_EQ(read("d7 d8184100"), R"("00")");
    EXPECT_EQ(read("d7 9f 42fbff ff"), R"(["FBFF"])");
}

TEST(CborValue, other_tags_are_looked_through) {
    EXPECT_EQ(read("d9d9f7 a1 6161 c0 6162"), R"({"a":"b"})");
    EXPECT_EQ(read("c4 82 21 196ab3"), "[-2,27315]");  // RFC 8949 3.4.4: 273.15
    EXPECT_EQ(read("c5 82 20 03"), "[-1,3]");          // 1.5
    EXPECT_EQ(read("dbffffffffffffffff f5"), "true");
}

TEST(CborValue, keys_are_names_where_they_can_be) {
    EXPECT_EQ(read("a1 20 00"), R"({"-1":0})");
    EXPECT_EQ(read("a1 1bffffffffffffffff 00"), R"({"18446744073709551615":0})");
    EXPECT_EQ(read("a1 3bffffffffffffffff 00"), R"({"~__________8":0})");
    EXPECT_EQ(read("a1 42fbff 00"), R"({"-_8":0})");
    EXPECT_EQ(read("a3 f4 00 f5 01 f6 02"), R"({"false":0,"true":1,"null":2})");
    EXPECT_EQ(read("a1 7f 6161 6162 ff 00"), R"({"ab":0})");
    EXPECT_EQ(read("a1 c1 01 00"), R"({"1":0})");
    EXPECT_EQ(read("a3 01 0a 6131 0b 6131 0c"), R"({"1":10})");
    EXPECT_EQ(read("a1 6161 a1 80 00"), "CBOR: a: a key that cannot be a name at byte 4");
    for (const auto* key : {"f90000", "fb7ff8000000000000", "f7", "f0", "f8ff", "80", "a0", "9fff", "c180"})
        EXPECT_EQ(read(std::string("a1") + key + "00"), "CBOR: a key that cannot be a name at byte 1") << key;
}

TEST(CborValue, the_repeated_value_of_a_key_is_checked_all_the_same) {
    EXPECT_EQ(read("a2 6161 00 6161 61ff"), "CBOR: a: text that is not UTF-8 at byte 6");
}

TEST(CborValue, text_is_utf8_in_each_chunk_for_itself) {
    EXPECT_EQ(read("61ff"), "CBOR: text that is not UTF-8 at byte 0");
    EXPECT_EQ(read("63eda080"), "CBOR: text that is not UTF-8 at byte 0");
    EXPECT_EQ(read("7f 61c3 61bc ff"), "CBOR: text that is not UTF-8 at byte 1");
    EXPECT_EQ(read("7f 62c3bc 60 ff"), R"("ü")");
    EXPECT_EQ(read("a1 61ff 00"), "CBOR: text that is not UTF-8 at byte 1");
    EXPECT_EQ(read("82 00 a1 6161 81 61ff"), "CBOR: [1].a[0]: text that is not UTF-8 at byte 6");
}

TEST(CborValue, may_nest_512_deep_and_no_deeper) {
    const auto nested = [](std::string_view open, std::size_t depth, std::string_view close) {
        return read(repeated(open, depth) + "00" + repeated(close, depth));
    };
    for (const auto& [open, close] :
         {std::pair("81", ""), std::pair("9f", "ff"), std::pair("a100", ""), std::pair("c1", ""), std::pair("d7", "")}) {
        EXPECT_FALSE(nested(open, 512, close).starts_with("CBOR")) << open;
        EXPECT_THAT(nested(open, 513, close), ::testing::HasSubstr("nested too deeply")) << open;
    }
    EXPECT_THAT(nested("81", 1'000'000, ""), ::testing::HasSubstr("nested too deeply"));
    EXPECT_EQ(read(repeated("c1", 512) + "c240"), "CBOR: nested too deeply at byte 512");
    EXPECT_EQ(read("82" + repeated("c1", 511) + "00" + repeated("c1", 511) + "01"), "[0,1]");  // beside is not within
}

}  // namespace
}  // namespace tenter::envelope::testing
