// Every head that must be refused: one row each, with the status and the reason that the operator reads. Rules: RFC 9112 sections 2.2, 3,
// 5, 6 and 11.2, RFC 9110 sections 5, 7.2 and 10.1.1. A row is run twice: as a whole head, and byte by byte through the scanner as a
// connection does it, where it may be refused earlier but never accepted.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "gateway/http_head/request_head.hpp"

namespace tenter::http {
namespace {

using namespace std::string_literals;

struct Row {
    std::string name;
    std::string bytes;
    unsigned status;
    std::string reason;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

std::string with(const std::string& lines) { return "POST /a HTTP/1.1\r\nHost: h\r\n" + lines + "\r\n\r\n"; }
std::string with_host(const std::string& value) { return "GET /a HTTP/1.1\r\nHost: " + value + "\r\n\r\n"; }
std::string first_line(const std::string& line) { return line + "\r\nHost: h\r\n\r\n"; }

class RequestRefusal : public ::testing::TestWithParam<Row> {};

TEST_P(RequestRefusal, gives_status_and_reason) {
    std::vector<HeaderView> headers;
    const auto head = parse_request_head(GetParam().bytes, headers);
    ASSERT_FALSE(head);
    EXPECT_EQ(head.error().status, GetParam().status);
    EXPECT_EQ(head.error().reason, GetParam().reason);
}

TEST_P(RequestRefusal, is_never_accepted_byte_by_byte) {
    const std::string& bytes = GetParam().bytes;
    HeadScanner scanner(16 * 1024);
    for (std::size_t length = 0; length <= bytes.size(); ++length) {
        const auto end = scanner.scan(std::string_view(bytes).substr(0, length));
        if (!end) return;
        if (*end == 0) continue;
        std::vector<HeaderView> headers;
        EXPECT_FALSE(parse_request_head(std::string_view(bytes).substr(0, *end), headers));
        return;
    }
}

const Row rows[] = {
    {"host_missing", "GET / HTTP/1.1\r\nAccept: */*\r\n\r\n", 400, "Host missing"},
    {"host_repeated", with("Host: h"), 400, "Host repeated"},
    {"host_repeated_in_another_case", with("hOST: other"), 400, "Host repeated"},
    {"host_empty", with_host(""), 400, "Host empty"},
    {"host_with_user_info", with_host("user@h"), 400, "Host with user info"},
    {"host_with_path", with_host("h/a"), 400, "Host with a path"},
    {"host_with_comma", with_host("h,i"), 400, "Host with a comma"},
    {"host_with_space", with_host("h i"), 400, "Host malformed"},
    {"host_with_wrong_port", with_host("h:http"), 400, "Host with a malformed port"},

    {"folded_line", with("X-A: b\r\n c"), 400, "folded header line (obs-fold)"},
    {"folded_line_with_tab", with("X-A: b\r\n\tc"), 400, "folded header line (obs-fold)"},
    {"folded_first_line", "GET / HTTP/1.1\r\n Host: h\r\n\r\n", 400, "folded header line (obs-fold)"},

    {"transfer_encoding_gzip", with("Transfer-Encoding: gzip"), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_gzip_chunked", with("Transfer-Encoding: gzip, chunked"), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_chunked_gzip", with("Transfer-Encoding: chunked, gzip"), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_identity", with("Transfer-Encoding: identity"), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_empty", with("Transfer-Encoding:"), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_quoted", with("Transfer-Encoding: \"chunked\""), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_with_parameter", with("Transfer-Encoding: chunked;q=1"), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_prefixed", with("Transfer-Encoding: xchunked"), 400, "Transfer-Encoding other than chunked"},
    {"transfer_encoding_with_vertical_tab", with("Transfer-Encoding: \vchunked"), 400, "control byte"},
    {"transfer_encoding_repeated", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked"), 400, "Transfer-Encoding repeated"},
    {"transfer_encoding_on_1_0", "POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n", 400, "Transfer-Encoding on HTTP/1.0"},
    {"length_with_chunked", with("Content-Length: 5\r\nTransfer-Encoding: chunked"), 400, "Content-Length together with Transfer-Encoding"},
    {"chunked_with_length", with("Transfer-Encoding: chunked\r\nContent-Length: 5"), 400, "Content-Length together with Transfer-Encoding"},
    {"length_with_gzip", with("Content-Length: 5\r\nTransfer-Encoding: gzip"), 400, "Transfer-Encoding other than chunked"},

    {"length_repeated", with("Content-Length: 5\r\nContent-Length: 5"), 400, "Content-Length repeated"},
    {"length_repeated_with_another_value", with("Content-Length: 5\r\ncontent-length: 6"), 400, "Content-Length repeated"},
    {"length_listed", with("Content-Length: 5, 5"), 400, "Content-Length is not one decimal number"},
    {"length_with_plus", with("Content-Length: +5"), 400, "Content-Length is not one decimal number"},
    {"length_with_minus", with("Content-Length: -5"), 400, "Content-Length is not one decimal number"},
    {"length_hexadecimal", with("Content-Length: 0x5"), 400, "Content-Length is not one decimal number"},
    {"length_with_inner_space", with("Content-Length: 1 5"), 400, "Content-Length is not one decimal number"},
    {"length_with_decimals", with("Content-Length: 5.0"), 400, "Content-Length is not one decimal number"},
    {"length_empty", with("Content-Length: "), 400, "Content-Length is not one decimal number"},
    {"length_too_long", with("Content-Length: 1000000000000000000"), 400, "Content-Length has too many digits"},
    {"length_over_64_bits", with("Content-Length: 18446744073709551621"), 400, "Content-Length has too many digits"},

    {"bare_cr_in_value", with("X-A: b\rc"), 400, "bare CR"},
    {"bare_cr_in_name", with("X\rA: b"), 400, "bare CR"},
    {"bare_cr_before_crlf", with("X-A: b\r"), 400, "bare CR"},
    {"bare_cr_in_target", first_line("GET /a\rb HTTP/1.1"), 400, "bare CR"},
    {"bare_lf_in_value", with("X-A: b\nc"), 400, "bare LF"},
    {"bare_lf_in_target", first_line("GET /a\nb HTTP/1.1"), 400, "bare LF"},
    {"bare_lf_that_hides_a_header", with("X-A: b\nContent-Length: 5"), 400, "bare LF"},
    {"nul_in_value", with("X-A: b\0c"s), 400, "NUL byte"},
    {"nul_in_name", with("X\0A: b"s), 400, "NUL byte"},
    {"nul_in_target", first_line("GET /a\0b HTTP/1.1"s), 400, "NUL byte"},
    {"nul_in_method", first_line("GE\0T / HTTP/1.1"s), 400, "NUL byte"},
    {"control_byte_in_value", with("X-A: \x1b[31m"), 400, "control byte"},
    {"delete_in_value", with("X-A: b\x7f"), 400, "control byte"},
    {"control_byte_in_target", first_line("GET /\x01 HTTP/1.1"), 400, "control byte"},
    {"tab_in_target", first_line("GET /a\tb HTTP/1.1"), 400, "control byte"},

    {"high_byte_in_target", first_line("GET /\xFF HTTP/1.1"), 400, "byte over 0x7F in the target"},
    {"utf8_in_target", first_line("GET /\xC3\xBC HTTP/1.1"), 400, "byte over 0x7F in the target"},
    {"fragment_in_target", first_line("GET /a#b HTTP/1.1"), 400, "fragment in the target"},
    {"relative_target", first_line("GET a/b HTTP/1.1"), 400, "target is neither a path nor an http URL"},
    {"target_of_another_scheme", first_line("GET ftp://h/a HTTP/1.1"), 400, "target is neither a path nor an http URL"},
    {"absolute_target_of_another_host", first_line("GET http://other/a HTTP/1.1"), 400, "authority of the target differs from Host"},
    {"absolute_target_with_user_info", first_line("GET http://u@h/a HTTP/1.1"), 400, "Host with user info"},
    {"absolute_target_without_host", first_line("GET http:///a HTTP/1.1"), 400, "Host empty"},
    {"absolute_target_with_query_only", first_line("GET http://h?a HTTP/1.1"), 400, "absolute target with a query but no path"},
    {"get_asterisk", first_line("GET * HTTP/1.1"), 400, "target * with a method other than OPTIONS"},
    {"connect", "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n", 501, "CONNECT and TRACE are not served"},
    {"trace", first_line("TRACE / HTTP/1.1"), 501, "CONNECT and TRACE are not served"},

    {"space_before_colon", with("X-A : b"), 400, "white space before the colon"},
    {"tab_before_colon", with("X-A\t: b"), 400, "white space before the colon"},
    {"space_before_colon_of_transfer_encoding", with("Transfer-Encoding : chunked"), 400, "white space before the colon"},
    {"space_in_name", with("X A: b"), 400, "white space before the colon"},
    {"bracket_in_name", with("X(A): b"), 400, "invalid byte in a header name"},
    {"high_byte_in_name", with("X-\xC3\xBC: b"), 400, "invalid byte in a header name"},
    {"name_missing", with(": b"), 400, "invalid byte in a header name"},
    {"colon_missing", with("X-A"), 400, "header line without a colon"},

    {"method_missing", first_line(" / HTTP/1.1"), 400, "invalid byte in the method"},
    {"method_no_token", first_line("GE(T / HTTP/1.1"), 400, "invalid byte in the method"},
    {"method_with_tab_after_it", first_line("GET\t/ HTTP/1.1"), 400, "control byte"},
    {"method_too_long", first_line(std::string(33, 'M') + " / HTTP/1.1"), 501, "method too long"},
    {"two_spaces_before_target", first_line("GET  / HTTP/1.1"), 400, "malformed request line"},
    {"two_spaces_before_version", first_line("GET /  HTTP/1.1"), 400, "malformed request line"},
    {"space_after_version", first_line("GET / HTTP/1.1 "), 400, "malformed request line"},
    {"space_in_target", first_line("GET /a b HTTP/1.1"), 400, "malformed request line"},
    {"one_word", first_line("hello"), 400, "malformed request line"},
    {"empty_head", "\r\n\r\n", 400, "malformed request line"},

    {"http_0_9", "GET /\r\n\r\n", 505, "request line without a version (HTTP/0.9)"},
    {"http_0_9_named", first_line("GET / HTTP/0.9"), 505, "HTTP version other than 1.0 and 1.1"},
    {"http_1_2", first_line("GET / HTTP/1.2"), 505, "HTTP version other than 1.0 and 1.1"},
    {"http_2_preface", "PRI * HTTP/2.0\r\n\r\n", 505, "HTTP version other than 1.0 and 1.1"},
    {"http_2_upgrade_line", first_line("GET / HTTP/2.0"), 505, "HTTP version other than 1.0 and 1.1"},
    {"lower_case_version", first_line("GET / http/1.1"), 400, "malformed request line"},
    {"version_of_two_digits", first_line("GET / HTTP/1.10"), 400, "malformed request line"},
    {"version_without_minor", first_line("GET / HTTP/1"), 400, "malformed request line"},

    {"unknown_expectation", with("Expect: 200-ok"), 417, "unknown expectation"},
    {"one_unknown_expectation_of_two", with("Expect: 100-continue, other"), 417, "unknown expectation"},
};

INSTANTIATE_TEST_SUITE_P(Heads, RequestRefusal, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

/// What the scanner refuses before the head has ended: a peer that speaks something else must not wait for a timeout.
struct EarlyRow {
    std::string name;
    std::string bytes;
    unsigned status;
    std::string reason;
};

void PrintTo(const EarlyRow& row, std::ostream* out) { *out << row.name; }

class EarlyRefusal : public ::testing::TestWithParam<EarlyRow> {};

TEST_P(EarlyRefusal, does_not_wait_for_the_end) {
    HeadScanner scanner(16 * 1024);
    const auto end = scanner.scan(GetParam().bytes);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().status, GetParam().status);
    EXPECT_EQ(end.error().reason, GetParam().reason);
}

const EarlyRow early_rows[] = {
    {"tls_client_hello", "\x16\x03\x01\x02\n\x01", 400, "TLS on a port that speaks plain HTTP"},
    {"zero_byte", "\0"s, 400, "NUL byte"},
    {"high_byte", "\xFF", 400, "invalid byte in the method"},
    {"bare_lf_after_the_request_line", "GET / HTTP/1.1\n", 400, "bare LF"},
    {"bare_lf_after_a_header", "GET / HTTP/1.1\r\nHost: h\n", 400, "bare LF"},
    {"lf_in_place_of_the_empty_line", "GET / HTTP/1.1\r\nHost: h\r\n\n", 400, "bare LF"},
    {"lf_first", "\nGET / HTTP/1.1\r\n", 400, "bare LF"},
    {"http_0_9", "GET /\r\n", 505, "request line without a version (HTTP/0.9)"},
    {"second_empty_line_before_the_request", "\r\nGET / HTTP/1.1\r\n", 400, "empty line in place of a request line"},
    {"greeting_of_another_protocol", "EHLO\r\n", 400, "malformed request line"},
};

INSTANTIATE_TEST_SUITE_P(Heads, EarlyRefusal, ::testing::ValuesIn(early_rows), [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace tenter::http
