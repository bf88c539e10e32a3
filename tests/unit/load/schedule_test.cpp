#include "bench/load/schedule.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

namespace tenter::load {
namespace {

using std::chrono::milliseconds;

class ScheduleTest : public testing::Test {
protected:
    [[nodiscard]] Instant at(int ms) const { return start_ + milliseconds(ms); }

    Instant start_{std::chrono::hours(1)};
};

TEST_F(ScheduleTest, a_closed_loop_sends_whenever_it_is_asked_until_the_end) {
    Schedule schedule(at(0), at(100), 0, 0);
    EXPECT_EQ(schedule.take(at(0)), at(0));
    EXPECT_EQ(schedule.take(at(7)), at(7));
    EXPECT_EQ(schedule.wake_up(), at(100));
    EXPECT_FALSE(schedule.is_over(at(99)));
    EXPECT_EQ(schedule.take(at(100)), std::nullopt);
    EXPECT_TRUE(schedule.is_over(at(100)));
}

TEST_F(ScheduleTest, a_limit_ends_both_loops) {
    Schedule closed(at(0), at(100), 0, 1);
    EXPECT_TRUE(closed.take(at(0)));
    EXPECT_TRUE(closed.is_over(at(1)));
    EXPECT_EQ(closed.take(at(1)), std::nullopt);
    Schedule open(at(0), at(100), 1000, 2);
    EXPECT_TRUE(open.take(at(50)));
    EXPECT_TRUE(open.take(at(50)));
    EXPECT_TRUE(open.is_over(at(50)));
    EXPECT_EQ(open.missed(), 0U);
}

TEST_F(ScheduleTest, an_open_loop_sends_at_its_rate) {
    Schedule schedule(at(0), at(100), 100, 0);  // each 10 ms
    EXPECT_EQ(schedule.take(at(0)), at(0));
    EXPECT_EQ(schedule.take(at(9)), std::nullopt);
    EXPECT_EQ(schedule.wake_up(), at(10));
    EXPECT_EQ(schedule.take(at(10)), at(10));
}

TEST_F(ScheduleTest, a_late_request_counts_from_when_it_was_due) {
    Schedule schedule(at(0), at(100), 100, 0);
    EXPECT_EQ(schedule.take(at(55)), at(0));
    EXPECT_EQ(schedule.take(at(55)), at(10));
}

TEST_F(ScheduleTest, what_was_due_before_the_end_is_sent_after_it_or_counted_as_missed) {
    Schedule schedule(at(0), at(100), 100, 0);  // 0, 10, ... 90
    EXPECT_EQ(schedule.missed(), 10U);
    for (int i = 0; i < 9; ++i) EXPECT_EQ(schedule.take(at(200)), at(10 * i));
    EXPECT_FALSE(schedule.is_over(at(200)));
    EXPECT_EQ(schedule.missed(), 1U);
    EXPECT_EQ(schedule.take(at(200)), at(90));
    EXPECT_TRUE(schedule.is_over(at(200)));
    EXPECT_EQ(schedule.missed(), 0U);
}

}  // namespace
}  // namespace tenter::load
