// What `tenter log forward` shows of its progress and of where everything went.
#include "cli/forward_report.hpp"

#include <gtest/gtest.h>

namespace tenter::cli {
namespace {

forward::PartitionPosition at(std::string source, std::int32_t partition, std::int64_t next, std::int64_t end, std::uint64_t records = 0) {
    forward::PartitionPosition position;
    position.topic = "incoming." + source;
    position.source = std::move(source);
    position.partition = partition;
    position.next = log::Offset{next};
    position.end = log::Offset{end};
    position.records_forwarded = records;
    position.bytes_forwarded = records * 1024;
    return position;
}

TEST(ForwardProgressLine, says_how_much_how_fast_and_how_long) {
    const std::vector<forward::PartitionPosition> positions{at("shop", 0, 1'500'000, 2'000'000, 1'000'000), at("demo", 0, 7, 7)};
    const auto progress = progress_of(positions, std::chrono::seconds(10));
    EXPECT_EQ(progress_line(progress, true), "[=============>      ]  66 %  1,000,000 of 1,500,000 records  976 MiB  100,000/s  6 s left");
    EXPECT_EQ(progress_line(progress, false), "66 %  1,000,000 of 1,500,000 records  976 MiB  100,000/s  6 s left");
}

TEST(ForwardProgressLine, is_whole_where_there_is_nothing_to_do_and_promises_nothing_before_the_first_record) {
    EXPECT_EQ(progress_line({}, true), "[====================]  100 %  0 of 0 records  0 KiB");
    EXPECT_EQ(progress_line({.done_records = 0, .left_records = 999, .elapsed = std::chrono::seconds(3)}, true),
              "[>                   ]  0 %  0 of 999 records  0 KiB");
}

TEST(ForwardProgressLine, counts_long_times_in_minutes_and_hours) {
    const auto line = [](std::uint64_t left) {
        return progress_line({.done_records = 10, .left_records = left, .elapsed = std::chrono::seconds(1)}, false);
    };
    EXPECT_TRUE(line(5'990).ends_with("/s  10 min left")) << line(5'990);
    EXPECT_TRUE(line(108'000).ends_with("/s  3 h 0 min left")) << line(108'000);
}

TEST(ForwardPositionTable, has_a_row_for_each_partition) {
    const std::vector<forward::PartitionPosition> positions{at("shop", 0, 1204, 1204), at("shop", 1, 7, 7)};
    const std::vector<std::int64_t> kafka{1391, 12};
    EXPECT_EQ(position_table(positions, kafka),
              "source  partition  topic          local offset  Kafka offset\n"
              "shop            0  incoming.shop          1204          1391\n"
              "shop            1  incoming.shop             7            12\n");
    EXPECT_TRUE(position_table(positions, {}).ends_with("?\n"));
}

}  // namespace
}  // namespace tenter::cli
