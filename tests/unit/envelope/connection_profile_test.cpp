#include "tenter/envelope/connection_profile.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tenter/base/env_testing.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::envelope::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view secret = "12345-abcde-not-to-be-seen";

/// The example of Mister Webhooks' documentation, with one text replaced by another.
std::string profile_with(std::string_view what = "", std::string_view with = "") {
    std::string text = R"({"consumer_name": "myproject.foobar", "auth": {"mechanism": "plain", "secret": "12345-abcde-not-to-be-seen"}, )"
                       R"("kafka": {"bootstrap": "kafka.example:9092"}})";
    if (!what.empty()) {
        const auto place = text.find(what);
        EXPECT_NE(place, std::string::npos) << what;
        text.replace(place, what.size(), with);
    }
    return text;
}

Environment environment_of(std::map<std::string, std::string> variables) {
    return [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional(found->second);
    };
}

std::string fault_of(std::string_view text) {
    const auto profile = ConnectionProfile::try_from_json(text);
    if (profile) return "none";
    EXPECT_THAT(profile.error().message, Not(HasSubstr(secret)));
    return profile.error().message;
}

class ProfileFile : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "tenter-profile-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string write(std::string_view text) {
        const auto path = (folder_ / "profile.json").string();
        std::ofstream(path, std::ios::binary) << text;
        return path;
    }

    std::filesystem::path folder_;
};

TEST(ConnectionProfile, has_the_members_that_the_Python_package_names) {
    const auto profile = ConnectionProfile::from_json(profile_with());
    EXPECT_EQ(profile.consumer_name, "myproject.foobar");
    EXPECT_EQ(profile.auth_mechanism, "plain");
    EXPECT_EQ(profile.auth_secret.reveal(), secret);
    EXPECT_EQ(profile.kafka_bootstrap, "kafka.example:9092");
    EXPECT_EQ(profile.kafka_ca, std::nullopt);
}

TEST(ConnectionProfile, does_not_look_at_members_that_it_does_not_know) {
    for (const auto* more : {R"("zone": {"deep": [1e400, 123456789012345678901234567890, "\ud800"]}, "consumer_name")",
                             R"("Consumer_name": 5, "consumer_name")", R"("": null, "consumer_name")"})
        EXPECT_EQ(fault_of(profile_with(R"("consumer_name")", more)), "none") << more;
    EXPECT_EQ(fault_of(profile_with(R"("secret")", R"("username": "x", "secret")")), "none");
    EXPECT_EQ(fault_of(profile_with(R"("bootstrap")", R"("tls": false, "bootstrap")")), "none");
    EXPECT_EQ(ConnectionProfile::from_json(profile_with("{", R"({"consumer_name": "first", )")).consumer_name, "first");
}

TEST(ConnectionProfile, names_the_member_that_is_wrong) {
    const struct {
        std::string_view what, with, message;
    } cases[] = {
        {R"("consumer_name": "myproject.foobar", )", "", "consumer_name is missing"},
        {R"("myproject.foobar")", "5", "consumer_name: expected string, found number"},
        {R"("myproject.foobar")", R"("")", "consumer_name is empty"},
        {R"("myproject.foobar")", R"("a\u0000b")", "consumer_name has a NUL in it"},
        {R"("myproject.foobar")", R"("\ud800")", "consumer_name: a lone surrogate, which is no character"},
        {R"("auth")", R"("Auth")", "auth is missing"},
        {R"({"mechanism": "plain", "secret": "12345-abcde-not-to-be-seen"})", R"("12345-abcde-not-to-be-seen")",
         "auth: expected object, found string"},
        {R"("mechanism": "plain", )", "", "auth.mechanism is missing"},
        {R"("plain")", "true", "auth.mechanism: expected string, found boolean"},
        {R"("plain")", R"("")", "auth.mechanism is empty"},
        {R"("secret")", R"("sekret")", "auth.secret is missing"},
        {R"("12345-abcde-not-to-be-seen")", R"("")", "auth.secret is empty"},
        {R"("12345-abcde-not-to-be-seen")", "null", "auth.secret: expected string, found null"},
        {R"("12345-abcde-not-to-be-seen")", R"(["12345-abcde-not-to-be-seen"])", "auth.secret: expected string, found array"},
        {R"("12345-abcde-not-to-be-seen")", R"("12345-abcde-not-to-be-seen\u0000")", "auth.secret has a NUL in it"},
        {R"("12345-abcde-not-to-be-seen")", R"("12345-abcde-not-to-be-seen\udc00")",
         "auth.secret: a lone surrogate, which is no character"},
        {R"("kafka")", R"("kafkas")", "kafka is missing"},
        {R"({"bootstrap": "kafka.example:9092"})", "[]", "kafka: expected object, found array"},
        {R"("bootstrap")", R"("Bootstrap")", "kafka.bootstrap is missing"},
        {R"("kafka.example:9092")", "{}", "kafka.bootstrap: expected string, found object"},
        {R"("kafka.example:9092")", R"("")", "kafka.bootstrap is empty"},
        {R"("bootstrap")", R"("ca": 7, "bootstrap")", "kafka.ca: expected string, found number"},
        {R"("bootstrap")", R"("ca": "", "bootstrap")", "kafka.ca is empty"},
    };
    for (const auto& [what, with, message] : cases) {
        const auto profile = ConnectionProfile::try_from_json(profile_with(what, with));
        ASSERT_FALSE(profile.has_value()) << what << " -> " << with;
        EXPECT_EQ(profile.error().code, Errc::invalid_input);
        EXPECT_EQ(profile.error().message, "connection profile: " + std::string(message));
    }
}

TEST(ConnectionProfile, names_the_byte_where_the_text_stops_being_JSON) {
    EXPECT_EQ(fault_of(""), "connection profile: JSON: '{' expected at byte 0");
    EXPECT_EQ(fault_of("[]"), "connection profile: JSON: '{' expected at byte 0");
    const std::string text = profile_with();
    for (std::size_t size = 0; size < text.size(); ++size) EXPECT_NE(fault_of(std::string_view(text).substr(0, size)), "none") << size;
    EXPECT_THAT(fault_of(text + "x"), HasSubstr("at byte " + std::to_string(text.size())));
    EXPECT_THAT(fault_of(profile_with("myproject", "\xFF")), HasSubstr("UTF-8"));
}

TEST(ConnectionProfile, knows_the_mechanism_in_any_case_and_no_other) {
    EXPECT_EQ(ConnectionProfile::from_json(profile_with(R"("plain")", R"("PLAIN")")).auth_mechanism, "plain");
    for (const auto* other : {R"("SCRAM-SHA-256")", R"("plain ")", R"("12345-abcde-not-to-be-seen")"}) {
        const auto profile = ConnectionProfile::try_from_json(profile_with(R"("plain")", other));
        ASSERT_FALSE(profile.has_value()) << other;
        EXPECT_EQ(profile.error().code, Errc::unsupported);
        EXPECT_EQ(profile.error().message, R"(connection profile: auth.mechanism is not "plain", the only one that is known)");
    }
}

TEST(ConnectionProfile, brokers_are_hosts_with_ports) {
    const auto brokers = [](std::string_view text) {
        const auto profile = ConnectionProfile::try_from_json(profile_with("kafka.example:9092", text));
        return profile ? profile->kafka_bootstrap : profile.error().message;
    };
    for (const auto* right :
         {"k:1", "k.example:65535", "192.0.2.1:9092", "[2001:db8::1]:9092", "[fe80::1%eth0]:9092", "kafka_1:9092", "a:1,b:2,[::1]:3"})
        EXPECT_EQ(brokers(right), right);
    EXPECT_EQ(brokers(" a:1 , b:2 "), "a:1,b:2");
    for (const auto* wrong : {"k",
                              "k:",
                              ":9092",
                              "k:0",
                              "k:65536",
                              "k:99999999999",
                              "k:+1",
                              "k:-1",
                              "k:9092/",
                              "k:9 2",
                              "k k:9092",
                              "2001:db8::1:9092",
                              "[2001:db8::1]",
                              "[]:9092",
                              "[k]:9092",
                              "[::1:9092",
                              "::1]:9092",
                              "SASL_SSL://k:9092",
                              "user:12345-abcde-not-to-be-seen@k:9092",
                              "k\\u0000:9092",
                              "ä:9092",
                              ","})
        EXPECT_EQ(brokers(wrong), "connection profile: kafka.bootstrap: entry 1 is not host:port") << wrong;
    EXPECT_EQ(brokers("k:1,,k:2"), "connection profile: kafka.bootstrap: entry 2 is not host:port");
    EXPECT_EQ(brokers("k:1,"), "connection profile: kafka.bootstrap: entry 2 is not host:port");
}

TEST(ConnectionProfile, takes_certificates_in_PEM) {
    const auto ca = [](const std::string& text) {
        const auto profile = ConnectionProfile::try_from_json(profile_with(R"("bootstrap")", R"("ca": ")" + text + R"(", "bootstrap")"));
        return profile ? profile->kafka_ca.value_or("none") : profile.error().message;
    };
    const std::string one = R"(-----BEGIN CERTIFICATE-----\nMIIC\nuDCC\n-----END CERTIFICATE-----\n)";
    EXPECT_EQ(ca(one), "-----BEGIN CERTIFICATE-----\nMIIC\nuDCC\n-----END CERTIFICATE-----\n");
    EXPECT_THAT(ca(R"(The root\r\n)" + one + R"(and another\r\n)" + one), HasSubstr("and another"));
    EXPECT_EQ(ca("ca.pem"), R"(connection profile: kafka.ca: no "-----BEGIN CERTIFICATE-----" in it)");
    for (const auto* damaged :
         {R"(-----BEGIN CERTIFICATE-----)", R"(-----BEGIN CERTIFICATE-----\nMIIC\n)",
          R"(-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----)", R"(-----BEGIN CERTIFICATE-----\nMI!C\n-----END CERTIFICATE-----)"}) {
        EXPECT_EQ(ca(damaged), "connection profile: kafka.ca: certificate 1 is damaged") << damaged;
        EXPECT_EQ(ca(one + damaged), "connection profile: kafka.ca: certificate 2 is damaged") << damaged;
    }
    EXPECT_EQ(ConnectionProfile::from_json(profile_with(R"("bootstrap")", R"("ca": null, "bootstrap")")).kafka_ca, std::nullopt);
}

TEST(ConnectionProfile, comes_back_from_the_JSON_that_it_writes) {
    ConnectionProfile profile{.consumer_name = "ä \"quoted\" \\ \n",
                              .auth_mechanism = "plain",
                              .auth_secret = Secret("p\"ä\t"),
                              .kafka_bootstrap = "a:1,[::1]:2",
                              .kafka_ca = std::nullopt};
    EXPECT_EQ(ConnectionProfile::from_json(profile.to_json()), profile);
    profile.kafka_ca = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n";
    EXPECT_EQ(ConnectionProfile::from_json(profile.to_json()), profile);
    EXPECT_EQ(ConnectionProfile::from_json(profile_with()).to_json(),
              R"({"consumer_name":"myproject.foobar","auth":{"mechanism":"plain","secret":"12345-abcde-not-to-be-seen"},)"
              R"("kafka":{"bootstrap":"kafka.example:9092"}})");
}

TEST(ConnectionProfile, shows_everything_but_the_secret) {
    const auto profile = ConnectionProfile::from_json(profile_with());
    std::ostringstream shown;
    shown << profile;
    EXPECT_EQ(shown.str(), "myproject.foobar at kafka.example:9092 (plain)");
    EXPECT_THAT(::testing::PrintToString(profile), Not(HasSubstr(secret)));
}

TEST(ConnectionProfile, comes_from_a_variable_that_holds_the_text_itself) {
    const auto environment = environment_of({{"PROFILE", profile_with()}, {"EMPTY", ""}, {"WRONG", profile_with(R"("secret")", R"("x")")}});
    EXPECT_EQ(ConnectionProfile::try_from_env("PROFILE", environment)->auth_secret.reveal(), secret);
    EXPECT_EQ(ConnectionProfile::try_from_env("WRONG", environment).error().message, "environment variable WRONG: auth.secret is missing");
    EXPECT_EQ(ConnectionProfile::try_from_env("EMPTY", environment).error().message, "the environment variable EMPTY is empty");
    EXPECT_EQ(ConnectionProfile::try_from_env("NONE", environment).error().message, "the environment variable NONE is not set");
    EXPECT_THROW((void)ConnectionProfile::from_env("TENTER_TEST_NO_SUCH_VARIABLE"), Exception);
}

TEST_F(ProfileFile, comes_from_a_file_and_faults_name_it) {
    EXPECT_EQ(ConnectionProfile::from_file(write(profile_with())).auth_secret.reveal(), secret);
    const auto path = write(profile_with(R"("secret")", R"("x")"));
    EXPECT_EQ(ConnectionProfile::try_from_file(path).error().message, path + ": auth.secret is missing");
    try {
        (void)ConnectionProfile::from_file(path);
        FAIL();
    } catch (const Exception& fault) {
        EXPECT_EQ(fault.code(), Errc::invalid_input);
        EXPECT_EQ(fault.what(), path + ": auth.secret is missing");
    }
}

TEST_F(ProfileFile, says_which_file_cannot_be_read_and_why) {
    const auto missing = ConnectionProfile::try_from_file((folder_ / "none.json").string());
    EXPECT_EQ(missing.error().code, Errc::not_found);
    EXPECT_THAT(missing.error().message, HasSubstr("none.json"));
    const auto folder = ConnectionProfile::try_from_file(folder_.string());
    ASSERT_FALSE(folder.has_value());
    EXPECT_THAT(folder.error().message, HasSubstr(folder_.string()));
    EXPECT_FALSE(ConnectionProfile::try_from_file(write("")).has_value());
}

TEST_F(ProfileFile, may_have_a_MiB_and_no_more) {
    const std::string text = profile_with();
    EXPECT_TRUE(ConnectionProfile::try_from_file(write(text + std::string(ConnectionProfile::max_size - text.size(), ' '))).has_value());
    const auto large = ConnectionProfile::try_from_file(write(text + std::string(ConnectionProfile::max_size - text.size() + 1, ' ')));
    ASSERT_FALSE(large.has_value());
    EXPECT_EQ(large.error().code, Errc::too_large);
    EXPECT_THAT(large.error().message, HasSubstr("profile.json: over 1048576 bytes"));
}

TEST_F(ProfileFile, every_call_that_fails_is_a_failure_to_read_it) {
    const auto path = write(profile_with());
    PosixEnv disk;
    FaultInjectingEnv env(disk);
    ASSERT_TRUE(ConnectionProfile::try_from_file(env, path).has_value());
    const auto calls = env.calls();
    ASSERT_GT(calls, 0U);
    for (std::uint64_t call = 1; call <= calls; ++call) {
        FaultInjectingEnv failing(disk);
        failing.arm({.nth = call});
        const auto profile = ConnectionProfile::try_from_file(failing, path);
        ASSERT_FALSE(profile.has_value()) << call;
        EXPECT_EQ(profile.error().code, Errc::unavailable) << call;
        EXPECT_THAT(profile.error().message, HasSubstr(path)) << call;
    }
}

}  // namespace
}  // namespace tenter::envelope::testing
