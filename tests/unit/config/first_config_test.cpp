#include "gateway/config/first_config.hpp"

#include <sys/stat.h>

#include "tenter/base/env_testing.hpp"
#include "tests/unit/config/config_fixture.hpp"

namespace tenter::config {
namespace {

class FirstConfig : public ConfigTest {
protected:
    std::string path() const { return folder_ + "/tenter.toml"; }
    std::string content(const std::string& name) { return *read_file(env_, folder_ + "/" + name, 1 << 20); }
    SeededRandom random_{1};
};

TEST_F(FirstConfig, has_three_sources_that_work_at_once) {
    ASSERT_TRUE(write_first_config(env_, random_, path()));
    const auto config = load(env_, path(), process_environment());
    ASSERT_TRUE(config) << to_string(config.error().front());
    ASSERT_EQ(config->sources.size(), 3U);
    EXPECT_EQ(config->sources[0].name, "demo");
    EXPECT_TRUE(std::holds_alternative<NoVerification>(config->sources[0].verify));
    EXPECT_EQ(config->sources[1].name, "elytra");
    EXPECT_EQ(config->sources[1].content, Content::elytra);
    EXPECT_EQ(std::get<std::vector<auth::BasicAuth>>(config->sources[1].verify)[0].username, "elytra");
    EXPECT_EQ(config->sources[2].name, "github");
    EXPECT_EQ(std::get<SignatureVerification>(config->sources[2].verify).scheme.scheme, "github");
    EXPECT_EQ(config->http.listen[0].host, "127.0.0.1");
}

TEST_F(FirstConfig, keeps_its_secrets_to_its_owner) {
    ASSERT_TRUE(write_first_config(env_, random_, path()));
    for (const char* name : {"/tenter-data/secrets/elytra", "/tenter-data/secrets/github"}) {
        struct stat status{};
        ASSERT_EQ(::stat((folder_ + name).c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777, 0600U);
        EXPECT_GE(content(name).size(), 43U);  // 256 bits in base64
    }
    EXPECT_NE(content("tenter-data/secrets/elytra"), content("tenter-data/secrets/github"));
}

TEST_F(FirstConfig, overwrites_nothing) {
    ASSERT_TRUE(write_first_config(env_, random_, path()));
    const std::string secret = content("tenter-data/secrets/elytra");
    EXPECT_FALSE(write_first_config(env_, random_, path()));
    ASSERT_TRUE(env_.remove(path()));
    ASSERT_TRUE(write_first_config(env_, random_, path()));
    EXPECT_EQ(content("tenter-data/secrets/elytra"), secret);
}

// Goal: a disk that fails or is full at the first start leaves nothing that the second start would take for the user's own.
// Method: fail each call in turn, then start again on a sound disk.
TEST_F(FirstConfig, that_failed_anywhere_can_be_written_again) {
    for (const auto kind : {tenter::Fault::io_error, tenter::Fault::no_space}) {
        for (std::uint64_t nth = 1;; ++nth) {
            const std::string folder = folder_ + "/" + std::to_string(nth) + (kind == tenter::Fault::no_space ? "s" : "i");
            ASSERT_TRUE(env_.create_directories(folder));
            FaultInjectingEnv failing(env_);
            failing.arm({.fault = kind, .nth = nth});
            const bool written = write_first_config(failing, random_, folder + "/tenter.toml").has_value();
            if (failing.faults() == 0) {
                EXPECT_GT(nth, 8U);
                break;
            }
            if (!written) {
                const auto again = write_first_config(env_, random_, folder + "/tenter.toml");
                EXPECT_TRUE(again) << "call " << nth << ": " << again.error().message;
            }
            const auto config = load(env_, folder + "/tenter.toml", process_environment());
            ASSERT_TRUE(config) << "call " << nth << ": " << to_string(config.error().front());
            EXPECT_EQ(config->sources.size(), 3U) << "call " << nth;
        }
    }
}

}  // namespace
}  // namespace tenter::config
