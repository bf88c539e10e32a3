#include "gateway/tls/session.hpp"

#include <gmock/gmock.h>

#include "tenter/base/random.hpp"
#include "tls_testing.hpp"

namespace tenter::tls {
namespace {

const Identity& own() {
    static const Identity identity = [] {
        const TemporaryFolder folder;
        PosixEnv env;
        const SystemClock clock;
        return *ensure_identity(env, clock, folder.file("data"), {"localhost"});
    }();
    return identity;
}

/// A session that has shaken hands with a client.
struct Connected {
    explicit Connected(const Identity& identity = own(), ServerOptions options = {}, const char* server_name = nullptr)
        : session(**ServerContext::make(identity, options), sockets.server), client(sockets.client, identity.authority, server_name) {}

    SocketPair sockets;
    Session session;
    TlsClient client;
};

std::string read_all(Session& session) {
    std::string all;
    std::array<char, 1000> bytes{};
    while (true) {
        const auto step = session.read(bytes);
        if (!step || step->progress != Progress::done) return all;
        all.append(bytes.data(), step->bytes);
    }
}

TEST(Session, carries_bytes_both_ways_over_tls_1_3) {
    Connected ends;
    ASSERT_TRUE(shake_hands(ends.session, ends.client));
    EXPECT_STREQ(SSL_get_version(ends.client.native()), "TLSv1.3");
    EXPECT_STREQ(SSL_get_cipher_name(ends.client.native()), "TLS_AES_128_GCM_SHA256");
    ASSERT_EQ(ends.client.write("request"), 7);
    EXPECT_EQ(read_all(ends.session), "request");
    EXPECT_EQ(ends.session.write("answer")->bytes, 6U);
    EXPECT_EQ(ends.client.read(), "answer");
}

class SessionKey : public testing::TestWithParam<const char*> {};

TEST_P(SessionKey, serves_with_certificates_of_each_kind) {
    const TemporaryFolder folder;
    const Identity identity = made_by_openssl(folder, GetParam());
    Connected ends(identity);
    const auto shaken = shake_hands(ends.session, ends.client);
    ASSERT_TRUE(shaken) << shaken.error().message;
    EXPECT_EQ(SSL_get_verify_result(ends.client.native()), X509_V_OK);
}

INSTANTIATE_TEST_SUITE_P(Kinds, SessionKey,
                         testing::Values("ed25519", "rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256",
                                         "ec -pkeyopt ec_paramgen_curve:P-384"));

TEST(Session, speaks_tls_1_2_only_where_that_is_allowed) {
    Connected refused;
    refused.client.use_at_most(TLS1_2_VERSION);
    const auto refusal = shake_hands(refused.session, refused.client);
    ASSERT_FALSE(refusal);
    EXPECT_EQ(refusal.error().code, Errc::unsupported);
    EXPECT_EQ(refusal.error().message, "the client offers only versions of TLS that are not allowed here");

    Connected allowed(own(), {.allow_tls_1_2 = true});
    allowed.client.use_at_most(TLS1_2_VERSION);
    ASSERT_TRUE(shake_hands(allowed.session, allowed.client));
    EXPECT_STREQ(SSL_get_version(allowed.client.native()), "TLSv1.2");
    EXPECT_THAT(SSL_get_cipher_name(allowed.client.native()), testing::StartsWith("ECDHE-"));

    Connected older(own(), {.allow_tls_1_2 = true});
    older.client.use_at_most(TLS1_1_VERSION);
    SSL_set_min_proto_version(older.client.native(), TLS1_VERSION);
    SSL_set_cipher_list(older.client.native(), "ALL:@SECLEVEL=0");
    EXPECT_FALSE(shake_hands(older.session, older.client));
}

TEST(Session, tells_which_name_the_client_asked_for) {
    Connected named(own(), {}, "tenter.example");
    ASSERT_TRUE(shake_hands(named.session, named.client));
    EXPECT_EQ(named.session.server_name(), "tenter.example");

    Connected unnamed;
    ASSERT_TRUE(shake_hands(unnamed.session, unnamed.client));
    EXPECT_EQ(unnamed.session.server_name(), "");

    Connected odd(own(), {}, "not a name\n");
    ASSERT_TRUE(shake_hands(odd.session, odd.client));
    EXPECT_EQ(odd.session.server_name(), "") << "what goes into answers and logs is a name";

    Connected old(own(), {.allow_tls_1_2 = true}, "old.example");
    old.client.use_at_most(TLS1_2_VERSION);
    ASSERT_TRUE(shake_hands(old.session, old.client));
    EXPECT_EQ(old.session.server_name(), "old.example");
}

TEST(Session, hears_goodbye_and_says_it) {
    Connected ends;
    ASSERT_TRUE(shake_hands(ends.session, ends.client));
    std::array<char, 10> bytes{};
    EXPECT_EQ(ends.session.read(bytes)->progress, Progress::wants_read);
    ends.session.say_goodbye();
    std::array<char, 10> heard{};
    const int got = SSL_read(ends.client.native(), heard.data(), static_cast<int>(heard.size()));
    EXPECT_EQ(SSL_get_error(ends.client.native(), got), SSL_ERROR_ZERO_RETURN);
    SSL_shutdown(ends.client.native());
    EXPECT_EQ(ends.session.read(bytes)->progress, Progress::closed);
}

TEST(Session, takes_a_connection_that_ends_without_goodbye_for_closed) {
    Connected ends;
    ASSERT_TRUE(shake_hands(ends.session, ends.client));
    ASSERT_EQ(ends.client.write("last words"), 10);
    ends.sockets.close_client();
    std::array<char, 100> bytes{};
    EXPECT_EQ(ends.session.read(bytes)->bytes, 10U);
    EXPECT_EQ(ends.session.read(bytes)->progress, Progress::closed);
}

TEST(Session, has_buffered_what_the_socket_no_longer_shows) {
    Connected ends;
    ASSERT_TRUE(shake_hands(ends.session, ends.client));
    ASSERT_EQ(ends.client.write("one"), 3);
    ASSERT_EQ(ends.client.write("two"), 3);
    std::array<char, 2> bytes{};
    std::string heard;
    do {
        const auto step = ends.session.read(bytes);
        ASSERT_TRUE(step && step->progress == Progress::done);
        heard.append(bytes.data(), step->bytes);
    } while (ends.session.has_buffered());
    if (heard.size() < 6) heard += read_all(ends.session);
    EXPECT_EQ(heard, "onetwo");
}

TEST(Session, waits_for_a_reader_that_is_slow_and_goes_on_where_it_was) {
    Connected ends;
    ASSERT_TRUE(shake_hands(ends.session, ends.client));
    std::string sent(3'000'000, '\0');
    SeededRandom random(7);
    random.fill({reinterpret_cast<std::uint8_t*>(sent.data()), sent.size()});

    std::string heard;
    std::size_t written = 0;
    int waits = 0;
    while (written < sent.size()) {
        const std::string moved = sent.substr(written);  // the same bytes elsewhere, as a buffer that has moved
        const auto step = ends.session.write(moved);
        ASSERT_TRUE(step) << step.error().message;
        if (step->progress == Progress::done) {
            EXPECT_LE(step->bytes, 2 * 16'384U);
            written += step->bytes;
            continue;
        }
        ASSERT_EQ(step->progress, Progress::wants_write);
        ++waits;
        for (std::string piece = ends.client.read(); !piece.empty(); piece = ends.client.read()) heard += piece;
    }
    for (std::string piece = ends.client.read(); !piece.empty(); piece = ends.client.read()) heard += piece;
    EXPECT_GT(waits, 0) << "the socket took everything: the test is none";
    EXPECT_TRUE(heard == sent);
}

TEST(Session, resumes_nothing_and_sends_no_tickets) {
    Connected ends;
    ASSERT_TRUE(shake_hands(ends.session, ends.client));
    EXPECT_EQ(ends.session.write("x")->bytes, 1U);
    EXPECT_EQ(ends.client.read(), "x");
    EXPECT_EQ(SSL_SESSION_is_resumable(SSL_get_session(ends.client.native())), 0);
}

}  // namespace
}  // namespace tenter::tls
