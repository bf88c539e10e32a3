// The examples of RFC 8949: appendix A (well-formed) and appendix F (not well-formed).

#include "src/envelope/cbor.hpp"
#include "tests/unit/envelope/envelope_testing.hpp"

namespace tenter::envelope::testing {
namespace {

TEST(Cbor, appendix_a_is_well_formed_and_stops_being_so_when_cut_or_followed) {
    for (const auto* text : {"00",
                             "17",
                             "1818",
                             "1903e8",
                             "1a000f4240",
                             "1bffffffffffffffff",
                             "c249010000000000000000",
                             "3bffffffffffffffff",
                             "20",
                             "3863",
                             "f90000",
                             "fa47c35000",
                             "fb7e37e43c8800759c",
                             "f97e00",
                             "f4",
                             "f6",
                             "f7",
                             "f0",
                             "f8ff",
                             "c074323031332d30332d32315432303a30343a30305a",
                             "d74401020304",
                             "d818456449455446",
                             "40",
                             "4401020304",
                             "60",
                             "6449455446",
                             "62225c",
                             "80",
                             "83010203",
                             "8301820203820405",
                             "98190102030405060708090a0b0c0d0e0f101112131415161718181819",
                             "a0",
                             "a201020304",
                             "a26161016162820203",
                             "826161a161626163",
                             "5f42010243030405ff",
                             "7f657374726561646d696e67ff",
                             "9fff",
                             "9f018202039f0405ffff",
                             "9f01820203820405ff",
                             "83018202039f0405ff",
                             "83019f0203ff820405",
                             "bf61610161629f0203ffff",
                             "826161bf61626163ff",
                             "bf6346756ef563416d7421ff",
                             "5fff",
                             "7fff",
                             "bfff"}) {
        const Bytes item = from_hex(text);
        EXPECT_TRUE(is_well_formed_cbor(item)) << text;
        EXPECT_FALSE(is_well_formed_cbor(item + Bytes(1, '\0'))) << text;
        for (std::size_t length = 0; length < item.size(); ++length) EXPECT_FALSE(is_well_formed_cbor(Bytes(item, 0, length))) << text;
    }
}

TEST(Cbor, appendix_f_is_not_well_formed) {
    for (const auto* text :
         {// end of input in a head
          "18", "19", "1a", "1b", "1901", "1a0102", "1b01020304050607", "38", "58", "78", "98", "9a01ff00", "b8", "d8", "f8", "f900",
          "fa0000", "fb000000",
          // strings with too few bytes
          "41", "61", "5affffffff00", "5bffffffffffffffff010203", "7affffffff00", "7b7fffffffffffffff010203",
          // arrays and maps with too few items
          "81", "818181818181818181", "8200", "a1", "a20102", "a100", "a2000000",
          // tag without content
          "c0",
          // indefinite lengths that are not closed
          "5f4100", "7f6100", "9f", "9f0102", "bf", "bf01020102", "819f", "9f8000", "9f9f9f9f9fffffffff", "9f819f819f9fffffff",
          // reserved additional information
          "1c", "1d", "1e", "3c", "3d", "3e", "5c", "5d", "5e", "7c", "7d", "7e", "9c", "9d", "9e", "bc", "bd", "be", "dc", "dd", "de",
          "fc", "fd", "fe",
          // reserved two-byte simple values
          "f800", "f801", "f818", "f81f",
          // chunks of the wrong type, or of indefinite length
          "5f00ff", "5f21ff", "5f6100ff", "5f80ff", "5fa0ff", "5fc000ff", "5fe0ff", "7f4100ff", "5f5f4100ffff", "7f7f6100ffff",
          // break where none may be
          "ff", "81ff", "8200ff", "a1ff", "a1ff00", "a100ff", "a20000ff", "9f81ff", "9f829f819f9fffffffff", "bf00ff", "bf000000ff",
          // major types 0, 1 and 6 of indefinite length
          "1f", "3f", "df"})
        EXPECT_FALSE(is_well_formed_cbor(from_hex(text))) << text;
}

TEST(Cbor, chunks_of_indefinite_length_are_refused_whatever_follows) {
    // 0x5f: were its 31 a length, 31 bytes would follow.
    EXPECT_FALSE(is_well_formed_cbor("\x5f\x5f" + Bytes(31, 'x') + "\xff"));
    EXPECT_TRUE(is_well_formed_cbor("\x5f\x57" + Bytes(23, 'x') + "\xff"));
}

TEST(Cbor, counts_that_the_bytes_cannot_hold_are_refused_at_once) {
    for (const auto* text : {"9bffffffffffffffff00", "bbffffffffffffffff00", "bb800000000000000000", "9b7fffffffffffffff00"})
        EXPECT_FALSE(is_well_formed_cbor(from_hex(text))) << text;
}

TEST(Cbor, may_nest_512_deep_and_no_deeper) {
    const auto nested = [](std::string_view open, std::size_t depth) {
        Bytes bytes;
        for (std::size_t i = 0; i < depth; ++i) bytes += open;
        return bytes + Bytes(1, '\0');
    };
    for (const std::string_view open : {"\x81", "\xc1"}) {
        EXPECT_TRUE(is_well_formed_cbor(nested(open, 512)));
        EXPECT_FALSE(is_well_formed_cbor(nested(open, 513)));
        EXPECT_FALSE(is_well_formed_cbor(nested(open, 1'000'000)));
    }
    EXPECT_TRUE(is_well_formed_cbor(Bytes(512, '\x9f') + Bytes(512, '\xff')));
    EXPECT_FALSE(is_well_formed_cbor(Bytes(513, '\x9f') + Bytes(513, '\xff')));
}

TEST(CborString, is_one_whole_string_of_definite_length) {
    EXPECT_EQ(parse_cbor_string(from_hex("6161"))->content, "a");
    EXPECT_EQ(parse_cbor_string(from_hex("4161"))->content, "a");
    EXPECT_EQ(parse_cbor_string(from_hex("780161"))->content, "a");
    EXPECT_FALSE(parse_cbor_string(from_hex("7a0000000161"))->has_eight_byte_length);
    EXPECT_TRUE(parse_cbor_string(from_hex("7b000000000000000161"))->has_eight_byte_length);
    for (const auto* text : {"", "00", "61", "616161", "7f6161ff", "80", "c06161", "7b7fffffffffffffff61"})
        EXPECT_FALSE(parse_cbor_string(from_hex(text)).has_value()) << text;
}

}  // namespace
}  // namespace tenter::envelope::testing
