#include "gateway/tls/certificates.hpp"

#include <gmock/gmock.h>

#include "tls_testing.hpp"

namespace tenter::tls {
namespace {

/// What a client at the other end of a new session is shown.
std::string shown(const ServerContext& context, const std::string& authority) {
    SocketPair sockets;
    Session session(context, sockets.server);
    TlsClient client(sockets.client, authority);
    const auto step = shake_hands(session, client);
    if (!step) return step.error().message;
    const CertificatePtr certificate(SSL_get1_peer_certificate(client.native()));
    return certificate ? *write_certificate(*certificate) : "none";
}

TEST(Certificates, are_another_for_new_sessions_when_they_changed_and_the_same_when_not) {
    const TemporaryFolder first_folder;
    const TemporaryFolder second_folder;
    const Identity first = made_by_openssl(first_folder, "ed25519");
    const Identity second = made_by_openssl(second_folder, "ed25519");
    Identity now = first;
    Certificates certificates([&now] { return Result<Identity>(now); }, {});
    EXPECT_EQ(*certificates.refresh(), true);
    EXPECT_EQ(*certificates.refresh(), false);
    EXPECT_EQ(shown(certificates.context(), first.authority), first.certificates);

    SocketPair sockets;
    Session open(certificates.context(), sockets.server);
    TlsClient client(sockets.client, first.authority);
    ASSERT_TRUE(shake_hands(open, client));

    now = second;
    EXPECT_EQ(*certificates.refresh(), true);
    EXPECT_EQ(shown(certificates.context(), second.authority), second.certificates);
    ASSERT_EQ(client.write("still here"), 10);
    std::array<char, 100> bytes{};
    EXPECT_EQ(open.read(bytes)->bytes, 10U) << "sessions outlive the context that they began with";
}

TEST(Certificates, stay_what_they_were_when_they_cannot_be_read) {
    const TemporaryFolder folder;
    const Identity good = made_by_openssl(folder, "ed25519");
    Result<Identity> now = good;
    Certificates certificates([&now] { return now; }, {});
    ASSERT_TRUE(certificates.refresh());

    now = fail(Errc::not_found, "leaf.pem: open: No such file or directory");
    EXPECT_EQ(certificates.refresh().error().message, "leaf.pem: open: No such file or directory");
    now = Identity{.certificates = good.certificates, .key = Secret("nonsense"), .authority = {}};
    EXPECT_FALSE(certificates.refresh());
    EXPECT_EQ(certificates.identity(), good);
    EXPECT_EQ(shown(certificates.context(), good.authority), good.certificates);
}

}  // namespace
}  // namespace tenter::tls
