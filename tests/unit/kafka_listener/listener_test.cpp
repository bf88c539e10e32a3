#include "gateway/kafka_listener/listener.hpp"

#include <thread>

#include <gmock/gmock.h>

#include "listener_testing.hpp"

namespace tenter::kafka_listener {
namespace {

using testing::HasSubstr;

TEST_F(ListenerTest, answers_requests_over_tls) {
    start();
    const auto client = connected();
    EXPECT_EQ(client->ask("echo"), "echo");
    EXPECT_EQ(client->ask("echo again"), "echo again");
}

TEST_F(ListenerTest, tells_the_broker_how_a_connection_came) {
    start();
    TestClient named(port());
    ASSERT_TRUE(named.start_tls("tenter.example"));
    EXPECT_EQ(named.ask("e"), "e");
    TestClient unnamed(port());
    ASSERT_TRUE(unnamed.start_tls());
    EXPECT_EQ(unnamed.ask("e"), "e");
    const auto arrivals = service_.arrivals();
    ASSERT_EQ(arrivals.size(), 2U);
    EXPECT_EQ(arrivals[0].peer, "127.0.0.1");
    EXPECT_EQ(arrivals[0].reached, (broker::Endpoint{"127.0.0.1", port()}));
    EXPECT_EQ(arrivals[0].server_name, "tenter.example");
    EXPECT_FALSE(arrivals[0].is_operator);
    EXPECT_EQ(arrivals[1].server_name, "");
}

TEST_F(ListenerTest, answers_pipelined_requests_in_their_order) {
    start();
    const auto client = logged_in();
    std::string wire;
    for (int i = 0; i < 1'000; ++i) wire += with_size("e" + std::to_string(i));
    ASSERT_TRUE(client->send(wire));
    for (int i = 0; i < 1'000; ++i) ASSERT_EQ(client->answer(), "e" + std::to_string(i));
}

TEST_F(ListenerTest, takes_requests_that_come_byte_by_byte) {
    start();
    const auto client = connected();
    for (const char byte : with_size("e in pieces")) ASSERT_TRUE(client->send({&byte, 1}));
    EXPECT_EQ(client->answer(), "e in pieces");
}

TEST_F(ListenerTest, handles_one_request_at_a_time_and_the_next_when_it_is_answered) {
    start();
    const auto client = logged_in();
    ASSERT_TRUE(client->send(with_size("hold") + with_size("echo")));
    ASSERT_TRUE(service_.wait_for_held(1));
    service_.release();
    EXPECT_EQ(client->answer(), "released");
    EXPECT_EQ(client->answer(), "echo");
}

TEST_F(ListenerTest, sends_nothing_for_an_answer_that_is_empty) {
    start();
    const auto client = connected();
    ASSERT_TRUE(client->request("nothing"));
    EXPECT_EQ(client->ask("echo"), "echo");
}

TEST_F(ListenerTest, sends_large_answers_to_many_at_once_and_small_ones_meanwhile) {
    start();
    constexpr std::size_t size = 8'000'000;
    std::vector<std::unique_ptr<TestClient>> readers;
    for (int i = 0; i < 4; ++i) readers.push_back(logged_in());
    for (const auto& reader : readers) ASSERT_TRUE(reader->request("b" + std::to_string(size)));
    const auto other = connected();
    EXPECT_EQ(other->ask("echo"), "echo") << "while nobody reads the large ones";
    std::vector<std::jthread> threads;
    for (const auto& reader : readers)
        threads.emplace_back([&reader] {
            EXPECT_TRUE(reader->answer() == std::string(size, 'r'));
            EXPECT_EQ(reader->ask("echo"), "echo");
        });
}

TEST_F(ListenerTest, closes_when_the_answer_that_says_so_is_written) {
    start();
    const auto client = logged_in();
    EXPECT_EQ(client->ask("close"), "close");
    EXPECT_EQ(client->answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1|shop|was asked to");
    EXPECT_TRUE(service_.wait_for_clients(0));
}

TEST_F(ListenerTest, closes_when_the_broker_wants_it_to) {
    start();
    const auto client = logged_in();
    EXPECT_EQ(client->ask("x"), "x");
    EXPECT_EQ(client->answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1|shop|not wanted any more");
}

TEST_F(ListenerTest, lets_go_of_a_client_that_has_gone_while_its_answer_was_awaited) {
    start();
    auto client = logged_in();
    ASSERT_TRUE(client->request("hold"));
    ASSERT_TRUE(service_.wait_for_held(1));
    client->close();
    EXPECT_TRUE(service_.wait_for_clients(0));
    EXPECT_TRUE(service_.wait_for_held(0));
    EXPECT_TRUE(reasons_.empty()) << "to go is nothing to report";
}

TEST_F(ListenerTest, lets_go_of_a_client_that_was_reset_when_more_had_come_than_is_taken) {
    start();
    auto client = logged_in();
    ASSERT_TRUE(client->request("hold"));
    ASSERT_TRUE(service_.wait_for_held(1));
    ASSERT_TRUE(client->send(with_size("e" + std::string(100'000, 'x'))));
    for (int turn = 0; turn < 2; ++turn) {  // in the second, at the latest, what has come was looked at
        std::promise<void> over;
        service_.executor->post([&] { over.set_value(); });
        over.get_future().wait();
    }
    const linger reset{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(client->socket(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    client->close();
    EXPECT_TRUE(service_.wait_for_clients(0)) << "nothing is read that would tell, and the socket is ready in every turn";
}

TEST_F(ListenerTest, handles_what_was_asked_before_a_client_went_though_both_are_read_at_once) {
    start();
    for (const std::string_view last : {"echo: my last commit", "hold: my last commit"}) {
        auto client = logged_in();
        std::promise<void> gone;
        service_.executor->post([is_gone = gone.get_future().share()] { is_gone.wait_for(patience); });
        ASSERT_TRUE(client->request("echo"));
        ASSERT_TRUE(client->request(last));
        client->say_goodbye();
        gone.set_value();
        EXPECT_TRUE(service_.wait_until_handled(last));
        EXPECT_TRUE(service_.wait_for_clients(0)) << "nobody waits for its answer";
    }
    EXPECT_TRUE(reasons_.empty());
}

TEST_F(ListenerTest, names_the_sizes_that_no_request_has) {
    using namespace std::string_literals;
    start();
    const std::vector<std::pair<std::string, std::string>> cases{
        {"\0\0\0\0"s, "a request of 0 bytes"},
        {"\xff\xff\xff\xff"s, "a request of -1 bytes"},
        {"\x7f\xff\xff\xff"s, "a request of 2147483647 bytes, at most 1000 are taken"},
        {"\0\0\x03\xe9"s, "a request of 1001 bytes, at most 1000 are taken"},
    };
    for (const auto& [bytes, reason] : cases) {
        const auto client = connected();
        ASSERT_TRUE(client->send(bytes));
        EXPECT_EQ(client->answer(), "closed");
        EXPECT_EQ(reasons_.next(), "127.0.0.1||" + reason);
    }
}

TEST_F(ListenerTest, takes_larger_requests_of_who_has_logged_in) {
    start();
    const auto client = logged_in();
    const std::string large = "e" + std::string(ScriptedService::friend_limit - 1, 'x');
    EXPECT_TRUE(client->ask(large) == large);
    EXPECT_EQ(client->ask("echo"), "echo");
    ASSERT_TRUE(client->send(with_size(large + "x").substr(0, 4)));
    EXPECT_EQ(client->answer(), "closed");
    EXPECT_THAT(reasons_.next(), HasSubstr("a request of 1048577 bytes, at most 1048576 are taken"));
}

TEST_F(ListenerTest, says_why_a_handshake_failed) {
    start();
    TestClient plain(port());
    ASSERT_TRUE(plain.request("echo"));
    EXPECT_EQ(plain.answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1||not TLS: the client must use security.protocol SASL_SSL");
    TestClient http(port());
    ASSERT_TRUE(http.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
    EXPECT_EQ(http.answer(), "closed");
    EXPECT_EQ(reasons_.next(), "127.0.0.1||not TLS: this looks like HTTP, and is the Kafka listener");
}

TEST_F(ListenerTest, reports_a_request_that_was_cut_off_and_no_ordinary_end) {
    start();
    auto polite = connected();
    EXPECT_EQ(polite->ask("echo"), "echo");
    polite->close();
    auto cut = connected();
    ASSERT_TRUE(cut->send(with_size("echo").substr(0, 6)));
    cut->close();
    EXPECT_EQ(reasons_.next(), "127.0.0.1||closed in the middle of a request");
    EXPECT_TRUE(service_.wait_for_clients(0));
    EXPECT_TRUE(reasons_.empty());
}

TEST_F(ListenerTest, gives_new_connections_a_renewed_certificate_without_a_restart) {
    options_.certificate_interval = std::chrono::milliseconds(20);
    start();
    const auto before = connected();
    {
        const auto other = tls::ensure_identity(env_, clock_, folder_ + "/data", {"renewed.example", "localhost", "127.0.0.1"});
        ASSERT_TRUE(other);
    }
    EXPECT_EQ(reasons_.next(), "||new connections have a new certificate");
    EXPECT_EQ(before->ask("echo"), "echo");
    EXPECT_EQ(connected()->ask("echo"), "echo");
}

TEST_F(ListenerTest, goes_on_with_its_certificate_when_it_cannot_be_renewed_and_says_so_once) {
    options_.certificate_interval = std::chrono::milliseconds(10);
    start();
    ASSERT_TRUE(env_.remove(folder_ + "/data/tls/ca.key"));
    EXPECT_THAT(reasons_.next(), HasSubstr("certificate not renewed: "));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(connected()->ask("echo"), "echo");
    EXPECT_TRUE(reasons_.empty());
}

TEST_F(ListenerTest, fails_to_start_where_it_cannot_listen_and_leaves_nothing_behind) {
    start();
    ListenerOptions same = options_;
    same.listen = {{"127.0.0.1", 0}, {"127.0.0.1", port()}};
    const std::uint16_t taken = port();
    auto first = std::exchange(listener_, nullptr);
    options_ = same;
    const auto refused = try_start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    EXPECT_THAT(refused.error().message, HasSubstr("listen on 127.0.0.1:" + std::to_string(taken) + ": Address already in use"));
    options_.listen = {{"not.an.address", 0}};
    EXPECT_EQ(try_start().error().code, Errc::invalid_input);
    first->stop();
}

TEST_F(ListenerTest, fails_to_start_as_its_service_does) {
    service_.start_result = fail(Errc::corrupt, "consumers.json: nonsense");
    const auto refused = try_start();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message, "consumers.json: nonsense");
    EXPECT_TRUE(listener_->addresses().empty());
}

TEST_F(ListenerTest, runs_what_was_posted_before_it_started_and_nothing_after_it_stopped) {
    start();
    std::promise<std::thread::id> ran;
    listener_->executor().post([&ran] { ran.set_value(std::this_thread::get_id()); });
    EXPECT_NE(ran.get_future().get(), std::this_thread::get_id());
    listener_->stop();
    auto witness = std::make_shared<int>(0);
    const std::weak_ptr<int> watched = witness;
    listener_->executor().post([kept = std::move(witness)] { FAIL(); });
    EXPECT_TRUE(watched.expired());
}

TEST_F(ListenerTest, closes_its_listeners_and_goes_on_with_who_is_there) {
    start();
    const auto client = connected();
    const std::uint16_t old_port = port();
    listener_->close_listeners();
    EXPECT_EQ(client->ask("echo"), "echo");
    EXPECT_EQ(client->ask("echo"), "echo");
    const Descriptor late(::socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(old_port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_NE(::connect(late.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

TEST_F(ListenerTest, closes_every_connection_when_it_stops) {
    start();
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 5; ++i) clients.push_back(logged_in());
    ASSERT_TRUE(clients[0]->request("hold"));
    ASSERT_TRUE(clients[1]->request("b4000000"));
    ASSERT_TRUE(service_.wait_for_held(1));
    listener_->stop();
    EXPECT_TRUE(service_.wait_for_clients(0));
    for (const auto& client : clients) EXPECT_EQ(client->answer().substr(0, 6), "closed");
}

}  // namespace
}  // namespace tenter::kafka_listener
