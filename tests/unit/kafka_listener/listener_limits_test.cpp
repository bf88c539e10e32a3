// Goal: no client costs more than is stated, and none takes from others what they need.

#include <gmock/gmock.h>
#include <sys/resource.h>

#include "listener_testing.hpp"

namespace tenter::kafka_listener {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

TEST_F(ListenerTest, cuts_who_does_not_shake_hands_in_time) {
    options_.login_timeout = milliseconds(50);
    start();
    TestClient silent(port());
    EXPECT_EQ(silent.answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1||no TLS handshake in time");
}

TEST_F(ListenerTest, cuts_who_does_not_log_in_in_time_however_busy_it_is) {
    options_.login_timeout = milliseconds(200);
    start();
    const auto client = connected();
    while (client->ask("echo") == "echo") {
    }
    EXPECT_EQ(reasons_.next(), "127.0.0.1||not authenticated in time");
}

TEST_F(ListenerTest, closes_who_is_idle_and_not_who_waits_for_an_answer) {
    options_.idle_timeout = milliseconds(100);
    start();
    const auto waiting = logged_in();
    ASSERT_TRUE(waiting->request("hold"));
    ASSERT_TRUE(service_.wait_for_held(1));
    const auto idle = logged_in();
    EXPECT_EQ(idle->answer(), "closed");
    EXPECT_TRUE(service_.wait_for_clients(1));
    service_.release();
    EXPECT_EQ(waiting->answer(), "released");
    EXPECT_EQ(waiting->answer(), "closed") << "idle now";
    EXPECT_TRUE(reasons_.empty()) << "to be idle is nothing to report";
}

TEST_F(ListenerTest, cuts_a_request_that_does_not_come_whole_in_time) {
    options_.request_timeout = milliseconds(100);
    start();
    const auto client = logged_in();
    ASSERT_TRUE(client->send(with_size("echo").substr(0, 5)));
    EXPECT_EQ(client->answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1|shop|a request that did not come whole in time");
}

TEST_F(ListenerTest, cuts_who_does_not_read_its_answer_in_time) {
    options_.write_timeout = milliseconds(200);
    start();
    const auto client = logged_in(8'192);
    ASSERT_TRUE(client->request("b8000000"));
    EXPECT_EQ(reasons_.next(), "127.0.0.1|shop|an answer that was not read in time");
    EXPECT_TRUE(service_.wait_for_clients(0));
    EXPECT_EQ(client->answer(), "closed");
}

TEST_F(ListenerTest, does_not_read_from_who_does_not_read) {
    start();
    const auto client = logged_in(8'192);
    ASSERT_TRUE(client->request("b8000000"));
    // The listener's own buffer, then the kernel's on both sides: at some point nothing more goes out.
    const timeval soon{.tv_sec = 0, .tv_usec = 300'000};
    ::setsockopt(client->socket(), SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof soon);
    const std::string piece = with_size("e" + std::string(100'000, 'x'));
    std::size_t sent = 0;
    while (sent < 200 && client->send(piece)) ++sent;
    EXPECT_LT(sent, 200U) << "20 MB went into a connection whose answers nobody reads";
}

TEST_F(ListenerTest, takes_so_many_connections_and_no_more) {
    options_.max_connections = 3;
    start();
    std::vector<std::unique_ptr<TestClient>> inside;
    for (int i = 0; i < 3; ++i) inside.push_back(logged_in());
    TestClient outside(port());
    EXPECT_EQ(outside.answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1||too many connections");
    for (const auto& client : inside) EXPECT_EQ(client->ask("echo"), "echo");
    inside.pop_back();
    ASSERT_TRUE(service_.wait_for_clients(2));
    EXPECT_EQ(logged_in()->ask("echo"), "echo");
}

TEST_F(ListenerTest, lets_strangers_that_had_their_time_give_way_to_new_ones) {
    options_.max_connections = 10;
    options_.max_strangers = 2;
    options_.stranger_time = milliseconds(0);
    start();
    const auto inside = logged_in();
    std::vector<std::unique_ptr<TestClient>> left_open;
    for (int i = 0; i < 20; ++i) left_open.push_back(std::make_unique<TestClient>(port()));
    for (int i = 0; i < 18; ++i) EXPECT_EQ(reasons_.next(), "127.0.0.1||not authenticated while others wait");
    EXPECT_EQ(logged_in()->ask("echo"), "echo") << "whoever has a password still comes in";
    EXPECT_EQ(inside->ask("echo"), "echo");
}

TEST_F(ListenerTest, turns_new_strangers_away_while_those_before_have_their_time) {
    options_.max_connections = 10;
    options_.max_strangers = 2;
    options_.stranger_time = std::chrono::minutes(1);
    start();
    const auto first = connected();
    const auto second = connected();
    TestClient third(port());
    EXPECT_EQ(third.answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1||too many connections");
    EXPECT_EQ(first->ask("login"), "login");
    EXPECT_EQ(connected()->ask("echo"), "echo") << "who has logged in is no stranger";
}

TEST_F(ListenerTest, holds_so_much_of_large_requests_of_all_clients_together) {
    options_.large_requests_bytes = 300'000;
    start();
    const std::string large = with_size("e" + std::string(400'000, 'x'));
    const auto first = logged_in();
    const auto second = logged_in();
    ASSERT_TRUE(first->send(BytesView(large).substr(0, 250'000)));
    EXPECT_EQ(second->ask("echo"), "echo");
    while (second->send(BytesView(large).substr(0, 200'000)) && reasons_.empty()) {
    }
    EXPECT_THAT(reasons_.next(), HasSubstr("too many large requests at once, of all clients together"));
    EXPECT_EQ(logged_in()->ask("echo"), "echo");
}

TEST_F(ListenerTest, pauses_when_there_are_no_descriptors_left_and_goes_on_when_there_are) {
    start();
    const auto inside = logged_in();
    Descriptor outside(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit tight = before;
    tight.rlim_cur = static_cast<rlim_t>(Descriptor(::dup(outside.get())).get());  // the lowest free number: there is none below the limit
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
    TestClient late(std::move(outside), port());
    EXPECT_EQ(reasons_.next(), "||accept failed: Too many open files");
    EXPECT_EQ(inside->ask("echo"), "echo");
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_TRUE(late.start_tls());
    EXPECT_EQ(late.ask("login"), "login");
}

}  // namespace
}  // namespace tenter::kafka_listener
