// protocols, the Elytra package's item 12: credentials from the environment.
#include <cstdlib>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tenter/auth/credentials.hpp"

namespace tenter::auth {
namespace {

using testing::HasSubstr;

std::string file_with(std::string_view content) {
    const std::string path = testing::TempDir() + "credential_sources_test." + std::to_string(::getpid());
    std::ofstream(path, std::ios::binary) << content;
    return path;
}

TEST(CredentialSources, a_basic_credential_comes_from_two_variables) {
    ::setenv("TENTER_TEST_USER", "elytra", 1);
    ::setenv("TENTER_TEST_PASSWORD", "a:b:c", 1);
    const auto credential = BasicAuth::from_environment("TENTER_TEST_USER", "TENTER_TEST_PASSWORD");
    ASSERT_TRUE(credential);
    EXPECT_EQ(credential->username, "elytra");
    EXPECT_EQ(credential->password.reveal(), "a:b:c");
    ::unsetenv("TENTER_TEST_PASSWORD");
    const auto missing = BasicAuth::from_environment("TENTER_TEST_USER", "TENTER_TEST_PASSWORD");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("TENTER_TEST_PASSWORD"));
}

TEST(CredentialSources, a_basic_credential_in_a_file_ends_its_user_name_at_the_first_colon) {
    const auto credential = BasicAuth::from_file(file_with("elytra:a:b:c\n"));
    ASSERT_TRUE(credential);
    EXPECT_EQ(credential->username, "elytra");
    EXPECT_EQ(credential->password.reveal(), "a:b:c");
    const auto without_colon = BasicAuth::from_file(file_with("swordfish\n"));
    ASSERT_FALSE(without_colon);
    EXPECT_THAT(without_colon.error().message, HasSubstr("username:password expected"));
    EXPECT_THAT(without_colon.error().message, Not(HasSubstr("swordfish")));
}

TEST(CredentialSources, tokens_and_keys_come_from_a_variable_or_a_file) {
    ::setenv("TENTER_TEST_TOKEN", "t0ken", 1);
    const std::string path = file_with("k3y\n");
    EXPECT_EQ(BearerAuth::from_environment("TENTER_TEST_TOKEN")->token.reveal(), "t0ken");
    EXPECT_EQ(BearerAuth::from_file(path)->token.reveal(), "k3y");
    EXPECT_EQ(APIKeyAuth::from_environment("TENTER_TEST_TOKEN")->api_key.reveal(), "t0ken");
    EXPECT_EQ(APIKeyAuth::from_environment("TENTER_TEST_TOKEN")->header_name, "X-API-Key");
    EXPECT_EQ(APIKeyAuth::from_file(path, "X-Key")->api_key.reveal(), "k3y");
    EXPECT_EQ(APIKeyAuth::from_file(path, "X-Key")->header_name, "X-Key");
    EXPECT_FALSE(BearerAuth::from_file("/nonexistent"));
    EXPECT_FALSE(APIKeyAuth::from_environment("TENTER_TEST_NOT_SET"));
}

}  // namespace
}  // namespace tenter::auth
