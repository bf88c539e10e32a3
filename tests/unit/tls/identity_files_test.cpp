#include <gmock/gmock.h>

#include "tls_testing.hpp"

namespace tenter::tls {
namespace {

using testing::HasSubstr;

class IdentityFilesTest : public testing::Test {
protected:
    Result<Identity> read(const std::string& certificate, const std::string& key, const std::string& authority = "") {
        return read_identity(env_, {folder_.file(certificate), folder_.file(key), authority.empty() ? "" : folder_.file(authority)});
    }
    std::string refusal(const std::string& certificate, const std::string& key, const std::string& authority = "") {
        const auto identity = read(certificate, key, authority);
        EXPECT_FALSE(identity);
        return identity ? "" : identity.error().message;
    }

    TemporaryFolder folder_;
    PosixEnv env_;
};

TEST_F(IdentityFilesTest, are_taken_as_they_are) {
    const Identity made = made_by_openssl(folder_, "ed25519");
    const auto with_authority = read("leaf.pem", "leaf.key", "ca.pem");
    ASSERT_TRUE(with_authority) << with_authority.error().message;
    EXPECT_EQ(*with_authority, made);
    EXPECT_EQ(read("leaf.pem", "leaf.key")->authority, "");
    const std::string end =
        run("date -u +%s -d \"$(openssl x509 -noout -enddate -in " + folder_.file("leaf.pem") + " | cut -d= -f2)\"").output;
    EXPECT_EQ(*expiry_of(made), UnixMillis(std::chrono::seconds(std::stoll(end))));
}

TEST_F(IdentityFilesTest, are_refused_by_name_when_they_are_not_what_they_should_be) {
    static_cast<void>(made_by_openssl(folder_, "ed25519"));
    folder_.write("empty", "");
    folder_.write("damaged", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    run("openssl pkey -in " + folder_.file("leaf.key") + " -aes256 -passout pass:x -out " + folder_.file("locked.key"));

    EXPECT_THAT(refusal("none.pem", "leaf.key"), HasSubstr("none.pem: open: No such file"));
    EXPECT_THAT(refusal("empty", "leaf.key"), HasSubstr("empty: holds no certificate in PEM form"));
    EXPECT_THAT(refusal("leaf.key", "leaf.key"), HasSubstr("leaf.key: holds no certificate in PEM form"));
    EXPECT_THAT(refusal("damaged", "leaf.key"), HasSubstr("damaged: certificate 1 is damaged"));
    EXPECT_THAT(refusal("leaf.pem", "none.key"), HasSubstr("none.key: open: No such file"));
    EXPECT_THAT(refusal("leaf.pem", "leaf.pem"), HasSubstr("leaf.pem: holds no private key in PEM form"));
    EXPECT_THAT(refusal("leaf.pem", "locked.key"), HasSubstr("locked.key: the private key is under a passphrase"));
    EXPECT_THAT(refusal("leaf.pem", "ca.key"), HasSubstr("is not the key of the first certificate in"));
    EXPECT_THAT(refusal("leaf.pem", "leaf.key", "leaf.key"), HasSubstr("leaf.key: holds no certificate in PEM form"));
}

TEST_F(IdentityFilesTest, hold_the_chain_in_their_order_whatever_is_between) {
    static_cast<void>(made_by_openssl(folder_, "ed25519"));
    folder_.write("chain.pem", "a comment\n" + folder_.read("leaf.pem") + "another\n" + folder_.read("ca.pem"));
    const auto identity = read("chain.pem", "leaf.key");
    ASSERT_TRUE(identity) << identity.error().message;
    EXPECT_EQ(read_certificates(identity->certificates)->size(), 2U);
    EXPECT_TRUE(ServerContext::make(*identity, {}));

    folder_.write("backwards.pem", folder_.read("ca.pem") + folder_.read("leaf.pem"));
    EXPECT_THAT(refusal("backwards.pem", "leaf.key"), HasSubstr("is not the key of the first certificate in"));
}

TEST_F(IdentityFilesTest, with_a_key_that_is_too_short_make_no_server) {
    const Identity weak = made_by_openssl(folder_, "rsa:1024");
    const auto context = ServerContext::make(weak, {});
    ASSERT_FALSE(context);
    EXPECT_THAT(context.error().message, HasSubstr("key too small"));
}

}  // namespace
}  // namespace tenter::tls
