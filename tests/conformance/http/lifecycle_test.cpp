// From start to stop: listening, limits on connections, answers from other threads, draining. Run under ThreadSanitizer too.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
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

auto into(Parking& parking) {
    return [&parking](const Request& request, Responder& responder) { return parking(request, responder); };
}

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

TEST(HttpResponder, answers_from_another_thread) {
    Parking parking;
    EchoServer server({}, into(parking));
    RawClient client(server.port());
    for (int i = 0; i < 20; ++i) {
        ASSERT_TRUE(client.send(park));
        auto parked = parking.take(1);
        ASSERT_EQ(parked.size(), 1u);
        std::move(parked.front()).send(plain(std::to_string(i)));
        ASSERT_EQ(client.receive()->body, std::to_string(i));
    }
}

TEST(HttpResponder, keeps_the_order_of_pipelined_requests_when_the_first_is_answered_late) {
    Parking parking;
    EchoServer server({}, into(parking));
    RawClient client(server.port());
    ASSERT_TRUE(client.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(park) + std::string(get) + std::string(park)));
    EXPECT_EQ(client.receive()->body, "GET /1\n");
    std::move(parking.take(1).at(0)).send(plain("parked"));
    EXPECT_EQ(client.receive()->body, "parked");
    EXPECT_EQ(client.receive()->body, "GET /b\n");
    std::move(parking.take(1).at(0)).send(plain("parked again"));
    EXPECT_EQ(client.receive()->body, "parked again");
}

/// Many connections, answered by four threads at once: each gets its own answers, all of them.
TEST(HttpResponder, sends_each_answer_to_its_own_connection) {
    constexpr int clients = 32;
    constexpr int rounds = 30;
    std::vector<std::thread> pool;
    std::mutex mutex;
    std::condition_variable ready;
    std::vector<std::pair<Responder, std::string>> work;
    bool done = false;
    for (int i = 0; i < 4; ++i)
        pool.emplace_back([&] {
            std::unique_lock lock(mutex);
            for (;;) {
                ready.wait(lock, [&] { return done || !work.empty(); });
                if (work.empty()) return;
                auto [responder, body] = std::move(work.back());
                work.pop_back();
                lock.unlock();
                std::move(responder).send(plain(body));
                lock.lock();
            }
        });
    {
        EchoServer server({}, [&](const Request& request, Responder& responder) {
            const std::scoped_lock lock(mutex);
            work.emplace_back(std::move(responder), std::string(request.message.target));
            ready.notify_one();
            return true;
        });
        std::vector<std::unique_ptr<RawClient>> connected;
        for (int c = 0; c < clients; ++c) connected.push_back(std::make_unique<RawClient>(server.port()));
        for (int round = 0; round < rounds; ++round) {
            for (int c = 0; c < clients; ++c)
                ASSERT_TRUE(connected[static_cast<std::size_t>(c)]->send("GET /" + std::to_string(c * 1000 + round) +
                                                                         " HTTP/1.1\r\nHost: h\r\n\r\n"));
            for (int c = 0; c < clients; ++c)
                ASSERT_EQ(connected[static_cast<std::size_t>(c)]->receive()->body, "/" + std::to_string(c * 1000 + round));
        }
    }
    {
        const std::scoped_lock lock(mutex);
        done = true;
    }
    ready.notify_all();
    for (std::thread& thread : pool) thread.join();
}

TEST(HttpResponder, answers_500_when_it_is_dropped) {
    Parking parking;
    EchoServer server({}, [&](const Request& request, Responder& responder) {
        if (request.message.target == "/drop") {
            const Responder dropped(std::move(responder));
            return true;
        }
        return parking(request, responder);
    });
    RawClient inside(server.port());
    ASSERT_TRUE(inside.send("GET /drop HTTP/1.1\r\nHost: h\r\n\r\n"));
    EXPECT_EQ(inside.receive()->status, 500u);
    EXPECT_TRUE(inside.sees_close());

    RawClient later(server.port());
    ASSERT_TRUE(later.send(park));
    parking.take(1).clear();
    EXPECT_EQ(later.receive()->status, 500u);
    EXPECT_EQ(server.rejections(2).at(1).reason, "request dropped without an answer");
}

TEST(HttpResponder, answers_into_the_void_when_the_client_has_gone) {
    Parking parking;
    EchoServer server({}, into(parking));
    auto client = std::make_unique<RawClient>(server.port());
    ASSERT_TRUE(client->send(park));
    auto parked = parking.take(1);
    ASSERT_EQ(parked.size(), 1u);
    client->reset();
    std::move(parked.front()).send(plain("nobody hears this"));
    RawClient other(server.port());
    ASSERT_TRUE(other.send(get));
    EXPECT_EQ(other.receive()->status, 200u);
}

TEST(HttpResponder, may_outlive_the_server) {
    Parking parking;
    std::vector<Responder> parked;
    {
        EchoServer server({}, into(parking));
        RawClient client(server.port());
        ASSERT_TRUE(client.send(park));
        RawClient another(server.port());
        ASSERT_TRUE(another.send(park));
        parked = parking.take(2);
        ASSERT_EQ(parked.size(), 2u);
    }
    std::move(parked.front()).send(plain("too late"));
    parked.clear();
}

/// Answers race with the end of the server: none may be written to a connection that is gone.
TEST(HttpResponder, may_answer_while_the_server_is_destroyed) {
    for (int round = 0; round < 20; ++round) {
        Parking parking;
        auto server = std::make_unique<EchoServer>(ServerOptions{}, into(parking));
        std::vector<std::unique_ptr<RawClient>> clients;
        for (int i = 0; i < 8; ++i) {
            clients.push_back(std::make_unique<RawClient>(server->port()));
            ASSERT_TRUE(clients.back()->send(park));
        }
        auto parked = parking.take(8);
        ASSERT_EQ(parked.size(), 8u);
        std::latch both(2);
        std::thread answering([&] {
            both.arrive_and_wait();
            for (Responder& responder : parked) std::move(responder).send(plain("x"));
        });
        both.arrive_and_wait();
        server.reset();
        answering.join();
    }
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
