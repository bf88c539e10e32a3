// Goal: what others do in our topics with transactions neither shows what they took back nor stops a reader.
// Method: a transactional producer beside the log, on the real Kafka. Each of its transactions ends with a marker that takes an offset.
#include <gmock/gmock.h>

#include <future>

#include <librdkafka/rdkafka.h>

#include "gateway/log/record_batch.hpp"
#include "gateway/log_kafka/kafka_log.hpp"
#include "tests/contract/running_kafka.hpp"

namespace tenter::log::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

constexpr int patience_ms = 30'000;

class OffsetGaps : public ::testing::Test {
protected:
    OffsetGaps() : prefix(unique_prefix()) {
        KafkaLogOptions options;
        options.cluster = running_kafka();
        options.topic_name = [this](std::string_view name) { return prefix + std::string(name); };
        options.create_topics = true;
        options.topics = {{"gaps", 1}};
        auto opened = KafkaLog::open(clock, std::move(options));
        if (!opened) throw std::runtime_error(opened.error().message);
        log = std::move(*opened);
        at = {log->find_topic("gaps")->id, PartitionId{0}};
        kafka_client::Settings settings(running_kafka());
        settings.set("transactional.id", prefix);
        other = std::move(*std::move(settings).make_producer());
        expect_done(rd_kafka_init_transactions(other.get(), patience_ms));
    }

    static void expect_done(rd_kafka_error_t* error) {
        EXPECT_EQ(error, nullptr) << rd_kafka_error_string(error);
        rd_kafka_error_destroy(error);
    }
    void begin(const std::vector<std::string>& values) {
        expect_done(rd_kafka_begin_transaction(other.get()));
        rd_kafka_topic_t* const topic = rd_kafka_topic_new(other.get(), (prefix + "gaps").c_str(), nullptr);
        for (const auto& value : values)
            EXPECT_EQ(rd_kafka_produce(topic, 0, RD_KAFKA_MSG_F_COPY, const_cast<char*>(value.data()), value.size(), nullptr, 0, nullptr),
                      0);
        rd_kafka_topic_destroy(topic);
        EXPECT_EQ(rd_kafka_flush(other.get(), patience_ms), RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    /// `end`: after its marker, which the broker writes when it has answered.
    void commit(std::int64_t end) {
        expect_done(rd_kafka_commit_transaction(other.get(), patience_ms));
        wait_for_end(end);
    }
    void abort(std::int64_t end) {
        expect_done(rd_kafka_abort_transaction(other.get(), patience_ms));
        wait_for_end(end);
    }
    void wait_for_end(std::int64_t end) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(patience_ms);
        while (log->bounds(at)->next.value != end) ASSERT_LT(std::chrono::steady_clock::now(), deadline);  // each look asks the broker
    }

    /// Returns its offset.
    std::int64_t append(std::string_view value) {
        const NewRecord record{at.topic, at.partition, std::nullopt, value, {}, UnixMillis(std::chrono::milliseconds(1))};
        std::promise<std::int64_t> done;
        log->append({&record, 1}, [&](AppendResult result) { done.set_value(result ? result->front().offset.value : -1); });
        return done.get_future().get();
    }
    /// Until the log says that there is nothing more: every answer must bring the reader further.
    std::vector<std::pair<std::int64_t, std::string>> read(std::int64_t from, std::size_t max_bytes = 1 << 20) {
        std::vector<std::pair<std::int64_t, std::string>> found;
        for (Offset next{from};;) {
            const auto batches = log->read(at, next, max_bytes);
            EXPECT_TRUE(batches) << batches.error().message;
            if (!batches || batches->next_offset == next) {
                EXPECT_EQ(next, log->bounds(at)->next);
                return found;
            }
            EXPECT_GT(batches->next_offset, next);
            const auto records = decode_batches(batches->bytes);
            EXPECT_TRUE(records) << records.error().message;
            for (const auto& record : *records) {
                EXPECT_GE(record.offset, next);
                found.emplace_back(record.offset.value, *record.value);
            }
            next = batches->next_offset;
        }
    }

    SystemClock clock;
    std::string prefix;
    std::unique_ptr<KafkaLog> log;
    TopicPartition at;
    kafka_client::Client other;
};

TEST_F(OffsetGaps, are_read_over_from_wherever_a_reader_begins_and_show_nothing_that_was_aborted) {
    EXPECT_EQ(append("ours"), 0);
    begin({"a", "b"});  // 1, 2, and the marker 3
    commit(4);
    begin({"taken back", "taken back"});  // 4, 5, 6
    abort(7);
    begin({"c"});  // 7, 8
    commit(9);
    EXPECT_THAT(read(0), ElementsAre(Pair(0, "ours"), Pair(1, "a"), Pair(2, "b"), Pair(7, "c")));
    for (const std::int64_t inside : {3, 4, 5, 6}) EXPECT_THAT(read(inside), ElementsAre(Pair(7, "c"))) << inside;
    EXPECT_THAT(read(8), IsEmpty());  // a marker and nothing behind it
    EXPECT_EQ(append("ours again"), 9);
    EXPECT_THAT(read(0, 1), ElementsAre(Pair(0, "ours"), Pair(1, "a"), Pair(2, "b"), Pair(7, "c"), Pair(9, "ours again")));
    EXPECT_THAT(read(8), ElementsAre(Pair(9, "ours again")));
}

TEST_F(OffsetGaps, of_a_partition_that_has_nothing_but_aborted_records_are_its_end) {
    begin({"taken back"});
    abort(2);
    EXPECT_THAT(read(0), IsEmpty());
}

TEST_F(OffsetGaps, end_a_reader_before_a_transaction_that_is_open_and_not_a_writer) {
    begin({"not yet"});
    EXPECT_EQ(append("ours"), 1);
    EXPECT_THAT(read(0), IsEmpty());
    EXPECT_EQ(log->bounds(at)->next.value, 0);
    commit(3);
    EXPECT_THAT(read(0), ElementsAre(Pair(0, "not yet"), Pair(1, "ours")));
}

}  // namespace
}  // namespace tenter::log::testing
