// Goal: a committed transaction holds every record that was given to it.
// Method: a batch fails while the one behind it is on its way already. A producer without transactions takes the success of the latter for
// both (docs/adr/0006); librdkafka 2.0.2 tells one with transactions that sequence numbers were skipped.
#include <future>

#include <gmock/gmock.h>

#include "gateway/forward/transaction.hpp"
#include "tests/unit/forward/forward_testing.hpp"

namespace tenter::forward::testing {
namespace {

using kafka_client::testing::Api;

class Transactions : public Forwarding {
protected:
    Transactions() {
        auto made = TransactionalProducer::make(options().link, {.id = std::string(log_id)});
        EXPECT_TRUE(made);
        producer = std::move(*made);
        EXPECT_TRUE(producer->init(never));
        topic = std::move(*open_topic(producer->client().get(), "orders"));
    }
    TransactionResult produce(BytesView value) {
        log::StoredRecord record;
        record.timestamp = UnixMillis(1ms);
        record.value = value;
        return producer->produce(topic.get(), 0, record, never);
    }
    /// Nothing tells when librdkafka has sent what it was given.
    static void let_it_be_sent() { EXPECT_EQ(std::promise<void>().get_future().wait_for(600ms), std::future_status::timeout); }

    const TransactionalProducer::OnWait never = [](const Error&) { return false; };
    std::unique_ptr<TransactionalProducer> producer;
    TopicHandle topic;
};

TEST_F(Transactions, are_not_committed_where_a_batch_is_thought_stored_because_a_later_one_is) {
    mock.set_round_trip(400);  // of the question for the partition, then of each batch
    mock.fail_next(Api::produce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
    ASSERT_TRUE(producer->begin());
    ASSERT_TRUE(produce("first"));
    let_it_be_sent();
    ASSERT_TRUE(produce("second"));
    const auto committed = producer->commit(never);
    mock.set_round_trip(0);
    const auto stored = values(0);
    EXPECT_EQ(committed.has_value(), std::ranges::count(stored, "first") == 1);
    if (committed) return;  // they were not on their way at the same time
    EXPECT_THAT(committed.error().error.message, ::testing::HasSubstr("skipped sequence numbers"));
    EXPECT_EQ(committed.error().remedy, Remedy::same_chunk);
    ASSERT_TRUE(producer->begin());
    ASSERT_TRUE(produce("first"));
    ASSERT_TRUE(producer->commit(never));
    EXPECT_EQ(std::ranges::count(values(0), "first"), 1);
}

}  // namespace
}  // namespace tenter::forward::testing
