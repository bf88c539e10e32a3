// Whole requests and their answers over real sockets: bodies, keep-alive, pipelining, HEAD, 100-continue, HTTP/1.0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/http/echo_server.hpp"
#include "tests/conformance/http/raw_client.hpp"

namespace tenter::http::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view post_with_length = "POST /a?x=1 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
constexpr std::string_view post_chunked =
    "POST /a?x=1 HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a=\"b c\"\r\nhel\r\n2\r\nlo\r\n0\r\nTrailer: x\r\n\r\n";
constexpr std::string_view get = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";

std::string text(const std::optional<RawResponse>& response) {
    return response ? std::to_string(response->status) + " " + response->body : "no answer";
}

TEST(HttpExchange, answers_a_post_with_content_length) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send(post_with_length));
    const auto response = client.receive();
    EXPECT_EQ(text(response), "200 POST /a?x=1\nhello");
    EXPECT_THAT(response->head, HasSubstr("HTTP/1.1 200 OK\r\n"));
    EXPECT_EQ(response->header("Content-Type"), "text/plain");
    EXPECT_EQ(response->header("Connection"), std::nullopt);
    EXPECT_TRUE(response->header("Date").has_value());
}

TEST(HttpExchange, takes_the_chunked_coding_off_the_body) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send(post_chunked));
    EXPECT_EQ(text(client.receive()), "200 POST /a?x=1\nhello");
}

TEST(HttpExchange, serves_one_connection_again_and_again) {
    EchoServer server;
    RawClient client(server.port());
    for (int i = 0; i < 50; ++i) {
        ASSERT_TRUE(client.send(i % 2 == 0 ? post_with_length : post_chunked));
        ASSERT_EQ(text(client.receive()), "200 POST /a?x=1\nhello") << i;
    }
}

}  // namespace
}  // namespace tenter::http::testing
