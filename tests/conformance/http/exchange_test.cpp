// Whole requests and their answers over real sockets: bodies, keep-alive, pipelining, HEAD, 100-continue, HTTP/1.0.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

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

/// A request of either framing, cut in two at every byte, and all on one connection: where it is cut makes no difference.
TEST(HttpExchange, understands_a_request_wherever_it_is_cut) {
    EchoServer server;
    RawClient client(server.port());
    for (const std::string_view request : {post_with_length, post_chunked})
        for (std::size_t cut = 1; cut < request.size(); ++cut) {
            ASSERT_TRUE(client.send(request.substr(0, cut)));
            ASSERT_TRUE(client.send(request.substr(cut)));
            ASSERT_EQ(text(client.receive()), "200 POST /a?x=1\nhello") << cut;
        }
}

TEST(HttpExchange, understands_a_request_that_comes_byte_by_byte) {
    EchoServer server;
    RawClient client(server.port());
    for (const std::string_view request : {post_with_length, post_chunked, post_with_length}) {
        for (const char& c : request) ASSERT_TRUE(client.send({&c, 1}));
        ASSERT_EQ(text(client.receive()), "200 POST /a?x=1\nhello");
    }
}

TEST(HttpExchange, answers_pipelined_requests_in_order) {
    EchoServer server;
    RawClient client(server.port());
    std::string requests;
    for (int i = 0; i < 100; ++i) {
        requests += "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n";
        requests += i % 2 == 0 ? "Content-Length: 2\r\n\r\nab" : "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
    }
    ASSERT_TRUE(client.send(requests));
    for (int i = 0; i < 100; ++i) ASSERT_EQ(text(client.receive()), "200 POST /" + std::to_string(i) + "\nab");
}

TEST(HttpExchange, answers_two_requests_of_one_segment_wherever_the_stream_is_cut) {
    EchoServer server;
    RawClient client(server.port());
    const std::string both = std::string(post_chunked) + std::string(get);
    for (std::size_t cut = 1; cut < both.size(); ++cut) {
        ASSERT_TRUE(client.send(std::string_view(both).substr(0, cut)));
        ASSERT_TRUE(client.send(std::string_view(both).substr(cut)));
        ASSERT_EQ(text(client.receive()), "200 POST /a?x=1\nhello") << cut;
        ASSERT_EQ(text(client.receive()), "200 GET /b\n") << cut;
    }
}

TEST(HttpExchange, takes_a_body_of_exactly_the_limit) {
    EchoServer server({.max_body_bytes = 100'000});
    RawClient client(server.port());
    const std::string body(100'000, 'x');
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n" + body));
    EXPECT_EQ(text(client.receive()), "200 POST /\n" + body);
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n186A0\r\n" + body + "\r\n0\r\n\r\n"));
    EXPECT_EQ(text(client.receive()), "200 POST /\n" + body);
}

TEST(HttpExchange, gives_the_handler_headers_peer_and_time) {
    std::string seen;
    UnixMillis received{};
    EchoServer server({}, [&](const Request& request, Responder&) {
        seen = std::string(request.peer) + "|" + std::string(find_header(request.message.headers, "x-a").value_or("?"));
        received = request.received_at;
        return false;
    });
    const auto before = SystemClock().now();
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\nX-A: b c \r\nContent-Length: 1\r\n\r\n"));
    ASSERT_TRUE(client.send("x"));  // the headers must still stand when the body comes later
    ASSERT_EQ(text(client.receive()), "200 POST /\nx");
    EXPECT_EQ(seen, "127.0.0.1|b c");
    EXPECT_GE(received, before);
    EXPECT_LE(received, SystemClock().now());
}

TEST(HttpExchange, sends_no_body_in_answers_to_head) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send("HEAD /b HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto head = client.receive(true);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->status, 200u);
    EXPECT_EQ(head->header("Content-Length"), "8") << "of \"HEAD /b\\n\"";
    ASSERT_TRUE(client.send(get));
    EXPECT_EQ(text(client.receive()), "200 GET /b\n") << "what follows the head is the next answer";
}

TEST(HttpExchange, passes_options_and_unknown_methods_to_the_handler) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\nBREW /pot HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(text(client.receive()), "200 OPTIONS *\n");
    EXPECT_EQ(text(client.receive()), "200 BREW /pot\n");
}

TEST(HttpExchange, ignores_one_empty_line_before_a_request) {
    EchoServer server;
    RawClient client(server.port());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(client.send("\r"));
        ASSERT_TRUE(client.send("\n" + std::string(get)));
        EXPECT_EQ(text(client.receive()), "200 GET /b\n");
    }
}

TEST(HttpExchange, closes_after_the_answer_when_the_client_asks_for_it) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + std::string(get)));
    const auto response = client.receive();
    EXPECT_EQ(text(response), "200 GET /b\n");
    EXPECT_EQ(response->header("Connection"), "close");
    EXPECT_TRUE(client.sees_close()) << "the request after it is not answered (RFC 9112 9.6)";
}

TEST(HttpExchange, closes_http_1_0_unless_asked_to_keep_it) {
    EchoServer server;
    RawClient closing(server.port());
    ASSERT_TRUE(closing.send("GET /b HTTP/1.0\r\n\r\n"));
    EXPECT_EQ(text(closing.receive()), "200 GET /b\n");
    EXPECT_TRUE(closing.sees_close());

    RawClient keeping(server.port());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(keeping.send("GET /b HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
        const auto response = keeping.receive();
        EXPECT_EQ(text(response), "200 GET /b\n");
        EXPECT_EQ(response->header("Connection"), "keep-alive");
    }
}

TEST(HttpExchange, answers_a_peer_that_has_closed_its_side) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send(std::string(post_with_length) + std::string(get)));
    client.finish_sending();
    EXPECT_EQ(text(client.receive()), "200 POST /a?x=1\nhello");
    EXPECT_EQ(text(client.receive()), "200 GET /b\n");
    EXPECT_TRUE(client.sees_close());
}

TEST(HttpExchange, reports_a_request_that_ends_in_the_middle) {
    for (const std::string_view part : {post_with_length.substr(0, 20), post_with_length.substr(0, post_with_length.size() - 2)}) {
        EchoServer server;
        RawClient client(server.port());
        ASSERT_TRUE(client.send(part));
        client.finish_sending();
        EXPECT_TRUE(client.sees_close());
        const auto rejections = server.rejections(1);
        ASSERT_EQ(rejections.size(), 1u);
        EXPECT_EQ(rejections[0].status, 0u);
        EXPECT_EQ(rejections[0].reason, "connection closed in the middle of a request");
        EXPECT_EQ(rejections[0].peer, "127.0.0.1");
    }
}

constexpr std::string_view expecting = "POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";

TEST(HttpContinue, is_sent_when_the_body_is_awaited) {
    EchoServer server;
    RawClient client(server.port());
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(client.send(expecting));
        EXPECT_EQ(client.receive()->head, "HTTP/1.1 100 Continue");
        ASSERT_TRUE(client.send("hello"));
        EXPECT_EQ(text(client.receive()), "200 POST /b\nhello");
    }
}

TEST(HttpContinue, is_left_out_when_the_body_is_there_already) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send(std::string(expecting) + "hello"));
    EXPECT_EQ(text(client.receive()), "200 POST /b\nhello");
}

TEST(HttpContinue, is_left_out_when_there_is_no_body) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send("POST /b HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n"));
    EXPECT_EQ(text(client.receive()), "200 POST /b\n");
}

TEST(HttpContinue, gives_way_to_a_refusal) {
    EchoServer server({.max_body_bytes = 4});
    RawClient client(server.port());
    ASSERT_TRUE(client.send(expecting));
    EXPECT_EQ(client.receive()->status, 413u);
    EXPECT_TRUE(client.sees_close());
}

/// A client that somebody else wrote: lengths, chunks, HEAD, keep-alive and a refusal in the middle of a body.
TEST(HttpInterop, python_http_client_is_served) {
    EchoServer server;
    const std::string command = "python3 " TENTER_SOURCE_DIR "/tests/conformance/http/python_client.py " + std::to_string(server.port());
    EXPECT_EQ(std::system(command.c_str()), 0);
}

}  // namespace
}  // namespace tenter::http::testing
