// Another process reads: here another object, without the lock, through nothing but the folder.
#include "gateway/log_segment/log_reader.hpp"

#include "tests/unit/log_segment/log_testing.hpp"

namespace tenter::log::testing {
namespace {

class LogReaderBesideWriter : public ::testing::Test {
protected:
    std::unique_ptr<LogReader> open_reader() {
        auto reader = LogReader::open_recovering(env, clock, options);
        EXPECT_TRUE(reader) << reader.error().message;
        return reader ? std::move(*reader) : nullptr;
    }
    static TopicPartition find(LogReader& reader, std::string_view name) {
        const auto topic = reader.find_topic(name);
        EXPECT_TRUE(topic) << topic.error().message;
        return {topic->id, PartitionId{0}};
    }

    TemporaryFolder folder;
    PosixEnv env;
    SystemClock clock;
    SegmentLogOptions options = small_options(folder.path() + "/log");
};

TEST_F(LogReaderBesideWriter, reads_what_a_running_log_appends) {
    const auto log = open_log(env, clock, options);
    const TopicPartition at{*log->ensure_topic("orders", 1), PartitionId{0}};
    append(*log, at.topic, "one");
    wait_readable(*log, at, 1);
    const auto reader = open_reader();
    const auto from = find(*reader, "orders");
    EXPECT_EQ(values_from(*reader, from), std::vector<std::string>{"one"});
    const std::uint64_t before = reader->moves();
    append(*log, at.topic, "two");
    wait_readable(*log, at, 2);
    EXPECT_NE(reader->moves(), before);
    EXPECT_EQ(reader->bounds(from)->next.value, 2);
    EXPECT_EQ(values_from(*reader, from), (std::vector<std::string>{"one", "two"}));
}

TEST_F(LogReaderBesideWriter, sees_topics_and_segments_that_are_made_after_it_was_opened) {
    const auto log = open_log(env, clock, options);
    const auto reader = open_reader();
    EXPECT_TRUE(reader->topics()->empty());
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(log->ensure_topic("topic-" + std::to_string(i), 2));  // the mapped file grows
    const TopicPartition at{log->find_topic("topic-199")->id, PartitionId{1}};
    for (int i = 0; i < 40; ++i) append(*log, at.topic, std::string(1000, 'a'), 1000 + i, at.partition);
    wait_readable(*log, at, 40);
    EXPECT_EQ(reader->topics()->size(), 200U);
    const TopicPartition from{reader->find_topic("topic-199")->id, PartitionId{1}};
    EXPECT_EQ(values_from(*reader, from).size(), 40U);
    EXPECT_EQ((*reader->offset_for_time(from, at_ms(1033))).value(), (TimedOffset{Offset{33}, at_ms(1033)}));
    EXPECT_FALSE(reader->offset_for_time(from, at_ms(1040))->has_value());
}

TEST_F(LogReaderBesideWriter, recovers_a_stopped_log_under_its_lock_and_lets_go_of_it) {
    {
        const auto log = open_log(env, clock, options);
        const TopicPartition at{*log->ensure_topic("orders", 1), PartitionId{0}};
        append(*log, at.topic, "one");
    }
    std::filesystem::remove(options.directory + "/watermarks");
    const auto reader = open_reader();
    EXPECT_EQ(values_from(*reader, find(*reader, "orders")), std::vector<std::string>{"one"});
    EXPECT_TRUE(open_log(env, clock, options));
}

TEST_F(LogReaderBesideWriter, goes_on_after_the_log_was_stopped_and_opened_again) {
    auto log = open_log(env, clock, options);
    TopicPartition at{*log->ensure_topic("orders", 1), PartitionId{0}};
    append(*log, at.topic, "one");
    wait_readable(*log, at, 1);
    const auto reader = open_reader();
    const auto from = find(*reader, "orders");
    EXPECT_EQ(values_from(*reader, from).size(), 1U);
    log.reset();
    EXPECT_EQ(values_from(*reader, from).size(), 1U);
    log = open_log(env, clock, options);
    append(*log, *log->ensure_topic("another", 1), "x");
    append(*log, *log->ensure_topic("orders", 1), "two");
    at.topic = log->find_topic("orders")->id;
    wait_readable(*log, at, 2);
    EXPECT_EQ(values_from(*reader, from), (std::vector<std::string>{"one", "two"}));
}

TEST_F(LogReaderBesideWriter, makes_no_log_where_there_is_none) {
    const auto reader = LogReader::open_recovering(env, clock, options);
    ASSERT_FALSE(reader);
    EXPECT_EQ(reader.error().code, Errc::not_found);
    EXPECT_FALSE(std::filesystem::exists(options.directory));
}

TEST_F(LogReaderBesideWriter, names_both_bounds_for_an_offset_outside_the_log) {
    const auto log = open_log(env, clock, options);
    const TopicPartition at{*log->ensure_topic("orders", 1), PartitionId{0}};
    append(*log, at.topic, "one");
    wait_readable(*log, at, 1);
    const auto reader = open_reader();
    const auto read = reader->read(find(*reader, "orders"), Offset{7}, 100);
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Errc::not_found);
    EXPECT_EQ(read.error().message, "offset 7 is outside the log, which holds 0 up to, not including, 1");
}

}  // namespace
}  // namespace tenter::log::testing
