// Goal: what a command is told of an event, and what its end means for it.
// Method: events from memory; real children of /bin/sh.
#include "cli/exec_consumer.hpp"

#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/event_environment.hpp"
#include "tenter/base/exception.hpp"
#include "tests/unit/cli/stub_consumer.hpp"

namespace tenter::cli {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using testing::StubConsumer;
using testing::StubEvent;
using testing::StubRecord;
using ::testing::UnorderedElementsAre;

std::vector<std::string> variables_of(StubRecord record) {
    const StubEvent stub(std::move(record));
    return event_variables(stub.event());
}

TEST(EventVariables, tell_where_an_event_is_and_all_that_is_known_of_it) {
    EXPECT_THAT(
        variables_of(
            {.key = "k",
             .record_headers = {{"envelope", "\x80"}, {"tenter-id", "an-id"}, {"tenter-target", "/t?x=1"}, {"tenter-verified", "basic"}},
             .headers = {{"content-type", "text/plain"}, {"x-a", "1"}, {"x-a", "\"2\""}},
             .attempt = 2}),
        UnorderedElementsAre(
            "TENTER_TOPIC=demo", "TENTER_PARTITION=2", "TENTER_OFFSET=7", "TENTER_METHOD=PUT", "TENTER_TIMESTAMP=1970-01-01T00:00:00.000Z",
            "TENTER_ATTEMPT=3", R"(TENTER_HEADERS={"content-type":["text/plain"],"x-a":["1","\"2\""]})", "TENTER_PAYLOAD=original",
            "TENTER_KEY=k", "TENTER_ID=an-id", "TENTER_TARGET=/t?x=1", "TENTER_VERIFIED=basic", "TENTER_CONTENT_TYPE=text/plain"));
}

TEST(EventVariables, leave_out_what_there_is_not_and_encode_what_is_no_text) {
    const auto none = variables_of({});
    EXPECT_THAT(none, Not(Contains(StartsWith("TENTER_KEY"))));
    EXPECT_THAT(none, Not(Contains(StartsWith("TENTER_ID"))));
    EXPECT_THAT(none, Contains("TENTER_PAYLOAD=json"));
    EXPECT_THAT(variables_of({.key = ""}), Contains("TENTER_KEY="));
    EXPECT_THAT(variables_of({.key = "\xff"}), Contains("TENTER_KEY_BASE64=/w=="));
    EXPECT_THAT(variables_of({.key = std::string("a\0b", 3)}), Contains("TENTER_KEY_BASE64=YQBi"));
}

TEST(EventVariables, name_what_is_too_long_for_an_environment) {
    const auto variables = variables_of({.key = std::string(max_variable + 1, 'k'), .headers = {{"x", std::string(max_variable, 'v')}}});
    EXPECT_THAT(variables, Contains("TENTER_OMITTED=TENTER_HEADERS TENTER_KEY"));
    EXPECT_THAT(variables, Not(Contains(StartsWith("TENTER_KEY"))));
    EXPECT_THAT(variables_of({.key = std::string(max_variable, 'k')}), Contains("TENTER_KEY=" + std::string(max_variable, 'k')));
}

TEST(EventVariables, replace_all_that_is_named_like_them) {
    ::setenv("TENTER_PROFILE", "profile.json", 1);
    ::setenv("NOT_TENTER", "kept", 1);
    const auto environment = environment_with({"TENTER_ID=1"});
    ::unsetenv("TENTER_PROFILE");
    ::unsetenv("NOT_TENTER");
    EXPECT_THAT(environment, Contains("TENTER_ID=1"));
    EXPECT_THAT(environment, Contains("NOT_TENTER=kept"));
    EXPECT_THAT(environment, Not(Contains(StartsWith("TENTER_PROFILE"))));
}

TEST(EventInput, is_the_body_that_arrived_or_the_payload_of_another_programs_envelope) {
    StubRecord record{
        .record_headers = {{"envelope", "\x80"}, {"tenter-id", "1"}}, .payload = "\x42\xff\xfe", .encoding = envelope::Encoding::cbor};
    EXPECT_EQ(event_input(StubEvent(record).event()), "\xff\xfe");
    record.record_headers.pop_back();
    EXPECT_EQ(event_input(StubEvent(record).event()), "\x42\xff\xfe");
}

class ExecConsumers : public ::testing::Test {
protected:
    ExecConsumers() : former_(std::signal(SIGPIPE, SIG_IGN)) {}
    ~ExecConsumers() override { std::signal(SIGPIPE, former_); }

    /// Runs the shell command for as many events; the message of what was thrown, or nothing.
    std::string run(const std::string& command, std::int64_t events, ExecOptions options = {}) {
        options.arguments = {"/bin/sh", "-c", command};
        options.is_shell = true;
        ExecConsumer exec(std::move(options), [](const std::string&) {});
        StubConsumer consumer([&](const consume::Callback& callback) {
            try {
                for (std::int64_t offset = 0; offset < events; ++offset, ++processed_) callback(StubEvent({}, offset).event());
            } catch (const consume::StopConsuming&) {
                is_stopped_ = true;
            }
            is_to_end_ = consumer_->is_to_end();
        });
        consumer_ = &consumer;
        try {
            exec.run(consumer, stop_.get_token(), {});
        } catch (const Exception& thrown) {
            return thrown.what();
        }
        return {};
    }

    StubConsumer* consumer_ = nullptr;
    std::stop_source stop_;
    int processed_ = 0;
    bool is_stopped_ = false;
    bool is_to_end_ = false;

private:
    void (*former_)(int);
};

TEST_F(ExecConsumers, take_exit_code_0_for_processed_and_another_for_failed) {
    EXPECT_EQ(run("test $TENTER_OFFSET -lt 2", 5), "demo partition 2 offset 2: exit code 1; the event is not committed");
    EXPECT_EQ(processed_, 2);
    EXPECT_EQ(run("kill -9 $$", 1), "demo partition 2 offset 0: killed by signal 9 (Killed); the event is not committed");
}

TEST_F(ExecConsumers, end_when_the_command_cannot_be_run) {
    EXPECT_THAT(run("no-such-command 2> /dev/null", 3),
                HasSubstr("demo partition 2 offset 0: exit code 127: the shell cannot run the command"));
    EXPECT_TRUE(is_stopped_ && is_to_end_);
    EXPECT_EQ(processed_, 0);
}

TEST_F(ExecConsumers, end_at_their_limit_and_begin_nothing_behind_it) {
    EXPECT_EQ(run("true", 5, {.arguments = {}, .limit = 3}), "");
    EXPECT_EQ(processed_, 3);
    EXPECT_TRUE(is_stopped_ && is_to_end_);
    processed_ = 0;
    EXPECT_EQ(run("exit 3", 5, {.arguments = {}, .limit = 0}), "");
    EXPECT_EQ(processed_, 0);
}

TEST_F(ExecConsumers, do_not_take_an_interrupted_command_for_a_failed_one) {
    stop_.request_stop();
    EXPECT_EQ(run("exit 3", 1), "");
    EXPECT_TRUE(is_stopped_);
    EXPECT_EQ(processed_, 0);
}

}  // namespace
}  // namespace tenter::cli
