// The embedded log, on the machine's disk and on the simulated one, which can be killed within this process.
#include <cstdlib>
#include <filesystem>

#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/env_testing.hpp"
#include "tests/contract/event_log_contract.hpp"

namespace tenter::log::testing {
namespace {

class SegmentLogUnderTest : public LogUnderTest {
public:
    [[nodiscard]] EventLog& log() override { return *log_; }
    [[nodiscard]] bool reopen() override {
        EXPECT_TRUE(log_->stop());
        open();
        return true;
    }
    /// A commit takes at most half of the journal.
    [[nodiscard]] std::size_t too_large_bytes() const override { return options_.journal_bytes / 2; }

protected:
    SegmentLogUnderTest(Env& env, std::string directory) : env_(env) {
        options_.directory = std::move(directory);
        options_.journal_bytes = 256 * 1024;
        options_.segment_bytes = 16 * 1024;
        options_.reserve_bytes = 0;
    }
    void open() {
        log_.reset();
        auto opened = SegmentLog::open(env_, clock_, options_);
        ASSERT_TRUE(opened) << opened.error().message;
        log_ = std::move(*opened);
    }
    void close() { log_.reset(); }

private:
    Env& env_;
    SystemClock clock_;
    SegmentLogOptions options_;
    std::unique_ptr<SegmentLog> log_;
};

class OnDisk final : public SegmentLogUnderTest {
public:
    OnDisk() : OnDisk(make_folder()) {}
    OnDisk(const OnDisk&) = delete;
    OnDisk& operator=(const OnDisk&) = delete;
    ~OnDisk() override {
        close();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    /// The destructor is an orderly stop, so a kill on the real disk is the crash client's work (tests/crash); here as much as can be done.
    void kill_and_reopen() override { EXPECT_TRUE(reopen()); }

private:
    explicit OnDisk(const std::string& folder) : SegmentLogUnderTest(posix(), folder + "/log"), folder_(folder) { open(); }
    static Env& posix() {
        static PosixEnv env;
        return env;
    }
    static std::string make_folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tenter-contract-XXXXXX").string();
        return ::mkdtemp(pattern.data()) == nullptr ? std::string() : pattern;
    }

    std::string folder_;
};

struct HasSimulatedDisk {
    CrashSimulatingEnv env;
};

class OnSimulatedDisk final : private HasSimulatedDisk, public SegmentLogUnderTest {
public:
    OnSimulatedDisk() : SegmentLogUnderTest(env, "/log") { open(); }
    OnSimulatedDisk(const OnSimulatedDisk&) = delete;
    OnSimulatedDisk& operator=(const OnSimulatedDisk&) = delete;
    ~OnSimulatedDisk() override { close(); }
    void kill_and_reopen() override {
        env.stop_the_world();
        close();
        env.kill();
        open();
    }
};

template <class UnderTest>
LogFactory factory(std::string name) {
    return {std::move(name), [] { return std::make_unique<UnderTest>(); }};
}

INSTANTIATE_TEST_SUITE_P(SegmentLog, EventLogContract,
                         ::testing::Values(factory<OnDisk>("on_disk"), factory<OnSimulatedDisk>("on_simulated_disk")),
                         [](const auto& instance) { return instance.param.name; });

}  // namespace
}  // namespace tenter::log::testing
