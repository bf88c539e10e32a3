// Deadlines of a connection. Real time is part of what is tested here: the one deadline under test is tens of milliseconds away, all others
// a minute, and the test waits for what the server does about it as an event on the socket.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "tests/conformance/http/echo_server.hpp"
#include "tests/conformance/http/raw_client.hpp"

namespace tenter::http::testing {
namespace {

using namespace std::chrono_literals;

ServerOptions far_deadlines() {
    ServerOptions options;
    options.header_timeout = options.body_timeout = options.idle_timeout = options.write_timeout = options.linger_timeout = 60s;
    return options;
}

TEST(HttpDeadline, ends_a_head_that_does_not_come_to_its_end) {
    auto options = far_deadlines();
    options.header_timeout = 30ms;
    EchoServer server(options);
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost"));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 408u);
    EXPECT_EQ(response->header("Connection"), "close");
    EXPECT_TRUE(client.sees_close());
    EXPECT_EQ(server.rejections(1).at(0).reason, "head not received in time");
}

/// The deadline counts from the first byte: a client that sends a byte now and then does not move it.
TEST(HttpDeadline, is_not_moved_by_a_trickle) {
    auto options = far_deadlines();
    options.header_timeout = 40ms;
    EchoServer server(options);
    RawClient client(server.port());
    std::optional<RawResponse> response;
    auto receiving = std::async(std::launch::async, [&] { return client.receive(); });
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nX: "));
    while (receiving.wait_for(2ms) != std::future_status::ready) client.send("a");
    response = receiving.get();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 408u);
}

TEST(HttpDeadline, ends_a_body_that_does_not_come_to_its_end) {
    for (const std::string framing : {"Content-Length: 5\r\n\r\nhel", "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"}) {
        auto options = far_deadlines();
        options.body_timeout = 30ms;
        EchoServer server(options);
        RawClient client(server.port());
        ASSERT_TRUE(client.send("POST / HTTP/1.1\r\nHost: h\r\n" + framing));
        const auto response = client.receive();
        ASSERT_TRUE(response);
        EXPECT_EQ(response->status, 408u);
        EXPECT_TRUE(client.sees_close());
        EXPECT_EQ(server.rejections(1).at(0).reason, "body not received in time");
    }
}

TEST(HttpDeadline, closes_an_idle_connection_without_a_word) {
    auto options = far_deadlines();
    options.idle_timeout = 30ms;
    EchoServer server(options);
    RawClient silent(server.port());
    EXPECT_TRUE(silent.sees_close());

    RawClient served(server.port());
    ASSERT_TRUE(served.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(served.receive()->status, 200u);
    EXPECT_TRUE(served.sees_close());
    EXPECT_TRUE(server.rejections(0).empty());
}

TEST(HttpDeadline, leaves_a_request_alone_that_the_handler_has) {
    auto options = far_deadlines();
    options.header_timeout = options.body_timeout = options.idle_timeout = 20ms;
    std::promise<Responder> parked;
    EchoServer server(options, [&](const Request&, Responder& responder) {
        parked.set_value(std::move(responder));
        return true;
    });
    RawClient waiting(server.port());
    ASSERT_TRUE(waiting.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    Responder responder = parked.get_future().get();
    RawClient idle(server.port());
    EXPECT_TRUE(idle.sees_close()) << "by now the deadlines have passed for others";
    std::move(responder).send({.status = 202, .body = {}, .content_type = {}, .headers = {}});
    EXPECT_EQ(waiting.receive()->status, 202u);
}

bool answer_with_megabytes(const Request&, Responder& responder) {
    std::move(responder).send({.status = 200, .body = std::string(16'000'000, 'x'), .content_type = {}, .headers = {}});
    return true;
}

TEST(HttpDeadline, cuts_a_client_that_does_not_read_its_answer) {
    auto options = far_deadlines();
    options.write_timeout = 30ms;
    EchoServer server(options, answer_with_megabytes);
    RawClient client(server.port(), 4096);
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto rejections = server.rejections(1);
    ASSERT_EQ(rejections.size(), 1u);
    EXPECT_EQ(rejections[0].status, 0u);
    EXPECT_EQ(rejections[0].reason, "answer not read in time");
}

TEST(HttpDeadline, waits_for_a_client_that_reads_slowly) {
    EchoServer server(far_deadlines(), answer_with_megabytes);
    RawClient client(server.port(), 4096);
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
    const auto response = client.receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body.size(), 16'000'000u);
}

TEST(HttpDeadline, discards_input_after_a_refusal_only_for_a_while) {
    auto options = far_deadlines();
    options.linger_timeout = 30ms;
    EchoServer server(options);
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET / HTTP/1.1\r\n\r\n"));
    ASSERT_EQ(client.receive()->status, 400u);
    while (client.send("x")) continue;  // ends when the server has closed: its kernel answers with a reset
    SUCCEED();
}

/// While one request is being handled the server takes in no more than its buffers hold, whatever the client sends.
TEST(HttpBackpressure, stops_reading_while_a_request_is_handled) {
    std::promise<Responder> parked;
    std::atomic<int> handled{0};
    EchoServer server(far_deadlines(), [&](const Request&, Responder& responder) {
        if (handled++ > 0) return false;
        parked.set_value(std::move(responder));
        return true;
    });
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /first HTTP/1.1\r\nHost: h\r\n\r\n"));
    Responder responder = parked.get_future().get();
    const std::string request = "POST /next HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n" + std::string(60'000, 'x');
    std::size_t whole = 0;
    std::string rest;
    for (; whole < 2000 && rest.empty(); ++whole) rest = request.substr(client.send_what_fits(request));
    ASSERT_LT(whole, 2000u) << "the server took 120 MB without having answered";
    EXPECT_EQ(handled.load(), 1);

    std::move(responder).send({.status = 202, .body = {}, .content_type = {}, .headers = {}});
    auto sending = std::async(std::launch::async, [&] { return client.send(rest); });
    EXPECT_EQ(client.receive()->status, 202u);
    for (std::size_t i = 0; i < whole; ++i) ASSERT_EQ(client.receive()->status, 200u) << i;
    EXPECT_TRUE(sending.get());
}

}  // namespace
}  // namespace tenter::http::testing
