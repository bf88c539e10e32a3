// Goal: whatever breaks the framing is answered once, with the right status, reported with its reason, and ends the connection: nothing
// that follows is read as a request. Method: raw bytes over a real socket, with a well-formed request right behind them; the bytes come
// whole, then cut in two at every byte. (That every wrong head has its own reason is tests/unit/http's; here are all ways out of a
// connection.)
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/http/echo_server.hpp"
#include "tests/conformance/http/raw_client.hpp"

namespace tenter::http::testing {
namespace {

using namespace std::string_literals;

struct Row {
    std::string name;
    std::string bytes;
    unsigned status;
    std::string reason;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

const std::string follower = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

ServerOptions small() { return {.max_body_bytes = 100, .max_header_bytes = 256}; }

std::size_t count(const std::string& text, std::string_view part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
    return found;
}

class HttpRefusal : public ::testing::TestWithParam<Row> {};

void expect_refused(const std::optional<std::string>& received, const Row& row) {
    ASSERT_TRUE(received) << "the connection was not closed";
    EXPECT_EQ(received->substr(0, 13), "HTTP/1.1 " + std::to_string(row.status) + " ");
    EXPECT_EQ(count(*received, "HTTP/1.1 "), 1u) << *received;
    EXPECT_EQ(count(*received, "\r\nConnection: close\r\n"), 1u);
    EXPECT_EQ(count(*received, "\r\nContent-Type: application/json\r\n"), 1u);
    EXPECT_TRUE(received->ends_with("\r\n\r\n" + std::to_string(row.status) + " " + row.reason)) << *received;
}

TEST_P(HttpRefusal, answers_once_reports_the_reason_and_closes) {
    EchoServer server(small());
    RawClient client(server.port());
    ASSERT_TRUE(client.send(GetParam().bytes + follower));
    client.finish_sending();
    expect_refused(client.receive_all(), GetParam());
    const auto rejections = server.rejections(1);
    ASSERT_EQ(rejections.size(), 1u);
    EXPECT_EQ(rejections[0].status, GetParam().status);
    EXPECT_EQ(rejections[0].reason, GetParam().reason);
    EXPECT_EQ(rejections[0].peer, "127.0.0.1");
}

TEST_P(HttpRefusal, is_the_same_wherever_the_bytes_are_cut) {
    EchoServer server(small());
    const std::string_view bytes = GetParam().bytes;
    const std::size_t step = bytes.size() > 200 ? 17 : 1;
    for (std::size_t cut = 1; cut < bytes.size(); cut += step) {
        SCOPED_TRACE(cut);
        RawClient client(server.port());
        ASSERT_TRUE(client.send(bytes.substr(0, cut)));
        client.send(bytes.substr(cut));  // may come too late: the first part can be enough
        client.send(follower);
        client.finish_sending();
        expect_refused(client.receive_all(), GetParam());
    }
}

const std::string post = "POST / HTTP/1.1\r\nHost: h\r\n";
const std::string chunked = post + "Transfer-Encoding: chunked\r\n\r\n";

const Row rows[] = {
    {"length_with_chunked", post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
     "Content-Length together with Transfer-Encoding"},
    {"length_repeated", post + "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400, "Content-Length repeated"},
    {"transfer_encoding_gzip", post + "Transfer-Encoding: gzip\r\n\r\n", 400, "Transfer-Encoding other than chunked"},
    {"host_missing", "GET / HTTP/1.1\r\n\r\n", 400, "Host missing"},
    {"folded_line", "GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400, "folded header line (obs-fold)"},
    {"bare_lf", "GET / HTTP/1.1\nHost: h\n\n", 400, "bare LF"},
    {"nul", "GET / HTTP/1.1\r\nHost: h\r\nX: \0\r\n\r\n"s, 400, "NUL byte"},
    {"high_byte_in_target", "GET /\xFF HTTP/1.1\r\nHost: h\r\n\r\n", 400, "byte over 0x7F in the target"},
    {"trace", "TRACE / HTTP/1.1\r\nHost: h\r\n\r\n", 501, "CONNECT and TRACE are not served"},
    {"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, "HTTP version other than 1.0 and 1.1"},
    {"http_0_9", "GET /\r\n", 505, "request line without a version (HTTP/0.9)"},
    {"unknown_expectation", post + "Expect: tea\r\nContent-Length: 1\r\n\r\na", 417, "unknown expectation"},
    {"target_over_the_limit", "GET /" + std::string(300, 'a'), 414, "request line over the limit"},
    {"headers_over_the_limit", "GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(300, 'a'), 431, "head over the limit"},
    {"body_over_the_limit", post + "Content-Length: 101\r\n\r\n" + std::string(101, 'a'), 413, "body over the limit"},
    {"announced_body_far_over_the_limit", post + "Content-Length: 999999999999999999\r\n\r\n", 413, "body over the limit"},
    {"chunked_body_over_the_limit", chunked + "65\r\n" + std::string(101, 'a') + "\r\n0\r\n\r\n", 413, "chunked body over the limit"},
    {"chunk_size_without_digits", chunked + "x\r\n\r\n", 400, "malformed chunk size"},
    {"chunk_size_over_64_bits", chunked + "10000000000000000\r\n", 400, "malformed chunk size"},
    {"chunk_longer_than_announced", chunked + "1\r\nab\r\n0\r\n\r\n", 400, "malformed chunk size"},
    {"chunk_size_with_space", chunked + "1 \r\na\r\n0\r\n\r\n", 400, "malformed chunk header or extension"},
    {"control_byte_in_chunk_extension", chunked + "1;a=\"\x01\"\r\na\r\n0\r\n\r\n", 400, "malformed chunk header or extension"},
    {"bare_cr_in_chunk_header", chunked + "1\ra\r\n0\r\n\r\n", 400, "bare CR in a chunk header"},
    {"chunk_extension_over_the_limit", chunked + "1;a=" + std::string(300, 'b') + "\r\na\r\n0\r\n\r\n", 431,
     "chunk extensions or trailers over the limit"},
    {"folded_trailer", chunked + "0\r\nX: a\r\n b\r\n\r\n", 400, "malformed trailer"},
};

INSTANTIATE_TEST_SUITE_P(Bytes, HttpRefusal, ::testing::ValuesIn(rows), [](const auto& row) { return row.param.name; });

TEST(HttpRefusal, comes_after_the_answers_to_the_requests_before_it) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\n\r\n" + follower));
    EXPECT_EQ(client.receive()->body, "GET /1\n");
    EXPECT_EQ(client.receive()->status, 400u);
    EXPECT_TRUE(client.sees_close());
}

TEST(HttpRefusal, has_no_body_when_the_method_is_head) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send("HEAD / HTTP/1.1\r\n\r\n"));
    const auto received = client.receive(true);
    EXPECT_EQ(received->status, 400u);
    EXPECT_EQ(received->header("Content-Length"), std::to_string(std::string("400 Host missing").size()));
    EXPECT_TRUE(client.sees_close());
}

/// A client that goes on sending a body that was refused must still be able to read why: the server may not reset the connection.
TEST(HttpRefusal, reaches_a_client_that_is_still_sending) {
    EchoServer server;
    RawClient client(server.port());
    ASSERT_TRUE(client.send(post + "Content-Length: 10000000\r\n\r\n"));
    ASSERT_TRUE(client.send(std::string(4'000'000, 'x')));
    const auto received = client.receive();
    ASSERT_TRUE(received);
    EXPECT_EQ(received->status, 413u);
}

TEST(HttpRefusal, is_not_shown_to_the_handler) {
    int handled = 0;
    {
        EchoServer server({}, [&](const Request&, Responder&) {
            ++handled;
            return false;
        });
        RawClient client(server.port());
        ASSERT_TRUE(client.send("GET / HTTP/1.1\r\n\r\n" + follower));
        EXPECT_EQ(client.receive()->status, 400u);
        EXPECT_TRUE(client.sees_close());
    }
    EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace tenter::http::testing
