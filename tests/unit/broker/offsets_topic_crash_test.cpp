// Goal: a commit that was acknowledged is never lost and never goes back, whatever ends the gateway, and the disk that offsets take is
// bounded by what is alive.
// Method: the coordinator over the topic of offsets over the embedded log over a simulated disk. The world stops before the nth operation,
// for every n, or at a named moment; then everything is opened again, and the coordinator asked.
#include <filesystem>

#include "tenter/base/env_testing.hpp"
#include "tests/unit/broker/offsets_gateway.hpp"

namespace tenter::broker::testing {
namespace {

using log::testing::TemporaryFolder;

/// Stops the world before the nth operation of the second of two lives. The first wrong thing, or nothing.
std::string stopped_before(std::uint64_t nth, bool power_cut, std::uint64_t& calls, std::int64_t& trimmed) {
    CrashSimulatingEnv disk;
    SimulatedClock clock{UnixMillis(std::chrono::milliseconds(1'700'000'000'000))};
    SeededRandom random{nth};
    Model model;
    {
        Gateway gateway(disk, clock, small_log("/data/log"), small_snapshots());
        if (!gateway.error().empty()) return gateway.error();
        work(gateway, model, 1);
        disk.stop_the_world();
    }
    disk.kill();
    const std::uint64_t before = disk.calls();
    if (nth > 0) disk.stop_before_call(nth);
    {
        Gateway gateway(disk, clock, small_log("/data/log"), small_snapshots());
        if (nth == 0 && !gateway.error().empty()) return gateway.error();
        if (gateway.error().empty()) {
            if (auto fault = compare(gateway, model); !fault.empty()) return "in the second life " + fault;
            work(gateway, model, 100);
            if (nth == 0) trimmed = gateway.bounds().first.value;
        }
        calls = disk.calls() - before;
        disk.stop_the_world();
    }
    if (power_cut) {
        disk.crash(random);
    } else {
        disk.kill();
    }
    Gateway gateway(disk, clock, small_log("/data/log"), small_snapshots());
    if (!gateway.error().empty()) return gateway.error();
    return compare(gateway, model);
}

void stop_before_each(bool power_cut) {
    std::uint64_t limit = 0;
    std::uint64_t calls = 0;
    std::int64_t trimmed = 0;
    ASSERT_EQ(stopped_before(0, power_cut, limit, trimmed), "");
    ASSERT_GT(limit, 100U);
    ASSERT_GT(trimmed, 100) << "several snapshots were made and what was before them removed";
    for (std::uint64_t nth = 1; nth <= limit; nth += under_thread_sanitizer ? 11 : 1)
        ASSERT_EQ(stopped_before(nth, power_cut, calls, trimmed), "") << "operation " << nth;
}

TEST(OffsetsAfterACrash, no_acknowledged_commit_is_lost_when_the_gateway_is_killed_before_any_operation) { stop_before_each(false); }
TEST(OffsetsAfterACrash, no_acknowledged_commit_is_lost_when_the_power_goes_before_any_operation) { stop_before_each(true); }

/// Named moments of a compaction, each once as a kill and as a power cut.
class DuringCompaction : public ::testing::TestWithParam<bool> {
protected:
    DuringCompaction() { open(); }
    ~DuringCompaction() override { disk.stop_the_world(); }

    void open() {
        gateway = std::make_unique<Gateway>(disk, clock, small_log("/data/log"), options);
        ASSERT_EQ(gateway->error(), "");
    }
    /// Commits until a snapshot is under way, of which the broker's thread has heard nothing.
    void commit_until_a_snapshot_is_stored() {
        while (gateway->log().bounds(at())->next.value < 4 * last + 4) {
            const auto one = gateway->commit("one", ++last, 4);
            ASSERT_EQ(gateway->wait(one), ErrorCode::none);
            ASSERT_LT(last, 100);
            static_cast<void>(gateway->log().checkpoint());  // whatever was begun is readable, and its task waits
        }
        ASSERT_EQ(gateway->bounds().first.value, 0);
    }
    void crash() {
        disk.stop_the_world();
        gateway.reset();
        if (GetParam()) {
            disk.crash(random);
        } else {
            disk.kill();
        }
        open();
    }
    void expect_all() {
        for (std::int32_t p = 0; p < 4; ++p) EXPECT_EQ(gateway->committed("one", p), last);
    }
    [[nodiscard]] log::TopicPartition at() { return {gateway->log().find_topic("__offsets")->id, log::PartitionId{0}}; }

    CrashSimulatingEnv disk;
    SimulatedClock clock{UnixMillis(std::chrono::milliseconds(1'700'000'000'000))};
    SeededRandom random{3};
    OffsetsTopicOptions options{.snapshot_at_least = 2000, .append_bytes = 100};
    std::int64_t last = 0;
    std::unique_ptr<Gateway> gateway;
};

TEST_P(DuringCompaction, between_the_snapshot_and_the_removal_all_is_replayed) {
    commit_until_a_snapshot_is_stored();
    crash();
    EXPECT_EQ(gateway->bounds().first.value, 0);
    expect_all();
}

TEST_P(DuringCompaction, between_the_removal_and_its_checkpoint_all_is_replayed) {
    commit_until_a_snapshot_is_stored();
    const std::int64_t records = gateway->bounds().next.value;
    ASSERT_TRUE(gateway->thread().run_until([&] { return gateway->bounds().first.value > 0; }));
    EXPECT_EQ(gateway->bounds().first.value, records - 4) << "the snapshot has four records";
    crash();
    EXPECT_EQ(gateway->bounds().first.value, 0);
    expect_all();
}

TEST_P(DuringCompaction, behind_the_checkpoint_the_snapshot_is_enough) {
    commit_until_a_snapshot_is_stored();
    ASSERT_TRUE(gateway->thread().run_until([&] { return gateway->bounds().first.value > 0; }));
    const std::int64_t first = gateway->bounds().first.value;
    ASSERT_TRUE(gateway->log().checkpoint());
    crash();
    EXPECT_EQ(gateway->bounds().first.value, first);
    expect_all();
}

TEST_P(DuringCompaction, a_group_that_was_deleted_does_not_come_back) {
    ASSERT_EQ(gateway->wait(gateway->commit("two", 7)), ErrorCode::none);
    ASSERT_EQ(gateway->wait(gateway->remove("two")), ErrorCode::none);
    for (int i = 0; i < 40; ++i) ASSERT_EQ(gateway->wait(gateway->commit("one", ++last, 4)), ErrorCode::none);
    ASSERT_TRUE(gateway->thread().run_until([&] { return gateway->bounds().first.value > 0; }));
    ASSERT_TRUE(gateway->log().checkpoint());
    crash();
    expect_all();
    EXPECT_EQ(gateway->committed("two"), -1);
}

INSTANTIATE_TEST_SUITE_P(Killed, DuringCompaction, ::testing::Values(false));
INSTANTIATE_TEST_SUITE_P(PowerCut, DuringCompaction, ::testing::Values(true));

TEST(OffsetsOnDisk, take_no_more_of_it_however_often_they_are_committed) {
    constexpr std::int32_t partitions = 100;
    constexpr std::int64_t rounds = under_thread_sanitizer ? 60 : 250;  // of ten groups: a quarter of a million offsets
    const TemporaryFolder folder;
    PosixEnv env;
    SystemClock clock;
    auto log_options = small_options(folder.path() + "/log");
    log_options.journal_bytes = 1 << 20;
    log_options.segment_bytes = 64 << 10;
    const OffsetsTopicOptions options{.snapshot_at_least = 16 << 10};
    const auto bytes_on_disk = [&] {
        std::uintmax_t bytes = 0;
        for (const auto& entry : std::filesystem::directory_iterator(log_options.directory + "/topics/__offsets/0")) {
            std::error_code gone;  // by the checkpoint, right now
            const auto size = entry.file_size(gone);
            bytes += gone ? 0 : size;
        }
        return bytes;
    };
    std::uintmax_t most = 0;
    {
        Gateway gateway(env, clock, log_options, options);
        ASSERT_EQ(gateway.error(), "");
        for (std::int64_t round = 1; round <= rounds; ++round) {
            std::vector<Gateway::Answer> answers;
            for (int group = 0; group < 10; ++group) answers.push_back(gateway.commit("group " + std::to_string(group), round, partitions));
            for (const auto& answer : answers) ASSERT_EQ(gateway.wait(answer), ErrorCode::none);
            if (round % 20 == 0) most = std::max(most, bytes_on_disk());
        }
        EXPECT_GT(gateway.bounds().next.value, rounds * 10 * partitions);
    }
    // One commit of all is 60 KiB or so, and so is a snapshot. Between two checkpoints there is at most the journal.
    EXPECT_LT(most, 2'500'000U);
    Gateway gateway(env, clock, log_options, options);
    ASSERT_EQ(gateway.error(), "");
    EXPECT_LT(bytes_on_disk(), 1'000'000U);
    for (int group = 0; group < 10; ++group) EXPECT_EQ(gateway.committed("group " + std::to_string(group), partitions - 1), rounds);
}

}  // namespace
}  // namespace tenter::broker::testing
