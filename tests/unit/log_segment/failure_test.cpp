// Goal: whichever call to the disk fails, and however, the log either goes on or stops with the reason, and nothing acknowledged is lost.
// Method: one scenario of append, roll, checkpoint and stop, and one of recovery, with the Nth call failing, for every N.
#include <future>
#include <thread>

#include "tests/unit/log_segment/crash_model.hpp"
#include "tests/unit/log_segment/failing_disk.hpp"

namespace tenter::log::testing {
namespace {

SegmentLogOptions sweep_options() {
    SegmentLogOptions options = small_options("/data/log");
    options.journal_bytes = 64 * 1024;
    options.segment_bytes = 4096;
    options.index_interval_bytes = 512;
    options.max_open_write_files = 2;
    options.retry_interval = std::chrono::milliseconds(1);
    return options;
}

/// Of what topic "c" has by now.
void remove_half(SegmentLog& log, CrashModel& model) {
    const auto bounds = log.bounds({log.find_topic("c")->id, PartitionId{0}});
    if (bounds) model.remove_before(log, "c", 0, Offset{(bounds->first.value + bounds->next.value) / 2});
}

/// Appends over three topics, rolls, fills both halves, checkpoints, removes. Gives up where the log does.
void work(SegmentLog& log, CrashModel& model, int rounds) {
    for (const std::string_view name : {"a", "b", "c"}) {
        if (!log.ensure_topic(name, 2)) return;
    }
    for (int i = 0; i < rounds; ++i) {
        const std::string value = std::to_string(i) + std::string(700, 'v');
        model.append(log, {{"a", i % 2, "a" + value, -1}, {"b", 0, "b" + value, -1}}, i);
        model.append(log, {{"c", 0, "c" + value, -1}}, i);
        if (i % 6 == 5) static_cast<void>(model.checkpoint(log));
        if (i % 6 == 5) remove_half(log, model);
    }
}

constexpr std::uint64_t step = under_thread_sanitizer ? 7 : 1;

struct Sweep {
    Fault fault;
    bool from_then_on;
    bool power_cut;
};

/// Runs the scenario with its nth call failing. The first wrong thing, or nothing.
std::string run_with_failure(const Sweep& sweep, std::uint64_t nth, std::uint64_t& calls) {
    FailingDisk d;
    CrashModel model;
    std::atomic<int> failures{0};
    if (nth > 0) d.env.arm({sweep.fault, nth, sweep.from_then_on, std::nullopt, ""});
    bool failed = false;
    {
        const auto log = SegmentLog::open(d.env, d.clock, sweep_options(), {[&](const Error&) { ++failures; }, {}});
        if (log) {
            work(**log, model, 14);
            static_cast<void>((*log)->stop());
            failed = (*log)->state() == LogState::failed;
        }
    }
    calls = d.env.calls();
    d.env.disarm();
    if (failures != (failed ? 1 : 0)) return "on_failed was called " + std::to_string(failures) + " times";
    if (sweep.fault == Fault::short_write && failed) return "a short write made the log fail";
    if (sweep.power_cut) {
        d.disk.crash(d.random);
    } else {
        d.disk.kill();
    }
    const auto log = SegmentLog::open(d.env, d.clock, sweep_options());
    if (!log) return log.error().message;
    return model.compare(**log);
}

void sweep_all_calls(const Sweep& sweep) {
    std::uint64_t calls = 0;
    ASSERT_EQ(run_with_failure(sweep, 0, calls), "");
    const std::uint64_t limit = calls;
    ASSERT_GT(limit, 100U);  // it varies with how many appends one commit takes
    for (std::uint64_t nth = 1; nth <= limit; nth += step) ASSERT_EQ(run_with_failure(sweep, nth, calls), "") << "call " << nth;
}

TEST(FailTheNthCall, an_input_output_error_loses_nothing_acknowledged) { sweep_all_calls({Fault::io_error, false, false}); }
TEST(FailTheNthCall, an_error_before_a_power_cut_loses_nothing_acknowledged) { sweep_all_calls({Fault::io_error, false, true}); }
TEST(FailTheNthCall, a_disk_that_fails_for_good_loses_nothing_acknowledged) { sweep_all_calls({Fault::io_error, true, true}); }
TEST(FailTheNthCall, a_moment_without_room_loses_nothing_acknowledged) { sweep_all_calls({Fault::no_space, false, false}); }
TEST(FailTheNthCall, a_disk_that_stays_full_until_the_stop_loses_nothing_acknowledged) { sweep_all_calls({Fault::no_space, true, false}); }
TEST(FailTheNthCall, short_writes_are_gone_on_with) { sweep_all_calls({Fault::short_write, false, true}); }

TEST(DiskWithoutRoomForACheckpoint, lets_no_append_wait_for_it_and_loses_none) {
    FailingDisk d;
    std::int64_t acknowledged = 0;
    {
        const auto log = SegmentLog::open(d.env, d.clock, sweep_options());
        ASSERT_TRUE(log);
        const auto topic = (*log)->ensure_topic("a", 1);
        ASSERT_TRUE(topic);
        d.env.arm({.fault = Fault::no_space, .from_then_on = true, .path_contains = "/checkpoint"});
        // Three times what the journal holds: whoever comes when a half is full, and the other one not free, is answered all the same.
        for (int i = 0; i < 256; ++i) {
            const std::string value = std::to_string(i) + std::string(700, 'v');
            const NewRecord record{*topic, PartitionId{0}, std::nullopt, BytesView(value), {}, d.clock.now()};
            std::promise<bool> answer;
            auto answered = answer.get_future();
            (*log)->append({&record, 1}, [&answer](AppendResult result) { answer.set_value(result.has_value()); });
            if (answered.wait_for(std::chrono::seconds(10)) != std::future_status::ready) {
                ADD_FAILURE() << "append " << i << " was not answered";
                d.env.disarm();  // so that it is
            }
            if (answered.get()) ++acknowledged;
        }
        d.disk.stop_the_world();
    }
    EXPECT_GT(acknowledged, 0);
    EXPECT_LT(acknowledged, 256);
    d.disk.kill();
    d.env.disarm();
    const auto log = SegmentLog::open(d.env, d.clock, sweep_options());
    ASSERT_TRUE(log);
    EXPECT_EQ((*log)->bounds({(*log)->find_topic("a")->id, PartitionId{0}})->next.value, acknowledged);
}

/// The same for recovery: killed after work without a stop, then opened with the nth call failing, then opened again.
std::string recover_with_failure(Fault fault, std::uint64_t nth, bool world_stops, std::uint64_t& calls) {
    FailingDisk d;
    CrashModel model;
    {
        auto log = open_log(d.env, d.clock, sweep_options());
        work(*log, model, 14);
        static_cast<void>(log->checkpoint());
        work(*log, model, 0);
        model.append(*log, {{"a", 0, "last", -1}, {"c", 1, "last too", -1}}, 1);
        while (model.acknowledged() < 29 && log->state() == LogState::accepting) std::this_thread::yield();
        d.disk.stop_the_world();
    }
    d.disk.kill();
    const std::uint64_t before = d.env.calls();
    if (nth > 0 && world_stops) d.disk.stop_before_call(nth);
    if (nth > 0 && !world_stops) d.env.arm({fault, nth, false, std::nullopt, ""});
    {
        const auto log = SegmentLog::open(d.env, d.clock, sweep_options());
        calls = d.env.calls() - before;
        d.env.disarm();
        d.disk.stop_the_world();
    }
    d.disk.crash(d.random);
    const auto log = SegmentLog::open(d.env, d.clock, sweep_options());
    if (!log) return log.error().message;
    return model.compare(**log);
}

TEST(FailTheNthCall, recovery_can_fail_anywhere_and_is_the_same_recovery_again) {
    for (const Fault fault : {Fault::io_error, Fault::no_space, Fault::short_write}) {
        std::uint64_t limit = 0;
        std::uint64_t calls = 0;
        ASSERT_EQ(recover_with_failure(fault, 0, false, limit), "");
        for (std::uint64_t nth = 1; nth <= limit; nth += step)
            ASSERT_EQ(recover_with_failure(fault, nth, false, calls), "") << "call " << nth;
    }
}

TEST(CrashDuringRecovery, the_power_may_go_before_any_write_or_sync) {
    std::uint64_t limit = 0;
    std::uint64_t calls = 0;
    ASSERT_EQ(recover_with_failure(Fault::io_error, 0, true, limit), "");
    for (std::uint64_t nth = 1; nth <= limit; nth += step)
        ASSERT_EQ(recover_with_failure(Fault::io_error, nth, true, calls), "") << "call " << nth;
}

}  // namespace
}  // namespace tenter::log::testing
