// Goal: whatever comes instead of a client that speaks TLS ends a session, soon and with a reason that helps, and never anything else.
// Method: other protocols' first bytes, clients that refuse us, and a real handshake cut off, and damaged, at each byte.

#include <gmock/gmock.h>

#include "tls_testing.hpp"

namespace tenter::tls {
namespace {

using testing::HasSubstr;

class SessionRefusal : public testing::Test {
protected:
    SessionRefusal() {
        PosixEnv env;
        const SystemClock clock;
        identity_ = *ensure_identity(env, clock, folder_.file("data"), {"localhost"});
        context_ = *ServerContext::make(identity_, {});
    }

    /// What the session makes of bytes behind which the client closes.
    Result<Step> after(std::string_view bytes) const {
        SocketPair sockets;
        Session session(*context_, sockets.server);
        sockets.send(bytes);
        sockets.close_client();
        return session.handshake();
    }
    std::string reason(std::string_view bytes) const {
        const auto step = after(bytes);
        return step ? "" : step.error().message;
    }
    /// The client's part of a handshake: its hello, or (with the server's answer to that very hello) its second flight.
    std::string hello() const {
        SocketPair sockets;
        TlsClient client(sockets.client, identity_.authority);
        static_cast<void>(client.handshake());
        return received(sockets.server);
    }
    static std::string received(int socket) {
        std::string all(20'000, '\0');
        const ssize_t got = ::recv(socket, all.data(), all.size(), MSG_DONTWAIT);
        all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return all;
    }

    TemporaryFolder folder_;
    Identity identity_;
    std::shared_ptr<const ServerContext> context_;
};

TEST_F(SessionRefusal, says_that_plain_text_is_not_tls) {
    const std::string api_versions("\0\0\0\x14\0\x12\0\0\0\0\0\1\0\x0arandom-one", 24);
    EXPECT_EQ(reason(api_versions), "not TLS: the client must use security.protocol SASL_SSL");
    for (const char* const http : {"GET / HTTP/1.1\r\n\r\n", "POST /x HTTP/1.1\r\n", "CONNECT a:1 HTTP/1.1\r\n"})
        EXPECT_EQ(reason(http), "not TLS: this looks like HTTP, and is the Kafka listener") << http;
    EXPECT_EQ(reason("\x80\x2e\x01"), "not TLS: the client must use security.protocol SASL_SSL") << "SSL 2";
    EXPECT_EQ(after("GET /").error().code, Errc::unsupported);
}

TEST_F(SessionRefusal, says_in_the_words_of_openssl_what_else_is_no_handshake) {
    const std::string reason_of_garbage = reason(std::string("\x16\x03\x01\x00\x05garbage", 12));
    EXPECT_THAT(reason_of_garbage, testing::StartsWith("TLS: "));
    EXPECT_THAT(reason_of_garbage, testing::Not(HasSubstr("arbage"))) << "nothing that the client wrote";
}

TEST_F(SessionRefusal, takes_a_client_that_says_nothing_for_one_that_waits_and_then_for_one_that_has_gone) {
    SocketPair sockets;
    Session session(*context_, sockets.server);
    EXPECT_EQ(session.handshake()->progress, Progress::wants_read);
    EXPECT_EQ(session.handshake()->progress, Progress::wants_read);
    sockets.close_client();
    EXPECT_EQ(session.handshake()->progress, Progress::closed);
}

TEST_F(SessionRefusal, tells_that_the_client_does_not_trust_our_authority) {
    const TemporaryFolder other;
    const std::string stranger = made_by_openssl(other, "ed25519").authority;
    SocketPair sockets;
    Session session(*context_, sockets.server);
    TlsClient client(sockets.client, stranger);
    const auto refusal = shake_hands(session, client);
    ASSERT_FALSE(refusal);
    EXPECT_EQ(refusal.error().code, Errc::unauthenticated);
    EXPECT_EQ(refusal.error().message, "the client does not trust our certificate: it lacks the CA of its connection profile");
}

TEST_F(SessionRefusal, ends_a_hello_that_is_cut_off_at_any_byte) {
    const std::string whole = hello();
    ASSERT_GT(whole.size(), 100U);
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto step = after(whole.substr(0, size));
        if (step) {
            EXPECT_EQ(step->progress, Progress::closed) << size;
        }
    }
}

TEST_F(SessionRefusal, waits_for_the_rest_of_a_hello_that_comes_byte_by_byte) {
    const std::string whole = hello();
    SocketPair sockets;
    Session session(*context_, sockets.server);
    for (const char byte : whole) {
        EXPECT_EQ(session.handshake()->progress, Progress::wants_read);
        sockets.send({&byte, 1});
    }
    EXPECT_EQ(session.handshake()->progress, Progress::wants_read) << "now for the client's answer";
    EXPECT_GT(received(sockets.client).size(), 500U) << "the certificate has been sent";
}

TEST_F(SessionRefusal, never_takes_a_damaged_hello_for_a_whole_handshake) {
    const std::string whole = hello();
    for (std::size_t place = 0; place < whole.size(); ++place) {
        std::string damaged = whole;
        damaged[place] = static_cast<char>(damaged[place] ^ 0x55);
        const auto step = after(damaged);
        if (step) {
            EXPECT_NE(step->progress, Progress::done) << place;
        }
    }
}

TEST_F(SessionRefusal, ends_a_second_flight_that_is_cut_off_or_damaged_at_any_byte) {
    const auto with_second_flight = [this](const std::function<void(std::string&)>& change) {
        SocketPair sockets;
        Session session(*context_, sockets.server);
        TlsClient client(sockets.client, identity_.authority);
        static_cast<void>(client.handshake());
        EXPECT_EQ(session.handshake()->progress, Progress::wants_read);
        SocketPair elsewhere;  // the client's second flight goes here, and from here, changed, to the session
        SSL_set_wfd(client.native(), elsewhere.client);
        EXPECT_EQ(client.handshake(), 1);
        std::string flight = received(elsewhere.server);
        change(flight);
        if (!flight.empty()) sockets.send(flight);
        sockets.close_client();
        return session.handshake();
    };
    std::size_t size = 0;
    const auto whole = with_second_flight([&size](std::string& flight) { size = flight.size(); });
    ASSERT_TRUE(whole && whole->progress == Progress::done);
    ASSERT_GT(size, 50U);
    for (std::size_t cut = 0; cut < size; ++cut) {
        const auto step = with_second_flight([cut](std::string& flight) { flight.resize(cut); });
        if (step) {
            EXPECT_EQ(step->progress, Progress::closed) << cut;
        }
    }
    for (std::size_t place = 6; place < size; ++place) {  // before is the change-cipher-spec record, which nobody reads (RFC 8446 D.4)
        const auto step = with_second_flight([place](std::string& flight) { flight[place] = static_cast<char>(flight[place] ^ 0x55); });
        if (step) {
            EXPECT_EQ(step->progress, Progress::closed) << place;
        }
    }
}

TEST_F(SessionRefusal, ends_with_nonsense_after_the_handshake) {
    SocketPair sockets;
    Session session(*context_, sockets.server);
    TlsClient client(sockets.client, identity_.authority);
    ASSERT_TRUE(shake_hands(session, client));
    sockets.send("plain text in the middle");
    std::array<char, 100> bytes{};
    const auto step = session.read(bytes);
    ASSERT_FALSE(step);
    EXPECT_THAT(step.error().message, testing::StartsWith("TLS: "));
}

}  // namespace
}  // namespace tenter::tls
