// Heads that must be accepted, and what is read from them. Expected values: RFC 9112 and RFC 9110.
#include "gateway/http_head/request_head.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tenter::http {
namespace {

using namespace std::string_literals;

struct Read {
    std::expected<RequestHead, Refusal> head;
    std::vector<HeaderView> headers;
};

Read read(std::string_view bytes) {
    Read out;
    out.head = parse_request_head(bytes, out.headers);
    return out;
}

std::size_t scan_whole(std::string_view bytes) {
    HeadScanner scanner(16 * 1024);
    return scanner.scan(bytes).value_or(999'999);
}

constexpr std::string_view usual =
    "POST /github?x=1&y=%20 HTTP/1.1\r\nHost: hooks.example:8080\r\ncontent-length: 5\r\nX-Empty:\r\nX-Padded: \t two  words\t \r\n\r\n";

TEST(RequestHead, reads_method_target_version_and_length) {
    const auto [head, headers] = read(usual);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->method, "POST");
    EXPECT_EQ(head->target, "/github?x=1&y=%20");
    EXPECT_EQ(head->minor_version, 1u);
    EXPECT_EQ(head->framing, BodyFraming::content_length);
    EXPECT_EQ(head->content_length, 5u);
    EXPECT_TRUE(head->keep_alive);
    EXPECT_FALSE(head->expects_continue);
}

TEST(RequestHead, keeps_headers_in_order_and_case_without_surrounding_white_space) {
    const auto [head, headers] = read(usual);
    ASSERT_TRUE(head);
    ASSERT_EQ(headers.size(), 4u);
    EXPECT_EQ(headers[0].name, "Host");
    EXPECT_EQ(headers[0].value, "hooks.example:8080");
    EXPECT_EQ(headers[1].name, "content-length");
    EXPECT_EQ(headers[2].value, "");
    EXPECT_EQ(headers[3].value, "two  words");
}

TEST(RequestHead, passes_bytes_over_0x7f_in_header_values) {
    const auto [head, headers] = read("GET / HTTP/1.1\r\nHost: h\r\nX-Name: J\xC3\xBCrgen\xFF\r\n\r\n");
    ASSERT_TRUE(head);
    EXPECT_EQ(headers[1].value, "J\xC3\xBCrgen\xFF");
}

TEST(RequestHead, passes_unknown_methods_that_are_tokens) {
    EXPECT_EQ(read("BREW /pot HTTP/1.1\r\nHost: h\r\n\r\n").head->method, "BREW");
    EXPECT_EQ(read("post / HTTP/1.1\r\nHost: h\r\n\r\n").head->method, "post") << "methods are case-sensitive (RFC 9110 9.1)";
}

TEST(RequestHead, overwrites_the_headers_of_the_request_before) {
    std::vector<HeaderView> headers;
    ASSERT_TRUE(parse_request_head(usual, headers));
    ASSERT_TRUE(parse_request_head("GET / HTTP/1.1\r\nHost: h\r\n\r\n", headers));
    EXPECT_EQ(headers.size(), 1u);
}

TEST(RequestHead, has_no_body_without_length_and_transfer_encoding) {
    EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\n\r\n").head->framing, BodyFraming::none);
}

TEST(RequestHead, accepts_chunked_in_any_case) {
    EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n").head->framing, BodyFraming::chunked);
    EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\ntransfer-encoding:Chunked\r\n\r\n").head->framing, BodyFraming::chunked);
}

TEST(RequestHead, reads_lengths_up_to_18_digits) {
    EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999999999999\r\n\r\n").head->content_length,
              999'999'999'999'999'999u);
    EXPECT_EQ(read("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 007\r\n\r\n").head->content_length, 7u);
}

TEST(RequestHead, closes_http_1_1_only_when_told) {
    EXPECT_TRUE(read("GET / HTTP/1.1\r\nHost: h\r\n\r\n").head->keep_alive);
    EXPECT_FALSE(read("GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").head->keep_alive);
    EXPECT_FALSE(read("GET / HTTP/1.1\r\nHost: h\r\nConnection: TE , Close\r\n\r\n").head->keep_alive);
    EXPECT_FALSE(read("GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\nConnection: close\r\n\r\n").head->keep_alive);
    EXPECT_TRUE(read("GET / HTTP/1.1\r\nHost: h\r\nConnection: closer\r\n\r\n").head->keep_alive);
}

TEST(RequestHead, keeps_http_1_0_only_when_told) {
    EXPECT_FALSE(read("GET / HTTP/1.0\r\nHost: h\r\n\r\n").head->keep_alive);
    EXPECT_TRUE(read("GET / HTTP/1.0\r\nHost: h\r\nConnection: Keep-Alive\r\n\r\n").head->keep_alive);
    EXPECT_FALSE(read("GET / HTTP/1.0\r\nHost: h\r\nConnection: close, keep-alive\r\n\r\n").head->keep_alive);
}

TEST(RequestHead, accepts_http_1_0_without_host) { EXPECT_TRUE(read("GET / HTTP/1.0\r\n\r\n").head); }

TEST(RequestHead, expects_continue_only_on_http_1_1) {
    EXPECT_TRUE(read("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n\r\n").head->expects_continue);
    EXPECT_FALSE(read("POST / HTTP/1.0\r\nHost: h\r\nExpect: 100-continue\r\n\r\n").head->expects_continue);
}

TEST(RequestHead, takes_the_authority_off_an_absolute_target) {
    EXPECT_EQ(read("GET http://h/a?b HTTP/1.1\r\nHost: h\r\n\r\n").head->target, "/a?b");
    EXPECT_EQ(read("GET HTTPS://H:443/a HTTP/1.1\r\nHost: h:443\r\n\r\n").head->target, "/a");
    EXPECT_EQ(read("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").head->target, "/");
    EXPECT_EQ(read("GET http://h/a HTTP/1.0\r\n\r\n").head->target, "/a");
}

TEST(RequestHead, accepts_the_asterisk_for_options) { EXPECT_EQ(read("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").head->target, "*"); }

TEST(RequestHead, refuses_a_head_cut_anywhere) {
    for (std::size_t cut = 0; cut < usual.size(); ++cut) EXPECT_FALSE(read(usual.substr(0, cut)).head) << cut;
}

TEST(HeadScanner, finds_the_end_and_leaves_what_follows) {
    const std::string bytes = std::string(usual) + "helloGET /next";
    EXPECT_EQ(scan_whole(bytes), usual.size());
}

TEST(HeadScanner, finds_the_end_wherever_the_head_is_cut) {
    for (std::size_t cut = 0; cut < usual.size(); ++cut) {
        HeadScanner scanner(16 * 1024);
        ASSERT_EQ(scanner.scan(usual.substr(0, cut)).value_or(1), 0u) << cut;
        ASSERT_EQ(scanner.scan(usual).value_or(1), usual.size()) << cut;
    }
}

TEST(HeadScanner, finds_the_end_of_a_head_that_comes_byte_by_byte) {
    HeadScanner scanner(16 * 1024);
    for (std::size_t length = 0; length < usual.size(); ++length)
        ASSERT_EQ(scanner.scan(usual.substr(0, length)).value_or(1), 0u) << length;
    EXPECT_EQ(scanner.scan(usual).value_or(1), usual.size());
}

TEST(HeadScanner, begins_anew_after_reset) {
    HeadScanner scanner(16 * 1024);
    ASSERT_TRUE(scanner.scan(usual));
    scanner.reset();
    EXPECT_EQ(scanner.scan("GET / HTTP/1.1\r\n\r\n").value_or(1), 18u);
}

TEST(HeadScanner, accepts_a_head_of_exactly_the_limit) {
    HeadScanner scanner(usual.size());
    EXPECT_EQ(scanner.scan(usual).value_or(1), usual.size());
    HeadScanner shorter(usual.size() - 1);
    EXPECT_EQ(shorter.scan(usual).error().status, 431u);
}

TEST(HeadScanner, says_at_the_limit_whether_the_line_or_the_headers_are_too_long) {
    HeadScanner line(64);
    EXPECT_EQ(line.scan("GET /" + std::string(100, 'a')).error().status, 414u);
    HeadScanner headers(64);
    EXPECT_EQ(headers.scan("GET / HTTP/1.1\r\nX: " + std::string(100, 'a')).error().status, 431u);
}

}  // namespace
}  // namespace tenter::http
