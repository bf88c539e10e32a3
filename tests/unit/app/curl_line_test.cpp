// The printed lines themselves are run against a real gateway in tests/e2e; here stands what they say.
#include "gateway/app/curl_line.hpp"

#include <gtest/gtest.h>

namespace tenter::app {
namespace {

config::SourceConfig source(config::Verification verify, std::vector<std::string> secret_files = {}) {
    config::SourceConfig made;
    made.name = "shop";
    made.path = "/shop";
    made.verify = std::move(verify);
    made.secret_files = std::move(secret_files);
    return made;
}

constexpr std::string_view base = "http://127.0.0.1:8080";

TEST(CurlLine, posts_plain_json_where_nothing_is_verified) {
    EXPECT_EQ(curl_line(source(config::NoVerification{}), base),
              R"(curl -d '{"hello":"world"}' -H 'content-type: application/json' http://127.0.0.1:8080/shop)");
}

TEST(CurlLine, reads_a_password_from_its_file_and_never_prints_it) {
    const auto line = curl_line(source(std::vector{auth::BasicAuth{"elytra", Secret("swordfish")}}, {"data/secrets/it's"}), base);
    ASSERT_TRUE(line);
    EXPECT_NE(line->find(R"x(-u elytra:"$(cat 'data/secrets/it'\''s')")x"), std::string::npos) << *line;
    EXPECT_EQ(line->find("swordfish"), std::string::npos);
}

TEST(CurlLine, leaves_a_secret_that_is_in_no_file_to_the_reader) {
    const auto line = curl_line(source(std::vector{auth::BearerAuth{Secret("swordfish")}}), base);
    ASSERT_TRUE(line);
    EXPECT_NE(line->find("Bearer $SECRET"), std::string::npos) << *line;
}

TEST(CurlLine, signs_with_openssl_where_the_scheme_is_an_hmac) {
    config::SignatureVerification verify{*auth::find_scheme("github"), {Secret("swordfish")}};
    const auto line = curl_line(source(std::move(verify), {"s"}), base);
    ASSERT_TRUE(line);
    EXPECT_NE(line->find("openssl dgst -sha256 -hmac \"$(cat s)\""), std::string::npos) << *line;
    EXPECT_NE(line->find("sha256=$sig"), std::string::npos) << *line;
}

TEST(CurlLine, says_nothing_where_a_shell_cannot_sign) {
    auto scheme = *auth::find_scheme("github");
    scheme.algorithm = auth::Algorithm::ed25519;
    EXPECT_EQ(curl_line(source(config::SignatureVerification{scheme, {Secret("k")}}), base), std::nullopt);
    scheme.algorithm = auth::Algorithm::hmac_sha256;
    scheme.signed_template = "{url}{body}";
    EXPECT_EQ(curl_line(source(config::SignatureVerification{scheme, {Secret("k")}}), base), std::nullopt);
}

TEST(ShellQuoted, leaves_plain_words_and_quotes_everything_else) {
    EXPECT_EQ(shell_quoted("tenter-data/secrets/github"), "tenter-data/secrets/github");
    EXPECT_EQ(shell_quoted("a b"), "'a b'");
    EXPECT_EQ(shell_quoted("a'b"), R"('a'\''b')");
    EXPECT_EQ(shell_quoted(""), "''");
    EXPECT_EQ(shell_quoted("$(rm x)"), "'$(rm x)'");
}

}  // namespace
}  // namespace tenter::app
