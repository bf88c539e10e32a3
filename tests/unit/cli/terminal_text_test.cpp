#include "cli/terminal_text.hpp"

#include <gtest/gtest.h>

namespace tenter::cli {
namespace {

TEST(TerminalText, escapes_every_control_character_that_a_terminal_would_obey) {
    EXPECT_EQ(terminal_safe("red \x1b[31m bell \x07 del \x7f"), "red \\x1b[31m bell \\x07 del \\x7f");
    EXPECT_EQ(terminal_safe("C1 \xC2\x9B"
                            "31m"),
              "C1 \\x9b31m");
    EXPECT_EQ(terminal_safe("carriage\rreturn"), "carriage\\x0dreturn");
}

TEST(TerminalText, keeps_line_feeds_tabs_and_letters_of_every_script) {
    EXPECT_EQ(terminal_safe("a\tb\nGr\xC3\xB6\xC3\x9F"
                            "e \xE2\x82\xAC"),
              "a\tb\nGr\xC3\xB6\xC3\x9F"
              "e \xE2\x82\xAC");
}

TEST(IndentedJson, breaks_lines_and_keeps_every_token_as_it_is) {
    EXPECT_EQ(indented_json(R"({"a":1e400,"b":[1,{"c":"x\"}y"}],"d":{},"e":[ ]})", false),
              "{\n  \"a\": 1e400,\n  \"b\": [\n    1,\n    {\n      \"c\": \"x\\\"}y\"\n    }\n  ],\n  \"d\": {},\n  \"e\": []\n}\n");
}

TEST(IndentedJson, leaves_a_scalar_alone) {
    EXPECT_EQ(indented_json(" true ", false), "true\n");
    EXPECT_EQ(indented_json("\"x\"", false), "\"x\"\n");
    EXPECT_EQ(indented_json("100000000000000000000000000000", false), "100000000000000000000000000000\n");
}

TEST(IndentedJson, colours_names_and_strings_apart) {
    EXPECT_EQ(indented_json(R"({"a":"b"})", true), "{\n  \x1b[36m\"a\"\x1b[0m: \x1b[32m\"b\"\x1b[0m\n}\n");
}

TEST(HexDump, shows_sixteen_bytes_a_line_with_their_characters) {
    EXPECT_EQ(hex_dump(std::string("ABCDEFGHIJKLMNOP\xFF", 17), 1024),
              "00000000  41 42 43 44 45 46 47 48  49 4a 4b 4c 4d 4e 4f 50  |ABCDEFGHIJKLMNOP|\n"
              "00000010  ff                                                |.|\n");
}

TEST(HexDump, says_how_much_it_left_out) {
    EXPECT_EQ(hex_dump("abcd", 1), "00000000  61                                                |a|\n... 3 more bytes\n");
}

}  // namespace
}  // namespace tenter::cli
