#include "gateway/app/start_screen.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tenter::app {
namespace {

using testing::HasSubstr;
using testing::Not;

config::Config two_sources() {
    config::Config config;
    config.data = "/var/lib/tenter";
    config::SourceConfig open;
    open.name = "demo";
    open.path = "/demo";
    config::SourceConfig closed;
    closed.name = "shop";
    closed.path = "/in/shop";
    closed.verify = std::vector{auth::BearerAuth{Secret("swordfish")}};
    config.sources = {open, closed};
    return config;
}

std::string shown(bool colour, bool nobody_reads = false) {
    return start_screen(two_sources(), {"1.2.3",
                                        "build/release/tenter",
                                        "/var/lib/tenter (empty)",
                                        {{"127.0.0.1", 8080}, {"::", 81}},
                                        {{"127.0.0.1", 9092}, {"::1", 9093}},
                                        colour,
                                        nobody_reads});
}

TEST(StartScreen, names_version_log_and_every_address) {
    EXPECT_THAT(shown(false), HasSubstr("tenter 1.2.3\n"));
    EXPECT_THAT(shown(false), HasSubstr("log        /var/lib/tenter (empty)\n"));
    EXPECT_THAT(shown(false), HasSubstr("http://127.0.0.1:8080\n"));
    EXPECT_THAT(shown(false), HasSubstr("http://[::1]:81\n"));
}

TEST(StartScreen, names_every_address_for_kafka_clients) {
    EXPECT_THAT(shown(false), HasSubstr("  kafka      127.0.0.1:9092 (TLS)\n  kafka      [::1]:9093 (TLS)\n"));
}

TEST(StartScreen, says_how_somebody_is_let_in_where_nobody_may_read) {
    EXPECT_THAT(shown(false, true), HasSubstr("9093 (TLS)\n             nobody may read there yet:  build/release/tenter consumer add NAME "
                                              "--source demo --profile-out FILE\n\n"));
    EXPECT_THAT(shown(false), Not(HasSubstr("consumer add")));
}

TEST(StartScreen, marks_a_source_that_verifies_nothing) {
    EXPECT_THAT(shown(false), HasSubstr("demo  http://127.0.0.1:8080/demo  NOT VERIFIED"));
    EXPECT_THAT(shown(false), HasSubstr("shop  http://127.0.0.1:8080/in/shop  verified by bearer"));
}

TEST(StartScreen, never_shows_a_secret) { EXPECT_THAT(shown(true), Not(HasSubstr("swordfish"))); }

TEST(StartScreen, ends_with_the_command_that_shows_the_events) {
    EXPECT_THAT(shown(false), HasSubstr("build/release/tenter tail demo --from earliest --follow\n"));
}

TEST(StartScreen, is_plain_text_without_colour) {
    EXPECT_THAT(shown(false), Not(HasSubstr("\x1b")));
    EXPECT_THAT(shown(true), HasSubstr("\x1b["));
}

}  // namespace
}  // namespace tenter::app
