// Goal: a child gets its input and nothing else of ours, ends when it must, and cannot harm us.
// Method: real children of /bin/sh, which write what they found into a file.
#include "cli/child_process.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

namespace tenter::cli {
namespace {

using namespace std::chrono_literals;
using How = ChildEnd::How;

class ChildProcess : public testing::Test {
protected:
    ChildProcess() {
        std::string name = testing::TempDir() + "child_process_XXXXXX";
        folder_ = ::mkdtemp(name.data());
        former_ = std::signal(SIGPIPE, SIG_IGN);
    }
    ~ChildProcess() override {
        std::signal(SIGPIPE, former_);
        std::filesystem::remove_all(folder_);
    }

    /// Runs the script with $OUT, the file that `out` reads.
    Result<ChildEnd> run(const std::string& script, BytesView input = {}) {
        std::vector<std::string> environment{"OUT=" + (folder_ / "out").string(), "PATH=/usr/bin:/bin"};
        environment.insert(environment.end(), more_.begin(), more_.end());
        return run_child({.arguments = {"/bin/sh", "-c", script}, .environment = std::move(environment)}, input, limits_, stop_.get_token(),
                         hurry_.get_token());
    }
    [[nodiscard]] std::string out() const {
        std::ifstream file(folder_ / "out");
        std::stringstream content;
        content << file.rdbuf();
        return content.str();
    }
    /// Until the child has written into $OUT.
    void wait_for_out() const {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        while (out().empty() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        ASSERT_FALSE(out().empty());
    }

    std::filesystem::path folder_;
    std::vector<std::string> more_;
    ChildLimits limits_{.timeout = 30s};
    std::stop_source stop_;
    std::stop_source hurry_;

private:
    void (*former_)(int) = SIG_DFL;
};

ChildEnd exited(int code) { return {.how = How::exited, .code = code}; }

TEST_F(ChildProcess, gets_its_input_exactly_and_tells_its_exit_code) {
    const std::string octets("a\0\xff\n", 4);
    EXPECT_EQ(run("cat > $OUT; exit 3", octets), exited(3));
    EXPECT_EQ(out(), octets);
    EXPECT_EQ(run("cat > $OUT", ""), exited(0));
    EXPECT_EQ(out(), "");
}

TEST_F(ChildProcess, gets_an_input_larger_than_any_pipe) {
    const std::string large(5 << 20, 'x');
    EXPECT_EQ(run("wc -c > $OUT", large), exited(0));
    EXPECT_EQ(std::stoi(out()), 5 << 20);
}

TEST_F(ChildProcess, may_leave_its_input_unread_or_close_it) {
    const std::string large(5 << 20, 'x');
    EXPECT_EQ(run("exit 0", large), exited(0));
    EXPECT_EQ(run("exec < /dev/null; exit 4", large), exited(4));
    EXPECT_EQ(run("head -c 10 > $OUT", large), exited(0));
    EXPECT_EQ(out(), "xxxxxxxxxx");
}

TEST_F(ChildProcess, need_not_wait_for_what_its_child_holds_open) {
    EXPECT_EQ(run("tail -f /dev/null & echo $! > $OUT", std::string(5 << 20, 'x')), exited(0));
    EXPECT_EQ(::kill(std::stoi(out()), SIGKILL), 0) << "and nothing happened to that";
}

TEST_F(ChildProcess, inherits_no_descriptor_no_blocked_signal_and_only_the_environment_given) {
    const int marked = ::open("/dev/null", O_RDONLY);  // not even close-on-exec
    sigset_t all;
    sigset_t former;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &former);
    more_ = {"ONLY=this"};
    const auto end = run("ls /proc/self/fd > $OUT; grep -E 'Sig(Blk|Ign)' /proc/self/status >> $OUT; env >> $OUT");
    pthread_sigmask(SIG_SETMASK, &former, nullptr);
    ::close(marked);
    EXPECT_EQ(end, exited(0));
    const auto found = out();
    EXPECT_THAT(found, testing::StartsWith("0\n1\n2\n3\nSigBlk:\t0000000000000000\n")) << "3 is the folder that ls reads";
    EXPECT_THAT(found, testing::ContainsRegex("SigIgn:\t[0-9a-f]{8}[08]0000000\n")) << "32 and 33 are glibc's own";
    EXPECT_THAT(found, testing::HasSubstr("ONLY=this\n"));
    EXPECT_THAT(found, testing::Not(testing::HasSubstr("HOME=")));
}

TEST_F(ChildProcess, that_was_killed_says_by_which_signal) {
    const auto end = run("kill -9 $$");
    EXPECT_EQ(end, (ChildEnd{.how = How::killed, .code = SIGKILL}));
    EXPECT_EQ(to_string(*end), "killed by signal 9 (Killed)");
}

TEST_F(ChildProcess, that_takes_too_long_is_ended_with_all_it_started) {
    limits_.timeout = 100ms;
    EXPECT_EQ(run("tail -f /dev/null & echo $! > $OUT; wait"), ChildEnd{.how = How::timed_out});
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    const auto is_alive = [process = std::stoi(out())] {
        std::ifstream status("/proc/" + std::to_string(process) + "/stat");
        std::string word;
        return status >> word >> word >> word && word != "Z";
    };
    while (is_alive() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
    EXPECT_FALSE(is_alive());
}

TEST_F(ChildProcess, that_ignores_sigterm_is_killed) {
    limits_.timeout = 100ms;
    limits_.kill_after = 50ms;
    EXPECT_EQ(run("trap '' TERM; exec tail -f /dev/null"), ChildEnd{.how = How::timed_out});
}

TEST_F(ChildProcess, may_finish_what_it_does_when_we_are_to_stop) {
    limits_.grace = 30s;
    std::thread stopper([&] {
        wait_for_out();
        stop_.request_stop();
        std::ofstream(folder_ / "go") << "on";
    });
    EXPECT_EQ(run("echo begun > $OUT; while ! test -e ${OUT%out}go; do sleep 0.01; done; exit 7"), exited(7));
    stopper.join();
}

TEST_F(ChildProcess, is_ended_when_its_grace_is_over) {
    limits_.grace = 50ms;
    std::thread stopper([&] {
        wait_for_out();
        stop_.request_stop();
    });
    EXPECT_EQ(run("echo begun > $OUT; exec sleep 62"), (ChildEnd{.how = How::killed, .code = SIGTERM}));
    stopper.join();
}

TEST_F(ChildProcess, has_no_grace_when_we_are_in_a_hurry) {
    limits_.grace = 60s;
    limits_.timeout = 60s;
    std::thread stopper([&] {
        wait_for_out();
        stop_.request_stop();
        hurry_.request_stop();
    });
    EXPECT_EQ(run("trap 'exit 5' TERM; echo begun > $OUT; while :; do sleep 0.01; done"), exited(5));
    stopper.join();
}

TEST_F(ChildProcess, that_cannot_be_started_is_an_error_with_its_name) {
    const auto end = run_child({.arguments = {"no-such-program"}, .environment = {}}, {}, {}, {}, {});
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().message, "cannot run no-such-program: No such file or directory");
}

}  // namespace
}  // namespace tenter::cli
