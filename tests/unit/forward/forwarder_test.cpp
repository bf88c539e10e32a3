// Goal: everything gets to Kafka once and in order, whatever the brokers answer, and who must act is told.
// Method: librdkafka's mock cluster, which fails requests as it is told. It keeps no markers of transactions: what was aborted stays
// visible, so that here every record is there at least once; exactly once is shown with a real Kafka, in tests/interop/forward.
#include "gateway/forward/forwarder.hpp"

#include <gmock/gmock.h>

#include "tests/unit/forward/forward_testing.hpp"

namespace tenter::forward::testing {
namespace {

using kafka_client::testing::Api;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(Forwarding, copies_records_as_they_are_and_says_where_they_come_from) {
    append(0, "one");
    const log::NewRecord bare{local.find_topic("orders")->id,          log::PartitionId{0}, std::nullopt, std::nullopt, {},
                              UnixMillis(std::chrono::milliseconds(5))};
    local.append({&bare, 1}, [](const log::AppendResult&) {});
    append(0, "");
    const auto forwarder = start();
    ASSERT_TRUE(reaches(*forwarder, 0, 3)) << notices.all();
    const auto records = read_kafka(mock.bootstrap(), "orders", 0);
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].key, "key");
    EXPECT_EQ(records[0].value, "one");
    EXPECT_EQ(records[0].timestamp, 1'700'000'000'000);
    EXPECT_THAT(records[0].headers,
                ElementsAre(std::pair("envelope", "\x80"), std::pair("tenter-log", std::string(log_id)), std::pair("tenter-offset", "0")));
    EXPECT_FALSE(records[1].key);
    EXPECT_FALSE(records[1].value);
    EXPECT_EQ(records[1].timestamp, 5);
    EXPECT_EQ(records[1].header("tenter-offset"), "1");
    EXPECT_EQ(records[2].value, "");
}

TEST_F(Forwarding, follows_what_is_appended_to_every_partition) {
    const auto forwarder = start();
    append_many(0, 300, "a");
    append_many(1, 200, "b");
    ASSERT_TRUE(reaches(*forwarder, 0, 300) && reaches(*forwarder, 1, 200)) << notices.all();
    const auto first = values(0);
    ASSERT_EQ(first.size(), 300U);
    for (std::size_t i = 0; i < first.size(); ++i) EXPECT_EQ(first[i], "a" + std::to_string(i));
    EXPECT_EQ(values(1).size(), 200U);
    const auto position = forwarder->positions()[0];
    EXPECT_EQ(position.records_forwarded, 300U);
    EXPECT_EQ(position.bytes_behind, 0U);
}

TEST_F(Forwarding, goes_on_where_the_one_before_it_was) {
    append_many(0, 40);
    {
        const auto forwarder = start();
        ASSERT_TRUE(reaches(*forwarder, 0, 40));
    }
    append(0, "after");
    const auto forwarder = start();
    ASSERT_TRUE(reaches(*forwarder, 0, 41)) << notices.all();
    EXPECT_EQ(values(0).size(), 41U);
}

TEST_F(Forwarding, is_not_led_astray_by_records_of_another_log) {
    append_many(0, 5);
    {
        auto other = options();
        other.log_id = [] { return std::string("11111111-1111-7111-8111-111111111111"); };
        const auto forwarder = start(other);
        ASSERT_TRUE(reaches(*forwarder, 0, 5));
    }
    const auto forwarder = start();
    ASSERT_TRUE(reaches(*forwarder, 0, 5)) << notices.all();
    EXPECT_EQ(values(0).size(), 10U);
}

TEST_F(Forwarding, gets_everything_there_in_order_whichever_error_a_request_meets) {
    const auto forwarder = start();
    std::int64_t count = 0;
    const std::vector<rd_kafka_resp_err_t> coordinator{RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                                       RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
                                                       RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT};
    const std::vector<rd_kafka_resp_err_t> doubtful{
        RD_KAFKA_RESP_ERR_INVALID_TXN_STATE,       RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
        RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,  RD_KAFKA_RESP_ERR_UNKNOWN};
    const std::vector<rd_kafka_resp_err_t> produce{RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
                                                   RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
                                                   RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND,
                                                   RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
                                                   RD_KAFKA_RESP_ERR_INVALID_MSG,
                                                   RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                                                   RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                                                   RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER,
                                                   RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED};
    const auto meets = [&](Api api, rd_kafka_resp_err_t code) {
        mock.fail_next(api, {code});
        append(0, "value " + std::to_string(count++));
        ASSERT_TRUE(reaches(*forwarder, 0, count)) << rd_kafka_err2name(code) << "\n" << notices.all();
    };
    for (const Api api : {Api::add_partitions_to_txn, Api::end_txn}) {
        for (const auto code : coordinator) meets(api, code);
        for (const auto code : doubtful) meets(api, code);
    }
    for (const auto code : produce) meets(Api::produce, code);
    EXPECT_EQ(forwarder->state(), ForwarderState::forwarding);
    std::vector<std::string> once;
    for (auto& value : values(0))
        if (std::ranges::find(once, value) == once.end()) once.push_back(std::move(value));
    ASSERT_EQ(once.size(), static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < once.size(); ++i) EXPECT_EQ(once[i], "value " + std::to_string(i));
}

TEST_F(Forwarding, starts_although_the_first_requests_fail) {
    for (const auto code : {RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS,
                            RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_UNKNOWN}) {
        mock.fail_next(Api::init_producer_id, {code});
        append(0, "value");
        const auto forwarder = start();
        ASSERT_TRUE(reaches(*forwarder, 0, local.bounds({local.find_topic("orders")->id, log::PartitionId{0}})->next.value))
            << rd_kafka_err2name(code);
    }
}

TEST_F(Forwarding, ends_for_good_when_another_one_has_taken_over_and_the_log_goes_on) {
    for (const auto code : {RD_KAFKA_RESP_ERR_PRODUCER_FENCED, RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH}) {
        const auto forwarder = start();
        mock.fail_next(Api::end_txn, {code});
        append(0, "value");
        ASSERT_TRUE(eventually([&] { return forwarder->state() == ForwarderState::halted; })) << notices.all();
        EXPECT_THAT(forwarder->why_halted()->message, HasSubstr("taken over"));
        append(0, "goes on");
    }
    EXPECT_EQ(notices.count("forwarding has ended: another forwarder"), 2U);
}

TEST_F(Forwarding, takes_the_end_of_a_transaction_that_lasted_too_long_for_no_take_over) {
    auto its_options = options();
    its_options.transaction_timeout = 1'000ms;
    const auto forwarder = start(its_options);
    // The record waits in vain until it is too old, which ends the transaction.
    mock.fail_next(Api::produce, std::vector<rd_kafka_resp_err_t>(40, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS));
    mock.fail_next(Api::end_txn, {RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH});
    append(0, "value");
    EXPECT_TRUE(eventually([&] { return forwarder->state() == ForwarderState::connecting; })) << notices.all();
    EXPECT_TRUE(reaches(*forwarder, 0, 1)) << notices.all();
}

TEST_F(Forwarding, outlasts_an_outage_and_tells_of_it_when_it_begins_now_and_then_and_when_it_ends) {
    auto its_options = options();
    its_options.reminder = 700ms;
    const auto forwarder = start(its_options);
    append(0, "before");
    ASSERT_TRUE(reaches(*forwarder, 0, 1));
    mock.set_down();
    append_many(0, 10);
    ASSERT_TRUE(eventually([&] { return notices.count("forwarding still waits") >= 1; })) << notices.all();
    EXPECT_EQ(notices.count("forwarding waits"), 1U) << notices.all();
    EXPECT_EQ(notices.count("10 records"), notices.count("forwarding"));
    mock.set_up();
    ASSERT_TRUE(reaches(*forwarder, 0, 11)) << notices.all();
    EXPECT_TRUE(eventually([&] { return notices.count("forwarding goes on after") == 1; })) << notices.all();
    EXPECT_LE(notices.count("forwarding still waits"), 4U);
}

TEST_F(Forwarding, starts_without_kafka_and_forwards_when_it_is_there) {
    mock.set_down();
    auto its_options = options();
    its_options.start_timeout = 300ms;
    append(0, "value");
    const auto forwarder = start(its_options);
    EXPECT_EQ(notices.count("Kafka does not answer, forwarding begins later"), 1U);
    EXPECT_EQ(forwarder->state(), ForwarderState::connecting);
    mock.set_up();
    EXPECT_TRUE(reaches(*forwarder, 0, 1)) << notices.all();
}

TEST_F(Forwarding, stops_soon_although_kafka_does_not_answer) {
    const auto forwarder = start();
    append(0, "value");
    ASSERT_TRUE(reaches(*forwarder, 0, 1));
    mock.set_down();
    append(0, "value");
    ASSERT_TRUE(eventually([&] { return notices.count("forwarding waits") == 1; }));
    const auto began = std::chrono::steady_clock::now();
    forwarder->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
    EXPECT_EQ(forwarder->state(), ForwarderState::stopped);
}

TEST_F(Forwarding, catches_up_before_it_stops_where_it_is_given_the_time) {
    const auto forwarder = start();
    ASSERT_TRUE(eventually([&] { return forwarder->state() == ForwarderState::forwarding; }));
    append_many(0, 500);
    ASSERT_TRUE(eventually([&] { return forwarder->positions()[0].end.value == 500; }));
    forwarder->stop(std::chrono::seconds(20));
    EXPECT_EQ(forwarder->positions()[0].next.value, 500);
}

TEST_F(Forwarding, is_refused_where_topics_are_missing_and_all_of_them_are_named) {
    for (const auto* const name : {"a", "b"}) {
        ASSERT_TRUE(local.ensure_topic(name, 1));
        mock.lose_topic(name);
    }
    auto its_options = options();
    its_options.routes = {{"orders", "orders"}, {"a", "a"}, {"b", "b"}};
    const auto started = make(its_options)->start();
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, Errc::not_found);
    EXPECT_THAT(started.error().message, AllOf(HasSubstr("\"a\""), HasSubstr("\"b\"")));
}

TEST_F(Forwarding, is_refused_where_kafka_has_fewer_partitions_or_two_sources_meet_or_there_is_none) {
    ASSERT_TRUE(local.ensure_topic("wide", 3));
    mock.make_topic("narrow", 2);
    auto its_options = options();
    its_options.routes = {{"wide", "narrow"}};
    EXPECT_THAT(make(its_options)->start().error().message, AllOf(HasSubstr("\"narrow\" has 2"), HasSubstr("\"wide\" has 3")));
    its_options.routes = {{"wide", "orders"}, {"orders", "orders"}};
    EXPECT_THAT(make(its_options)->start().error().message, HasSubstr("two sources"));
    its_options.routes.clear();
    EXPECT_EQ(make(its_options)->start().error().code, Errc::invalid_input);
}

TEST_F(Forwarding, is_refused_where_a_record_may_be_larger_than_the_topic_takes_and_nothing_says_what_becomes_of_it) {
    auto its_options = options();
    its_options.largest_payload = 1'048'588;
    EXPECT_THAT(make(its_options)->start().error().message, AllOf(HasSubstr("\"orders\" takes 1048588"), HasSubstr("oversize")));
    its_options.oversize = Oversize::dead;
    EXPECT_TRUE(make(its_options)->start());
}

std::string large_value() { return std::string(2'000, 'x'); }
std::size_t small_limit(const std::string&) { return 2'100; }

TEST_F(Forwarding, stops_before_a_record_that_is_too_large_and_the_other_partition_goes_on) {
    auto its_options = options();
    its_options.oversize = Oversize::stop;
    its_options.recheck = 20ms;
    its_options.max_message_bytes = small_limit;
    const auto forwarder = start(its_options);
    append(0, "small");
    append(0, large_value());
    append(0, "behind");
    append_many(1, 10);
    ASSERT_TRUE(reaches(*forwarder, 1, 10) && reaches(*forwarder, 0, 1)) << notices.all();
    ASSERT_TRUE(eventually([&] { return forwarder->positions()[0].is_stopped; }));
    EXPECT_EQ(forwarder->positions()[0].next.value, 1);
    EXPECT_EQ(notices.count("source orders partition 0 is not forwarded further: the record at offset 1 takes"), 1U) << notices.all();
    EXPECT_THAT(values(0), ElementsAre("small"));
    // It is looked at again and again meanwhile, and told once.
    EXPECT_EQ(notices.count("is not forwarded further"), 1U) << notices.all();
}

TEST_F(Forwarding, keeps_a_record_that_is_too_large_as_a_dead_letter_once_and_goes_on) {
    auto its_options = options();
    its_options.oversize = Oversize::dead;
    its_options.max_message_bytes = small_limit;
    append(0, "small");
    append(0, large_value());
    {
        const auto forwarder = start(its_options);
        ASSERT_TRUE(reaches(*forwarder, 0, 2)) << notices.all();  // and ends before a record behind it says so
    }
    append(0, "behind");
    const auto forwarder = start(its_options);
    ASSERT_TRUE(reaches(*forwarder, 0, 3)) << notices.all();
    EXPECT_THAT(values(0), ElementsAre("small", "behind"));
    const log::TopicPartition dead{local.find_topic("orders.dead")->id, log::PartitionId{0}};
    EXPECT_EQ(local.bounds(dead)->next.value, 1);
    EXPECT_GE(notices.count("it is kept in orders.dead"), 1U);
}

TEST_F(Forwarding, ends_where_kafka_has_more_of_this_log_than_the_log_itself) {
    append_many(0, 10);
    {
        const auto forwarder = start();
        ASSERT_TRUE(reaches(*forwarder, 0, 10));
    }
    log::testing::InMemoryEventLog older;
    for (int i = 0; i < 4; ++i) append(older, 0, "value " + std::to_string(i));
    Forwarder forwarder(older, clock, options(), [this](Severity severity, std::string_view text) { notices.add(severity, text); });
    ASSERT_TRUE(forwarder.start());
    ASSERT_TRUE(eventually([&] { return forwarder.state() == ForwarderState::halted; })) << notices.all();
    EXPECT_THAT(forwarder.why_halted()->message, AllOf(HasSubstr("up to offset 9"), HasSubstr("ends at 4"), HasSubstr("backup")));
    EXPECT_EQ(values(0).size(), 10U);
}

TEST_F(Forwarding, ends_where_kafka_has_another_history_of_this_log) {
    append_many(0, 3);
    {
        const auto forwarder = start();
        ASSERT_TRUE(reaches(*forwarder, 0, 3));
    }
    log::testing::InMemoryEventLog copy;
    for (int i = 0; i < 8; ++i) append(copy, 0, "another " + std::to_string(i));
    Forwarder forwarder(copy, clock, options(), [this](Severity severity, std::string_view text) { notices.add(severity, text); });
    ASSERT_TRUE(forwarder.start());
    ASSERT_TRUE(eventually([&] { return forwarder.state() == ForwarderState::halted; })) << notices.all();
    EXPECT_THAT(forwarder.why_halted()->message, AllOf(HasSubstr("offset 2"), HasSubstr("another history")));
}

TEST_F(Forwarding, warns_before_and_when_more_is_unforwarded_than_allowed) {
    mock.set_down();
    auto its_options = options();
    its_options.start_timeout = 200ms;
    its_options.max_unforwarded_bytes = 100'000;
    const auto forwarder = start(its_options);
    const std::string value(900, 'v');
    const auto fill = [&](int count, std::string_view notice) {
        for (int i = 0; i < count; ++i) append(0, value);
        ASSERT_TRUE(eventually([&] { return notices.count(notice) == 1; })) << notices.all();
    };
    fill(55, "over 50 % of forward.max_unforwarded (97 KiB)");
    fill(40, "over 90 % of forward.max_unforwarded");
    fill(30, "more than forward.max_unforwarded");
    EXPECT_EQ(notices.count("over 50 %"), 1U);
    EXPECT_GT(forwarder->positions()[0].bytes_behind, 100'000U);
}

}  // namespace
}  // namespace tenter::forward::testing
