// A record that Kafka does not take is kept once, however often it is put aside.
#include "gateway/forward/dead_letters.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "gateway/forward/local_partition.hpp"
#include "tests/contract/in_memory_event_log.hpp"

namespace tenter::forward {
namespace {

class DeadLetters : public ::testing::Test {
protected:
    Result<void> put(std::int64_t offset, std::int32_t partition = 0) {
        const log::StoredRecord record{log::Offset{offset},
                                       UnixMillis(std::chrono::milliseconds(1234)),
                                       "key",
                                       "value " + std::to_string(offset),
                                       {{"envelope", BytesView("\x80")}}};
        value_ = "value " + std::to_string(offset);
        auto kept = record;
        kept.value = value_;
        return put_dead_letter(log,
                               {.source = "orders", .partition = partition, .partition_count = 2, .record = &kept, .reason = "too large"});
    }
    void wait_readable(std::int64_t next) {
        const log::TopicPartition at{log.find_topic("orders.dead")->id, log::PartitionId{0}};
        while (log.bounds(at)->next.value < next) std::this_thread::yield();
    }
    Piece letters(std::int32_t partition) {
        const auto topic = log.find_topic("orders.dead");
        EXPECT_TRUE(topic);
        auto piece = read_piece(log, {topic->id, log::PartitionId{partition}}, log::Offset{0}, 1 << 20);
        EXPECT_TRUE(piece);
        return std::move(*piece);
    }

    log::testing::InMemoryEventLog log;
    std::string value_;
};

TEST_F(DeadLetters, are_the_record_itself_with_where_it_is_and_why) {
    ASSERT_TRUE(put(7, 1));
    ASSERT_TRUE(log.stop());
    const auto piece = letters(1);
    ASSERT_EQ(piece.records.size(), 1U);
    const auto& letter = piece.records[0];
    EXPECT_EQ(letter.key, "key");
    EXPECT_EQ(letter.value, "value 7");
    EXPECT_EQ(letter.timestamp, UnixMillis(std::chrono::milliseconds(1234)));
    EXPECT_EQ(letter.header("envelope"), "\x80");
    EXPECT_EQ(letter.header("tenter-dead-source"), "orders");
    EXPECT_EQ(letter.header("tenter-dead-partition"), "1");
    EXPECT_EQ(letter.header("tenter-dead-offset"), "7");
    EXPECT_EQ(letter.header("tenter-dead-reason"), "too large");
}

TEST_F(DeadLetters, are_there_once_though_they_are_put_again_and_others_are_between) {
    ASSERT_TRUE(put(3));
    const auto topic = *log.find_topic("orders.dead");
    for (int i = 0; i < 300; ++i) {  // of somebody else
        const log::NewRecord other{topic.id, log::PartitionId{0}, std::nullopt, BytesView("other"), {}, UnixMillis{}};
        log.append({&other, 1}, [](log::AppendResult) {});
    }
    wait_readable(301);  // as a process that was started anew finds it
    ASSERT_TRUE(put(3));
    ASSERT_TRUE(put(3, 1));
    ASSERT_TRUE(put(9));
    wait_readable(302);
    ASSERT_TRUE(put(3));  // below the last one
    ASSERT_TRUE(log.stop());
    EXPECT_EQ(letters(0).records.size(), 302U);
    EXPECT_EQ(letters(1).records.size(), 1U);
}

TEST_F(DeadLetters, fail_as_the_log_does) {
    ASSERT_TRUE(log.ensure_topic("orders.dead", 2));
    log.refuse_next({Errc::overloaded, "full"});
    EXPECT_EQ(put(1).error().code, Errc::overloaded);
}

}  // namespace
}  // namespace tenter::forward
