// The chunked coding (RFC 9112 section 7.1): whole, cut at every byte, and in every wrong form.
#include "gateway/http/chunked_body.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenter::http {
namespace {

struct Outcome {
    bool complete = false;
    unsigned refused = 0;
    std::string body;
    std::string left;  ///< Not used: belongs to the next request.
};

/// Gives `pieces` in order, and what was left before each, as a connection does.
Outcome decode(const std::vector<std::string>& pieces, std::size_t max_body = 1000, std::size_t max_overhead = 200) {
    Outcome out;
    ChunkedBody chunked(max_body, max_overhead);
    for (const std::string& piece : pieces) {
        out.left += piece;
        if (out.complete || out.left.empty()) continue;
        const auto used = chunked.take(out.left, out.body);
        if (!used) {
            out.refused = used.error().status;
            return out;
        }
        out.left.erase(0, *used);
        out.complete = chunked.complete();
    }
    return out;
}

const std::string wikipedia = "4\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\n\r\n";
const std::string decorated = "4;name=value;flag\r\nWiki\r\n005 ; q=\"a;\\\"b\"\r\npedia\r\n0;last\r\nExpires: never\r\nX: y\r\n\r\n";

TEST(ChunkedBody, decodes_what_it_is_known_for) {
    const Outcome out = decode({wikipedia});
    EXPECT_TRUE(out.complete);
    EXPECT_EQ(out.body, "Wikipedia in \r\n\r\nchunks.");
    EXPECT_EQ(out.left, "");
}

TEST(ChunkedBody, drops_extensions_and_trailers) {
    const Outcome out = decode({decorated});
    EXPECT_TRUE(out.complete);
    EXPECT_EQ(out.body, "Wikipedia");
}

TEST(ChunkedBody, decodes_an_empty_body) {
    EXPECT_TRUE(decode({"0\r\n\r\n"}).complete);
    EXPECT_TRUE(decode({"000\r\n\r\n"}).complete);
}

TEST(ChunkedBody, leaves_the_next_request_alone) {
    EXPECT_EQ(decode({"1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n"}).left, "GET / HTTP/1.1\r\n");
}

TEST(ChunkedBody, decodes_alike_wherever_it_is_cut) {
    for (const std::string& raw : {wikipedia, decorated}) {
        const Outcome whole = decode({raw});
        for (std::size_t cut = 0; cut <= raw.size(); ++cut) {
            const Outcome out = decode({raw.substr(0, cut), raw.substr(cut)});
            ASSERT_TRUE(out.complete) << cut;
            ASSERT_EQ(out.body, whole.body) << cut;
        }
    }
}

TEST(ChunkedBody, decodes_alike_byte_by_byte) {
    for (const std::string& raw : {wikipedia, decorated}) {
        std::vector<std::string> bytes;
        for (const char c : raw) bytes.emplace_back(1, c);
        const Outcome out = decode(bytes);
        EXPECT_TRUE(out.complete);
        EXPECT_EQ(out.body, decode({raw}).body);
    }
}

TEST(ChunkedBody, is_complete_only_at_its_very_end) {
    for (std::size_t cut = 0; cut < decorated.size(); ++cut) {
        const Outcome out = decode({decorated.substr(0, cut)});
        ASSERT_FALSE(out.complete) << cut;
        ASSERT_EQ(out.refused, 0u) << cut;
    }
}

TEST(ChunkedBody, refuses_every_wrong_form_whole_and_byte_by_byte) {
    using namespace std::string_literals;
    const std::string rows[] = {
        "x\r\na\r\n0\r\n\r\n"s,                                // no digit
        "\r\na\r\n0\r\n\r\n"s,                                 // no size
        "-1\r\na\r\n0\r\n\r\n"s,                               // signed
        "+1\r\na\r\n0\r\n\r\n"s,                               //
        "0x1\r\na\r\n0\r\n\r\n"s,                              // C's way of writing it
        " 1\r\na\r\n0\r\n\r\n"s,                               // white space before the size
        "1 \r\na\r\n0\r\n\r\n"s,                               // white space and no extension
        "1 2\r\na\r\n0\r\n\r\n"s,                              //
        "10000000000000000\r\na\r\n0\r\n\r\n"s,                // 2^64
        "1\r\nab\r\n0\r\n\r\n"s,                               // more than announced
        "2\r\na\r\n0\r\n\r\n"s,                                // less than announced
        "1\r\na0\r\n\r\n0\r\n\r\n"s,                           // no CRLF after the data
        "1\na\r\n0\r\n\r\n"s,                                  // bare LF after the size
        "1\r\na\n0\r\n\r\n"s,                                  // bare LF after the data
        "1\ra\r\n0\r\n\r\n"s,                                  // bare CR
        "1;a=\rb\r\na\r\n0\r\n\r\n"s,                          // bare CR in an extension
        "1;a=\nb\r\na\r\n0\r\n\r\n"s,                          // bare LF in an extension
        "1;a=\"\nb\"\r\na\r\n0\r\n\r\n"s,                      // bare LF in a quoted extension
        "1;a=\0\r\na\r\n0\r\n\r\n"s,                           // NUL
        "1;a=\x1b\r\na\r\n0\r\n\r\n"s,                         // control byte
        "1;\r\na\r\n0\r\n\r\n"s,                               // extension without a name
        "1;a=\"\0\"\r\na\r\n0\r\n\r\n"s,                       // NUL in a quoted extension
        "1;a=\"\x1b\"\r\na\r\n0\r\n\r\n"s,                     // control byte in a quoted extension
        "1\r\na\r\n0;a=\"\r\n\r\n"s,                           // quote not closed in the last chunk
        "1;a=\"b\\\"\r\na\r\n0\r\n\r\n"s,                      // the closing quote escaped
        "1;a=\"b\r\na\r\n0\r\n\r\n"s,                          // quote not closed
        "1\r\na\r\n0\r\nX : y\r\n\r\n"s,                       // space before the colon of a trailer
        "1\r\na\r\n0\r\nX: y\r\n z\r\n\r\n"s,                  // folded trailer
        "1\r\na\r\n0\r\nX\r\n\r\n"s,                           // trailer without a colon
        "1\r\na\r\n0\r\nX: \0\r\n\r\n"s,                       // NUL in a trailer
        "1\r\na\r\n0\r\nContent-Length: 5\r\n\r\n"s,           // framing in a trailer
        "1\r\na\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"s,  //
        "1\r\na\r\n0\r\nX: y\nZ: a\r\n\r\n"s,                  // bare LF in the trailers
    };
    for (const std::string& raw : rows) {
        const Outcome whole = decode({raw});
        EXPECT_EQ(whole.refused, 400u) << raw;
        std::vector<std::string> bytes;
        for (const char c : raw) bytes.emplace_back(1, c);
        EXPECT_EQ(decode(bytes).refused, 400u) << raw;
    }
}

TEST(ChunkedBody, refuses_a_body_over_the_limit_at_the_chunk_that_exceeds_it) {
    EXPECT_EQ(decode({"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"}, 5).body, "abcde");
    EXPECT_EQ(decode({"3\r\nabc\r\n3\r\n"}, 5).refused, 413u) << "before the bytes have come";
    EXPECT_EQ(decode({"FFFFFFFFFFFFFFFF\r\n"}, 5).refused, 413u);
}

TEST(ChunkedBody, bounds_extensions_of_one_chunk_and_of_all) {
    EXPECT_EQ(decode({"1;a=" + std::string(300, 'b')}).refused, 431u) << "a chunk header that does not end";
    EXPECT_EQ(decode({std::string(300, '0')}).refused, 431u) << "a size of zeros that does not end";
    std::string many;
    for (int i = 0; i < 30; ++i) many += "1;a=bcdefgh\r\nx\r\n";
    EXPECT_EQ(decode({many}).refused, 431u);
}

TEST(ChunkedBody, bounds_the_trailers) {
    std::string trailers = "0\r\n";
    for (int i = 0; i < 30; ++i) trailers += "X-Name: value\r\n";
    EXPECT_EQ(decode({trailers}).refused, 431u);
    EXPECT_EQ(decode({trailers + "\r\n"}).refused, 431u) << "also when they come in one piece with their end";
}

}  // namespace
}  // namespace tenter::http
