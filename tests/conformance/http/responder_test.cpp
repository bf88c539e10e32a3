// Answers that do not come at once: from other threads, in another order, too late, or not at all. Run under ThreadSanitizer too.
#include <gtest/gtest.h>

#include <condition_variable>
#include <latch>
#include <mutex>
#include <thread>

#include "tests/conformance/http/echo_server.hpp"
#include "tests/conformance/http/parking.hpp"
#include "tests/conformance/http/raw_client.hpp"

namespace tenter::http::testing {
namespace {

constexpr std::string_view get = "GET /b HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr std::string_view park = "GET /park HTTP/1.1\r\nHost: h\r\n\r\n";

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

}  // namespace
}  // namespace tenter::http::testing
