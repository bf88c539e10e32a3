// base64 and hexadecimal against RFC 4648 section 10, UTF-8 against RFC 3629, percent-decoding and media types against their RFCs.
#include "tenter/base/encoding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "tenter/base/http_message.hpp"

namespace tenter {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 7> rfc4648{
    {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}}};

TEST(Base64, agrees_with_rfc_4648) {
    for (const auto& [plain, text] : rfc4648) {
        EXPECT_EQ(base64_encode(plain), text);
        EXPECT_EQ(base64_decode(text), plain);
    }
    EXPECT_EQ(base64_encode("\xfb\xff", Base64Alphabet::url, Base64Padding::forbidden), "-_8");
    EXPECT_EQ(base64_encode("\xfb\xff"), "+/8=");
    EXPECT_EQ(base64_decode("-_8", Base64Alphabet::url, Base64Padding::forbidden), "\xfb\xff");
}

TEST(Base64, brings_every_byte_back) {
    Bytes all;
    for (int i = 0; i < 256; ++i) all.push_back(static_cast<char>(i));
    for (std::size_t size = 0; size <= all.size(); ++size) {
        const BytesView bytes = BytesView(all).substr(0, size);
        EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
        EXPECT_EQ(base64_decode(base64_encode(bytes, Base64Alphabet::url, Base64Padding::forbidden), Base64Alphabet::url,
                                Base64Padding::forbidden),
                  bytes);
    }
}

TEST(Base64, holds_the_padding_to_what_was_asked) {
    EXPECT_FALSE(base64_decode("Zg"));
    EXPECT_FALSE(base64_decode("Zg="));
    EXPECT_FALSE(base64_decode("Zg==", Base64Alphabet::standard, Base64Padding::forbidden));
    EXPECT_EQ(base64_decode("Zg", Base64Alphabet::standard, Base64Padding::optional), "f");
    EXPECT_EQ(base64_decode("Zg==", Base64Alphabet::standard, Base64Padding::optional), "f");
    EXPECT_FALSE(base64_decode("Zg=", Base64Alphabet::standard, Base64Padding::optional));
    for (const char* wrong : {"Zg===", "=", "====", "Z===", "Zm9v=", "Zg==Zg=="}) EXPECT_FALSE(base64_decode(wrong)) << wrong;
}

TEST(Base64, refuses_left_over_bits_white_space_and_the_other_alphabet) {
    for (const char* wrong : {"Zh==", "Zm9=", "Zm9v\n", " Zm9v", "Zm 9v", "-_8=", "Zm9\x80"}) {
        const auto decoded = base64_decode(wrong);
        ASSERT_FALSE(decoded) << wrong;
        EXPECT_EQ(decoded.error().code, Errc::invalid_input);
    }
    EXPECT_FALSE(base64_decode("+/8=", Base64Alphabet::url));
    EXPECT_NE(base64_decode("Zm9v!m9v").error().message.find('4'), std::string::npos) << "names the offset";
}

TEST(Hex, agrees_with_rfc_4648_in_either_case) {
    EXPECT_EQ(hex_encode("foobar"), "666f6f626172");
    EXPECT_EQ(hex_decode("666F6f626172"), "foobar");
    EXPECT_EQ(hex_encode(BytesView("\0\xff", 2)), "00ff");
    EXPECT_EQ(hex_decode(""), "");
    for (const char* wrong : {"6", "6g", "g6", "0x", " 00", "666"}) EXPECT_FALSE(hex_decode(wrong)) << wrong;
    EXPECT_EQ(hex_digit('F'), 15);
    EXPECT_EQ(hex_digit('g'), -1);
    EXPECT_EQ(hex_digit('/'), -1);
}

TEST(Utf8, is_well_formed_as_rfc_3629_has_it) {
    for (const char* good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80",
                             "\xf4\x8f\xbf\xbf", "\xef\xbf\xbf"})
        EXPECT_TRUE(is_valid_utf8(good)) << hex_encode(good);
    for (const char* bad : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf",
                            "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "\xe2\x82\xac\x80"})
        EXPECT_FALSE(is_valid_utf8(bad)) << hex_encode(bad);
    EXPECT_TRUE(is_valid_utf8(BytesView("\0", 1)));
    EXPECT_EQ(latin1_to_utf8("a\xe4\xff\x80"), "a\xc3\xa4\xc3\xbf\xc2\x80");
}

TEST(PercentDecoding, reads_rfc_3986_once) {
    EXPECT_EQ(percent_decode("Euro%20%E2%82%ac"), "Euro \xe2\x82\xac");
    EXPECT_EQ(percent_decode("%2541"), "%41");
    EXPECT_EQ(percent_decode("a+b"), "a+b");
    EXPECT_EQ(percent_decode("a+b%2B", true), "a b+");
    EXPECT_EQ(percent_decode("%00"), std::string(1, '\0'));
    for (const char* wrong : {"%", "%4", "%4g", "%g4", "a%", "%%41"}) EXPECT_FALSE(percent_decode(wrong)) << wrong;
}

TEST(MediaType, has_an_essence_without_parameters) {
    EXPECT_EQ(media_type_essence("Application/JSON; charset=utf-8"), "application/json");
    EXPECT_EQ(media_type_essence(" text/plain "), "text/plain");
    EXPECT_EQ(media_type_essence(""), "");
    for (const char* json : {"application/json", "text/json;x=y", "application/cloudevents+json", "application/ld+JSON"})
        EXPECT_TRUE(is_json_media_type(json)) << json;
    for (const char* other : {"application/jsonx", "json", "application/xml", "application/json+xml", ""})
        EXPECT_FALSE(is_json_media_type(other)) << other;
}

TEST(HttpMessage, finds_and_counts_headers_in_any_case) {
    const std::array<HeaderView, 3> headers{{{"Host", "a"}, {"X-Id", "1"}, {"x-ID", "2"}}};
    EXPECT_EQ(find_header(headers, "x-id"), "1");
    EXPECT_EQ(find_header(headers, "missing"), std::nullopt);
    EXPECT_EQ(count_headers(headers, "X-ID"), 2U);
    EXPECT_EQ(count_headers(headers, "hos"), 0U);
    EXPECT_EQ(target_path("/a/b?x=1?y"), "/a/b");
    EXPECT_EQ(target_query("/a/b?x=1?y"), "x=1?y");
    EXPECT_EQ(target_query("/a"), "");
}

}  // namespace
}  // namespace tenter
