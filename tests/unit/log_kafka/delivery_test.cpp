// What the broker answers to a batch, and what an append comes to. Method: the mock cluster is told to answer with each error there is.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "tests/unit/log_kafka/log_kafka_testing.hpp"

namespace tenter::log::testing {
namespace {

using kafka_client::testing::Api;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// All that a broker can say.
std::vector<rd_kafka_resp_err_t> codes_of_brokers() {
    const rd_kafka_err_desc* known = nullptr;
    std::size_t count = 0;
    rd_kafka_get_err_descs(&known, &count);
    std::vector<rd_kafka_resp_err_t> codes;
    for (std::size_t i = 0; i < count; ++i)
        if (known[i].desc != nullptr && known[i].code > RD_KAFKA_RESP_ERR_NO_ERROR) codes.push_back(known[i].code);
    return codes;
}

TEST_F(KafkaLogTest, answers_whatever_the_broker_says_and_acknowledges_only_what_is_stored_once) {
    open(options());
    const auto codes = codes_of_brokers();
    ASSERT_GT(codes.size(), 90U);
    std::vector<std::string> acknowledged;
    for (const auto code : codes) {
        mock.fail_next(Api::produce, {code});
        const std::string name = rd_kafka_err2name(code);
        const auto outcome = append(name);
        if (!outcome) acknowledged.push_back(name);
        if (!outcome) continue;
        const bool is_of_size = code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE || code == RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE;
        EXPECT_EQ(outcome->code, is_of_size ? Errc::too_large : Errc::unavailable) << name << ": " << outcome->message;
        std::string after = "after " + name;
        ASSERT_TRUE(eventually([&] { return !append(after); })) << "no recovery from " << name;
        acknowledged.push_back(after);
    }
    EXPECT_GT(acknowledged.size(), codes.size() - 5);
    const auto all = stored();
    std::multiset<std::string> counts(all.begin(), all.end());
    for (const auto& value : acknowledged) EXPECT_EQ(counts.count(value), 1U) << value;
    std::vector<std::string> in_order;
    for (const auto& value : all)
        if (std::ranges::find(acknowledged, value) != acknowledged.end()) in_order.push_back(value);
    EXPECT_EQ(in_order, acknowledged);
}

TEST_F(KafkaLogTest, does_not_believe_that_a_batch_is_stored_because_a_later_one_is) {
    auto how = options();
    how.delivery_timeout = patience;  // an append that is given up may be stored all the same
    open(std::move(how));
    mock.set_round_trip(200);
    mock.fail_next(Api::produce, {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION});
    auto first = append_later("first");
    ASSERT_EQ(first.wait_for(100ms), std::future_status::timeout);  // on its way, so that the second is a batch of its own
    auto second = append_later("second");
    const auto outcome = first.get();
    const auto other = second.get();
    mock.set_round_trip(0);
    const auto all = stored();
    EXPECT_EQ(!outcome, std::ranges::count(all, "first") == 1);
    EXPECT_EQ(!other, std::ranges::count(all, "second") == 1);
}

TEST_F(KafkaLogTest, tells_of_an_append_that_is_stored_in_part) {
    mock.make_topic("others", 1);
    auto how = options();
    how.topics.push_back({"others", 1});
    how.linger = 0ms;
    open(std::move(how));
    const TopicId others = log->find_topic("others")->id;
    mock.set_round_trip(200);
    mock.fail_next(Api::produce, {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED});
    const std::vector<NewRecord> records{{orders, PartitionId{0}, std::nullopt, BytesView("a"), {}, UnixMillis(1ms)},
                                         {others, PartitionId{0}, std::nullopt, BytesView("b"), {}, UnixMillis(1ms)}};
    std::promise<Outcome> done;
    log->append(records, [&](AppendResult result) { done.set_value(result ? Outcome{} : Outcome{result.error()}); });
    const auto outcome = done.get_future().get();
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->code, Errc::unavailable);
    EXPECT_THAT(outcome->message, HasSubstr("1 of 2 events were stored"));
}

TEST_F(KafkaLogTest, refuses_to_open_without_a_topic_and_names_all_that_are_missing) {
    mock.lose_topic("gone");
    mock.lose_topic("lost");
    auto how = options();
    how.topics.push_back({"gone", 1});
    how.topics.push_back({"lost", 1});
    const auto refused = KafkaLog::open(clock, std::move(how));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::not_found);
    EXPECT_THAT(refused.error().message, HasSubstr("\"gone\", \"lost\""));
    EXPECT_THAT(refused.error().message, HasSubstr("tenter config topics"));
}

TEST_F(KafkaLogTest, takes_a_topic_with_more_partitions_and_refuses_one_with_fewer) {
    mock.make_topic("wide", 4);
    auto how = options();
    how.topics = {{"orders", 1}, {"wide", 2}};
    open(how);
    EXPECT_EQ(log->find_topic("wide")->partition_count, 4);
    how.topics = {{"wide", 5}};
    const auto refused = KafkaLog::open(clock, std::move(how));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_input);
    EXPECT_THAT(refused.error().message, HasSubstr("4 partitions"));
}

TEST_F(KafkaLogTest, says_that_it_does_not_know_the_limits_where_the_broker_does_not_tell) {
    open(options());
    EXPECT_TRUE(was_noticed("max.message.bytes"));
}

}  // namespace
}  // namespace tenter::log::testing
