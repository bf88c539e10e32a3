// From start to stop: listening, limits on connections, draining.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <future>
#include <thread>

#include "tests/conformance/http/echo_server.hpp"
#include "tests/conformance/http/parking.hpp"
#include "tests/conformance/http/raw_client.hpp"

namespace tenter::http::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::string_view get = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view park = "GET /park HTTP/1.1\r\nHost: h\r\n\r\n";

TEST(HttpServer, names_the_address_of_a_port_in_use) {
    EchoServer first;
    const std::uint16_t port = first.port();
    EchoServer second({.listen = {{.host = "127.0.0.1", .port = port}}});
    ASSERT_FALSE(second.started());
    EXPECT_EQ(second.started().error().code, Errc::unavailable);
    EXPECT_EQ(second.started().error().os_error, EADDRINUSE);
    EXPECT_THAT(second.started().error().message, HasSubstr("127.0.0.1:" + std::to_string(port)));
    RawClient client(port);
    ASSERT_TRUE(client.send(get));
    EXPECT_EQ(client.receive()->status, 200u) << "the first one is not disturbed";
}

TEST(HttpServer, refuses_an_address_that_is_not_numeric) {
    EchoServer server({.listen = {{.host = "localhost", .port = 0}}});
    ASSERT_FALSE(server.started());
    EXPECT_EQ(server.started().error().code, Errc::invalid_input);
    EXPECT_THAT(server.started().error().message, HasSubstr("localhost:0"));
}

TEST(HttpServer, listens_on_several_addresses) {
    EchoServer server({.listen = {{.host = "127.0.0.1", .port = 0}, {.host = "127.0.0.1", .port = 0}}});
    const auto addresses = server.server().addresses();
    ASSERT_EQ(addresses.size(), 2u);
    for (const ListenAddress& address : addresses) {
        RawClient client(address.port);
        ASSERT_TRUE(client.send(get));
        EXPECT_EQ(client.receive()->status, 200u);
    }
}

TEST(HttpServer, may_be_destroyed_without_having_started) {
    SystemClock clock;
    EchoHandler handler;
    Server server({}, clock, handler, {}, {});
    EXPECT_EQ(server.stop(), 0u);
}

TEST(HttpServer, serves_a_thousand_connections_that_come_and_go) {
    EchoServer server;
    auto visit = [&](int visits) {
        int served = 0;
        for (int i = 0; i < visits; ++i) {
            RawClient client(server.port());
            if (i % 3 == 0) continue;  // opened and closed without a word
            if (!client.send(get)) continue;
            const auto response = client.receive();
            served += response && response->status == 200 ? 1 : 0;
            if (i % 3 == 1) client.reset();
        }
        return served;
    };
    auto other = std::async(std::launch::async, visit, 500);
    EXPECT_EQ(visit(500), 333);
    EXPECT_EQ(other.get(), 333);
}

TEST(HttpServer, answers_503_over_the_limit_of_connections_and_recovers) {
    EchoServer server({.max_connections = 2});
    RawClient first(server.port());
    auto second = std::make_unique<RawClient>(server.port());
    for (RawClient* client : {&first, second.get()}) {
        ASSERT_TRUE(client->send(get));
        ASSERT_EQ(client->receive()->status, 200u);
    }
    {
        RawClient third(server.port());
        const auto refused = third.receive();
        ASSERT_TRUE(refused);
        EXPECT_EQ(refused->status, 503u);
        EXPECT_EQ(refused->header("Retry-After"), "1");
        EXPECT_TRUE(third.sees_close());
    }
    EXPECT_EQ(server.rejections(1).at(0).reason, "too many connections");
    second.reset();
    unsigned status = 503;
    for (int i = 0; i < 1000 && status == 503; ++i) {  // until the server has seen both closes
        RawClient next(server.port());
        next.send(get);
        const auto response = next.receive();
        status = response ? response->status : 0;
    }
    EXPECT_EQ(status, 200u);
    ASSERT_TRUE(first.send(get));
    EXPECT_EQ(first.receive()->status, 200u);
}

/// Leaves this process exactly one free file descriptor, until the end of the scope.
class OneFreeDescriptor {
public:
    OneFreeDescriptor() {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        const int lowest_free = ::dup(0);
        ::close(lowest_free);
        rlimit limit = before_;
        limit.rlim_cur = static_cast<rlim_t>(lowest_free) + 1;
        ::setrlimit(RLIMIT_NOFILE, &limit);
    }
    OneFreeDescriptor(const OneFreeDescriptor&) = delete;
    OneFreeDescriptor& operator=(const OneFreeDescriptor&) = delete;
    ~OneFreeDescriptor() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

TEST(HttpServer, waits_without_spinning_when_descriptors_run_out) {
    EchoServer server;
    std::unique_ptr<RawClient> client;
    const auto begin = std::chrono::steady_clock::now();
    {
        const OneFreeDescriptor none_left_to_accept_with;
        client = std::make_unique<RawClient>(server.port());
        EXPECT_THAT(server.rejections(2).at(1).reason, HasSubstr("accept failed: Too many open files"));
    }
    ASSERT_TRUE(client->send(get));
    EXPECT_EQ(client->receive()->status, 200u);
    const auto pauses = (std::chrono::steady_clock::now() - begin) / 100ms;
    EXPECT_LE(server.rejections(0).size(), static_cast<std::size_t>(pauses) + 1);
}

TEST(HttpDrain, lets_a_request_under_way_be_answered_and_closes_the_rest) {
    Parking parking;
    EchoServer server({}, into(parking));
    RawClient busy(server.port());
    ASSERT_TRUE(busy.send(std::string(park) + std::string(get)));
    auto parked = parking.take(1);
    ASSERT_EQ(parked.size(), 1u);
    RawClient half(server.port());
    ASSERT_TRUE(half.send("POST /half HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
    ASSERT_EQ(half.receive()->status, 100u) << "so the server has begun with it";
    RawClient idle(server.port());
    ASSERT_TRUE(idle.send(get));
    ASSERT_EQ(idle.receive()->status, 200u);

    const std::uint16_t port = server.port();
    auto stopped = std::async(std::launch::async, [&] { return server.server().stop(); });
    EXPECT_TRUE(idle.sees_close());
    std::move(parked.front()).send(plain("done"));
    const auto last = busy.receive();
    ASSERT_TRUE(last);
    EXPECT_EQ(last->body, "done");
    EXPECT_EQ(last->header("Connection"), "close");
    EXPECT_TRUE(busy.sees_close()) << "the pipelined request after it is not begun";
    ASSERT_TRUE(half.send("hi"));
    const auto finished = half.receive();
    ASSERT_TRUE(finished);
    EXPECT_EQ(finished->body, "POST /half\nhi");
    EXPECT_EQ(finished->header("Connection"), "close");
    busy.finish_sending();
    half.reset();
    EXPECT_EQ(stopped.get(), 0u);
    EXPECT_THROW(RawClient client(port), std::runtime_error);
}

/// The one io thread is kept busy while a request arrives on another connection and draining is ordered.
TEST(HttpDrain, answers_a_request_that_came_before_it_began) {
    std::promise<void> busy;
    std::promise<void> go_on;
    auto allowed = go_on.get_future().share();
    EchoServer server({.threads = 1}, [&](const Request& request, Responder&) {
        if (request.message.target != "/busy") return false;
        busy.set_value();
        allowed.wait();
        return false;
    });
    RawClient waiting(server.port());
    ASSERT_TRUE(waiting.send(get));
    ASSERT_EQ(waiting.receive()->status, 200u);
    RawClient first(server.port());
    ASSERT_TRUE(first.send("GET /busy HTTP/1.1\r\nHost: h\r\n\r\n"));
    busy.get_future().wait();
    ASSERT_TRUE(waiting.send(get));
    server.server().close_listeners();
    go_on.set_value();
    EXPECT_EQ(first.receive()->status, 200u);
    const auto answer = waiting.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 200u);
    EXPECT_TRUE(waiting.sees_close());
}

TEST(HttpDrain, cuts_what_takes_too_long_and_says_how_much_that_was) {
    Parking parking;
    EchoServer server({.drain_timeout = 50ms}, into(parking));
    RawClient first(server.port());
    RawClient second(server.port());
    for (RawClient* client : {&first, &second}) ASSERT_TRUE(client->send(park));
    auto parked = parking.take(2);
    ASSERT_EQ(parked.size(), 2u);
    EXPECT_EQ(server.server().stop(), 2u);
    EXPECT_TRUE(first.sees_close());
    EXPECT_TRUE(second.sees_close());
    EXPECT_EQ(server.server().stop(), 0u) << "a second stop has nothing to do";
}

TEST(HttpDrain, closes_listeners_and_idle_connections_at_once_when_told) {
    Parking parking;
    EchoServer server({}, into(parking));
    const std::uint16_t port = server.port();
    RawClient busy(server.port());
    ASSERT_TRUE(busy.send(park));
    auto parked = parking.take(1);
    ASSERT_EQ(parked.size(), 1u);
    RawClient idle(server.port());
    ASSERT_TRUE(idle.send(get));
    ASSERT_EQ(idle.receive()->status, 200u);

    std::thread([&] { server.server().close_listeners(); }).join();
    EXPECT_TRUE(idle.sees_close());
    server.server().close_listeners();  // again, to no effect
    std::move(parked.front()).send({.status = 503, .body = {}, .content_type = {}, .headers = {}});
    const auto answer = busy.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 503u);
    EXPECT_EQ(answer->header("Connection"), "close");
    busy.finish_sending();
    EXPECT_EQ(server.server().stop(), 0u);
    EXPECT_THROW(RawClient client(port), std::runtime_error);
}

}  // namespace
}  // namespace tenter::http::testing
