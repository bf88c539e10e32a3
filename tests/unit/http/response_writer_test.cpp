// Answers as bytes. The date's expected value is the example of RFC 9110 section 5.6.7; others: date -u -R.
#include "gateway/http/response_writer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::http {
namespace {

using namespace std::chrono_literals;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::string written(const Response& response, ConnectionField connection = ConnectionField::none, bool without_body = false) {
    std::string out;
    append_response(out, response, {.without_body = without_body, .connection = connection, .date = "DATE"});
    return out;
}

TEST(HttpDate, writes_the_example_of_the_specification) {
    HttpDate date;
    EXPECT_EQ(date.at(UnixMillis(784'111'777s)), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date.at(UnixMillis(0s)), "Thu, 01 Jan 1970 00:00:00 GMT");
    EXPECT_EQ(date.at(UnixMillis(951'782'400s)), "Tue, 29 Feb 2000 00:00:00 GMT");
}

TEST(HttpDate, changes_with_the_second) {
    HttpDate date;
    EXPECT_EQ(date.at(UnixMillis(784'111'777'999ms)), "Sun, 06 Nov 1994 08:49:37 GMT");
    EXPECT_EQ(date.at(UnixMillis(784'111'778'000ms)), "Sun, 06 Nov 1994 08:49:38 GMT");
    EXPECT_EQ(date.at(UnixMillis(784'111'777'000ms)), "Sun, 06 Nov 1994 08:49:37 GMT") << "the clock may be set back";
}

TEST(ResponseWriter, writes_head_and_body) {
    EXPECT_EQ(written({.status = 200, .body = "hi", .content_type = "text/plain", .headers = {{"Allow", "POST"}}}),
              "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Type: text/plain\r\nAllow: POST\r\nContent-Length: 2\r\n\r\nhi");
}

TEST(ResponseWriter, writes_a_length_for_an_empty_body) {
    EXPECT_EQ(written({}), "HTTP/1.1 200 OK\r\nDate: DATE\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseWriter, says_what_becomes_of_the_connection) {
    EXPECT_THAT(written({}, ConnectionField::close), HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_THAT(written({}, ConnectionField::keep_alive), HasSubstr("\r\nConnection: keep-alive\r\n"));
    EXPECT_THAT(written({}), Not(HasSubstr("Connection")));
}

TEST(ResponseWriter, keeps_the_length_but_not_the_body_for_head) {
    const std::string out = written({.status = 200, .body = "hello", .content_type = {}, .headers = {}}, ConnectionField::none, true);
    EXPECT_THAT(out, HasSubstr("\r\nContent-Length: 5\r\n"));
    EXPECT_THAT(out, EndsWith("\r\n\r\n"));
}

TEST(ResponseWriter, gives_no_body_and_no_length_to_204_and_304) {
    for (const unsigned status : {204u, 304u}) {
        const std::string out = written({.status = status, .body = "hello", .content_type = {}, .headers = {}});
        EXPECT_THAT(out, Not(HasSubstr("Content-Length"))) << status;
        EXPECT_THAT(out, EndsWith("\r\n\r\n")) << status;
    }
}

TEST(ResponseWriter, writes_a_status_without_a_name) {
    EXPECT_THAT(written({.status = 599, .body = {}, .content_type = {}, .headers = {}}), ::testing::StartsWith("HTTP/1.1 599 \r\n"));
}

TEST(ResponseWriter, lets_no_header_break_out_of_its_line) {
    const std::string out = written({.status = 200, .body = {}, .content_type = "a\r\nb", .headers = {{"X", "y\r\nSet-Cookie: z"}}});
    EXPECT_THAT(out, HasSubstr("Content-Type: a  b\r\n"));
    EXPECT_THAT(out, HasSubstr("X: y  Set-Cookie: z\r\n"));
}

}  // namespace
}  // namespace tenter::http
