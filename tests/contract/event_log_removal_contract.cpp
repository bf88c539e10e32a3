// Removing what is old, and finding what is newest: what an EventLog does that declares `removes_records` and `finds_newest`.
#include <gmock/gmock.h>

#include <array>

#include "tests/contract/event_log_contract.hpp"

namespace tenter::log::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TopicPartition EventLogContract::with_times(const std::vector<std::int64_t>& times) {
    const TopicPartition at = partition(topic("orders"), 0);
    for (std::size_t i = 0; i < times.size(); ++i) EXPECT_FALSE(append_value(at, std::to_string(i), times[i]).error);
    wait_until_readable(at, static_cast<std::int64_t>(times.size()));
    return at;
}

std::optional<TimedOffset> EventLogContract::newest_of(TopicPartition at) {
    const auto found = log().newest(at);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::nullopt;
}

void EventLogContract::expect_outside(TopicPartition at, std::int64_t offset, std::string_view first, std::string_view next) {
    const auto refused = log().read(at, Offset{offset}, 1000);
    ASSERT_FALSE(refused) << offset;
    EXPECT_EQ(refused.error().code, Errc::not_found);
    EXPECT_THAT(refused.error().message, HasSubstr(std::string(first)));
    EXPECT_THAT(refused.error().message, HasSubstr(std::string(next)));
}

TEST_P(EventLogContract, says_that_it_cannot_what_it_does_not_declare) {
    const TopicPartition at = partition(topic("orders"), 0);
    if (!log().capabilities().removes_records) {
        EXPECT_EQ(log().remove_before(at, Offset{0}).error().code, Errc::unsupported);
    }
    if (!log().capabilities().finds_newest) {
        EXPECT_EQ(log().newest(at).error().code, Errc::unsupported);
    }
}

TEST_P(EventLogContract, finds_the_first_of_the_newest_records_though_times_go_back) {
    if (!log().capabilities().finds_newest) GTEST_SKIP() << "not declared";
    const TopicPartition empty = partition(topic("empty"), 0);
    EXPECT_EQ(newest_of(empty), std::nullopt);
    const TopicPartition at = with_times({500, 100, 900, 700, 900, 300});
    EXPECT_EQ(newest_of(at), (TimedOffset{Offset{2}, ms(900)}));
    ASSERT_FALSE(append_value(at, "x", 901).error);
    wait_until_readable(at, 7);
    EXPECT_EQ(newest_of(at), (TimedOffset{Offset{6}, ms(901)}));
    EXPECT_EQ(log().newest(partition(at.topic, 1)).error().code, Errc::not_found);
}

TEST_P(EventLogContract, finds_the_newest_record_within_a_batch) {
    if (!log().capabilities().finds_newest) GTEST_SKIP() << "not declared";
    const TopicId id = topic("orders");
    std::vector<NewRecord> records;
    for (const std::int64_t time : {3, 9, 4, 9, 1}) records.push_back({id, PartitionId{0}, std::nullopt, BytesView("x"), {}, ms(time)});
    ASSERT_FALSE(append(records).error);
    wait_until_readable(partition(id, 0), 5);
    EXPECT_EQ(newest_of(partition(id, 0)), (TimedOffset{Offset{1}, ms(9)}));
    if (!log().capabilities().removes_records) return;
    ASSERT_TRUE(log().remove_before(partition(id, 0), Offset{2}));
    EXPECT_EQ(newest_of(partition(id, 0)), (TimedOffset{Offset{3}, ms(9)}));
    ASSERT_TRUE(log().remove_before(partition(id, 0), Offset{4}));
    EXPECT_EQ(newest_of(partition(id, 0)), (TimedOffset{Offset{4}, ms(1)}));
}

TEST_P(EventLogContract, removes_what_is_below_an_offset_for_every_reader_at_once) {
    if (!log().capabilities().removes_records) GTEST_SKIP() << "not declared";
    const TopicPartition at = with_times({500, 900, 700, 100, 600});
    const TopicPartition other = partition(topic("other"), 0);
    ASSERT_FALSE(append_value(other, "untouched").error);
    wait_until_readable(other, 1);
    ASSERT_TRUE(log().remove_before(at, Offset{2}));
    EXPECT_EQ(log().bounds(at)->first.value, 2);
    EXPECT_EQ(log().bounds(at)->next.value, 5);
    EXPECT_THAT(values_from(at, 2), ElementsAre("2", "3", "4"));
    expect_outside(at, 0, "2", "5");
    expect_outside(at, 1, "2", "5");
    EXPECT_EQ(log().offset_for_time(at, ms(0)).value(), (TimedOffset{Offset{2}, ms(700)}));
    EXPECT_EQ(log().offset_for_time(at, ms(800)).value(), std::nullopt);
    EXPECT_EQ(newest_of(at), (TimedOffset{Offset{2}, ms(700)}));
    EXPECT_THAT(values_from(other), ElementsAre("untouched"));
}

TEST_P(EventLogContract, never_brings_back_what_was_removed) {
    if (!log().capabilities().removes_records) GTEST_SKIP() << "not declared";
    const TopicPartition at = with_times({1, 2, 3, 4});
    ASSERT_TRUE(log().remove_before(at, Offset{3}));
    for (const std::int64_t lower : {3, 1, 0, -7}) {
        ASSERT_TRUE(log().remove_before(at, Offset{lower})) << lower;
        EXPECT_EQ(log().bounds(at)->first.value, 3);
    }
}

TEST_P(EventLogContract, removes_everything_and_goes_on_at_the_next_offset) {
    if (!log().capabilities().removes_records) GTEST_SKIP() << "not declared";
    const TopicPartition at = with_times({1, 2, 3});
    ASSERT_TRUE(log().remove_before(at, Offset{3}));
    EXPECT_EQ(log().bounds(at)->first.value, 3);
    EXPECT_THAT(values_from(at, 3), IsEmpty());
    EXPECT_EQ(log().offset_for_time(at, ms(0)).value(), std::nullopt);
    EXPECT_EQ(newest_of(at), std::nullopt);
    EXPECT_EQ(append_value(at, "next").places.at(0).offset.value, 3);
    wait_until_readable(at, 4);
    EXPECT_THAT(values_from(at, 3), ElementsAre("next"));
}

TEST_P(EventLogContract, refuses_to_remove_what_is_not_there_yet) {
    if (!log().capabilities().removes_records) GTEST_SKIP() << "not declared";
    const TopicPartition at = with_times({1, 2});
    for (const std::int64_t above : {std::int64_t{3}, std::int64_t{1} << 60}) {
        const auto refused = log().remove_before(at, Offset{above});
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::not_found);
        EXPECT_THAT(refused.error().message, HasSubstr("2"));
    }
    EXPECT_EQ(log().remove_before(partition(at.topic, 1), Offset{0}).error().code, Errc::not_found);
    EXPECT_EQ(log().remove_before(partition(TopicId{12345}, 0), Offset{0}).error().code, Errc::not_found);
    EXPECT_THAT(values_from(at), ElementsAre("0", "1"));
}

TEST_P(EventLogContract, removes_up_to_the_middle_of_a_batch) {
    if (!log().capabilities().removes_records) GTEST_SKIP() << "not declared";
    const TopicId id = topic("orders");
    const std::array<NewRecord, 4> records{{{id, PartitionId{0}, std::nullopt, BytesView("0"), {}, ms(9)},
                                            {id, PartitionId{0}, std::nullopt, BytesView("1"), {}, ms(9)},
                                            {id, PartitionId{0}, std::nullopt, BytesView("2"), {}, ms(8)},
                                            {id, PartitionId{0}, std::nullopt, BytesView("3"), {}, ms(7)}}};
    ASSERT_FALSE(append(records).error);
    wait_until_readable(partition(id, 0), 4);
    ASSERT_TRUE(log().remove_before(partition(id, 0), Offset{2}));
    expect_outside(partition(id, 0), 1, "2", "4");
    EXPECT_THAT(values_from(partition(id, 0), 2), ElementsAre("2", "3"));
    EXPECT_EQ(log().offset_for_time(partition(id, 0), ms(0)).value(), (TimedOffset{Offset{2}, ms(8)}));
}

TEST_P(EventLogContract, keeps_what_was_removed_away_after_it_was_opened_again) {
    if (!log().capabilities().removes_records) GTEST_SKIP() << "not declared";
    TopicPartition at = with_times(std::vector<std::int64_t>(60, 5));
    ASSERT_TRUE(log().remove_before(at, Offset{41}));
    if (!under_test().reopen()) GTEST_SKIP() << "keeps nothing";
    at = partition(log().find_topic("orders")->id, 0);
    EXPECT_EQ(log().bounds(at)->first.value, 41);
    const auto values = values_from(at, 41);
    ASSERT_EQ(values.size(), 19U);
    EXPECT_EQ(values.front(), "41");
    EXPECT_EQ(append_value(at, "next").places.at(0).offset.value, 60);
}

TEST_P(EventLogContract, loses_nothing_from_the_new_start_on_when_it_is_killed) {
    if (!log().capabilities().removes_records || !log().capabilities().survives_kill) GTEST_SKIP() << "not declared";
    for (std::int64_t round = 0; round < 5; ++round) {
        const TopicPartition at = partition(topic("orders"), 0);
        for (int i = 0; i < 20; ++i) ASSERT_FALSE(append_value(at, std::to_string(round * 20 + i) + std::string(500, 'x')).error);
        wait_until_readable(at, round * 20 + 20);
        ASSERT_TRUE(log().remove_before(at, Offset{round * 20 + 7}));
        under_test().kill_and_reopen();
        const TopicPartition again = partition(log().find_topic("orders")->id, 0);
        EXPECT_LE(log().bounds(again)->first.value, round * 20 + 7);
        const auto values = values_from(again, round * 20 + 7);
        ASSERT_EQ(values.size(), 13U);
        for (std::int64_t i = 0; i < 13; ++i)
            EXPECT_EQ(values[static_cast<std::size_t>(i)], std::to_string(round * 20 + 7 + i) + std::string(500, 'x'));
    }
}

}  // namespace tenter::log::testing
