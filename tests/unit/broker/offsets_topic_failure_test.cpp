// Goal: whichever call to the disk fails, and however, no commit is acknowledged that is not there afterwards, and what is replayed is what
// was acknowledged or something later.
// Method: as offsets_topic_crash_test.cpp, with the nth call of the second life failing, for every n: of opening the log, of replaying the
// offsets, of commits, deletions, snapshots and what they remove. The third life has a disk that works.
#include <algorithm>

#include "tests/unit/broker/offsets_gateway.hpp"
#include "tests/unit/log_segment/failing_disk.hpp"

namespace tenter::broker::testing {
namespace {

using log::testing::FailingDisk;

struct Failure {
    Fault fault = Fault::io_error;
    bool from_then_on = false;
    bool power_cut = false;  ///< Ends the second life, instead of a kill.
};

/// An offset that somebody was told must not go back either, whether its commit was answered or not.
void note_what_is_told(Gateway& gateway, Model& model) {
    for (auto& [place, expected] : model)
        if (!place.group.starts_with("gone"))
            expected.acknowledged = std::max(expected.acknowledged, gateway.committed(place.group, place.partition));
}

/// Two lives on a disk whose nth call in the second one fails (0: none), and what the third finds. The first wrong thing, or nothing.
/// `has_failed`: whether there were so many calls.
std::string with_failure(const Failure& failure, std::uint64_t nth, bool& has_failed) {
    FailingDisk d;
    Model model;
    {
        Gateway gateway(d.env, d.clock, small_log("/data/log"), small_snapshots());
        if (!gateway.error().empty()) return gateway.error();
        work(gateway, model, 1);
        d.disk.stop_the_world();
    }
    d.disk.kill();
    if (nth > 0) d.env.arm({failure.fault, nth, failure.from_then_on, std::nullopt, ""});
    {
        Gateway gateway(d.env, d.clock, small_log("/data/log"), small_snapshots());
        if (nth == 0 && !gateway.error().empty()) return gateway.error();
        if (gateway.error().empty()) {
            if (auto fault = compare(gateway, model); !fault.empty()) return "in the second life " + fault;
            work(gateway, model, 100);
            note_what_is_told(gateway, model);
            if (nth == 0 && gateway.bounds().first.value < 100) return "no snapshot was made, or nothing before it removed";
        }
        has_failed = d.env.faults() > 0;
        d.env.disarm();
        d.disk.stop_the_world();
    }
    if (failure.power_cut) {
        d.disk.crash(d.random);
    } else {
        d.disk.kill();
    }
    Gateway gateway(d.env, d.clock, small_log("/data/log"), small_snapshots());
    if (!gateway.error().empty()) return gateway.error();
    return compare(gateway, model);
}

void fail_each_call(const Failure& failure) {
    bool has_failed = true;
    ASSERT_EQ(with_failure(failure, 0, has_failed), "");
    ASSERT_FALSE(has_failed);
    // Where all calls fail from one on, the next one makes little difference.
    const std::uint64_t step = under_thread_sanitizer ? 11 : failure.from_then_on ? 3 : 1;
    std::uint64_t nth = 1;
    for (has_failed = true; has_failed; nth += step) ASSERT_EQ(with_failure(failure, nth, has_failed), "") << "call " << nth;
    EXPECT_GT(nth, failure.fault == Fault::short_write ? 30U : 100U);
}

TEST(OffsetsOnAFailingDisk, an_error_of_one_call_loses_no_acknowledged_commit) { fail_each_call({.fault = Fault::io_error}); }
TEST(OffsetsOnAFailingDisk, an_error_before_a_power_cut_loses_none) { fail_each_call({.fault = Fault::io_error, .power_cut = true}); }
TEST(OffsetsOnAFailingDisk, a_disk_that_fails_for_good_loses_none) {
    fail_each_call({.fault = Fault::io_error, .from_then_on = true, .power_cut = true});
}
TEST(OffsetsOnAFailingDisk, a_moment_without_room_loses_none) { fail_each_call({.fault = Fault::no_space}); }
TEST(OffsetsOnAFailingDisk, a_disk_that_stays_full_loses_none) { fail_each_call({.fault = Fault::no_space, .from_then_on = true}); }
TEST(OffsetsOnAFailingDisk, short_writes_are_gone_on_with) { fail_each_call({.fault = Fault::short_write, .power_cut = true}); }

}  // namespace
}  // namespace tenter::broker::testing
