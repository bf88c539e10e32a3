#include "tenter/base/secret_source.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tenter {
namespace {

using testing::HasSubstr;

Environment environment_with(std::string name, std::string value) {
    return [=](const std::string& asked) { return asked == name ? std::optional(value) : std::nullopt; };
}

std::string file_with(std::string_view content) {
    const std::string path = testing::TempDir() + "secret_source_test." + std::to_string(::getpid());
    std::ofstream(path, std::ios::binary) << content;
    return path;
}

TEST(SecretFromEnvironment, is_the_value_of_the_variable) {
    const auto secret = secret_from_environment("TOKEN", environment_with("TOKEN", " s3cret\n"));
    ASSERT_TRUE(secret);
    EXPECT_EQ(secret->reveal(), " s3cret\n");
}

TEST(SecretFromEnvironment, names_a_variable_that_is_not_set_or_empty) {
    const auto missing = secret_from_environment("TOKEN", environment_with("OTHER", "x"));
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, Errc::invalid_input);
    EXPECT_EQ(missing.error().message, "the environment variable TOKEN is not set");
    const auto empty = secret_from_environment("TOKEN", environment_with("TOKEN", ""));
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().message, "the environment variable TOKEN is empty");
}

TEST(SecretFromFile, is_the_content_without_one_line_end) {
    const struct {
        std::string_view content, secret;
    } cases[] = {
        {"s3cret", "s3cret"}, {"s3cret\n", "s3cret"}, {"s3cret\r\n", "s3cret"}, {"s3cret\n\n", "s3cret\n"}, {" s3 cret ", " s3 cret "}};
    for (const auto& [content, expected] : cases) {
        const auto secret = secret_from_file(file_with(content));
        ASSERT_TRUE(secret) << content;
        EXPECT_EQ(secret->reveal(), expected);
    }
}

TEST(SecretFromFile, refuses_what_is_missing_empty_or_over_64_KiB_by_its_path) {
    const auto missing = secret_from_file("/nonexistent/secret");
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().message, HasSubstr("/nonexistent/secret"));
    for (const std::string_view content : {"", "\n", "\r\n"}) EXPECT_FALSE(secret_from_file(file_with(content)));
    EXPECT_TRUE(secret_from_file(file_with(std::string(64 * 1024, 'x'))));
    const auto large = secret_from_file(file_with(std::string(64 * 1024 + 1, 'x')));
    ASSERT_FALSE(large);
    EXPECT_EQ(large.error().code, Errc::too_large);
}

}  // namespace
}  // namespace tenter
