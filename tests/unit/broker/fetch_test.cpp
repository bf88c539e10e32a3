// Fetch: whole stored batches as they are, and waiting for them. Expected: Kafka's protocol guide, KIP-74 (the first batch always), KIP-227
// (sessions), KIP-320 (leader epochs).

#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

class Fetching : public BrokerTest {
protected:
    [[nodiscard]] FetchResponse fetch(TestClient& client, const FetchRequest& request) { return client.ask<FetchResponse>(request, 11); }
};

/// All partitions of a topic from an offset.
FetchRequest fetch_all(std::string topic, std::int32_t partitions, std::int64_t offset) {
    FetchRequest request{.max_wait_ms = 500, .min_bytes = 1, .topics = {{.topic = std::move(topic), .partitions = {}}}};
    for (std::int32_t i = 0; i < partitions; ++i)
        request.topics[0].partitions.push_back({.partition = i, .fetch_offset = offset, .partition_max_bytes = 1 << 20});
    return request;
}

TEST_F(Fetching, gives_stored_batches_byte_for_byte) {
    append("demo", 0, {"a", "b"});
    append("demo", 0, {"c"});
    const auto client = login();
    const auto response = fetch(*client, fetch_of("incoming.demo", 0, 0));
    EXPECT_EQ(response.error_code, ErrorCode::none);
    EXPECT_EQ(response.responses[0].topic, "incoming.demo");
    const auto& partition = only(response);
    EXPECT_EQ(partition.error_code, ErrorCode::none);
    EXPECT_EQ(partition.high_watermark, 3);
    EXPECT_EQ(partition.last_stable_offset, 3);
    EXPECT_EQ(partition.log_start_offset, 0);
    EXPECT_EQ(partition.preferred_read_replica, -1);
    EXPECT_TRUE(!partition.aborted_transactions || partition.aborted_transactions->empty());
    EXPECT_EQ(bytes_of(partition.records), stored("demo", 0));
}

TEST_F(Fetching, gives_the_whole_batch_that_an_offset_is_in) {
    append("demo", 0, {"a", "b", "c"});
    append("demo", 0, {"d"});
    const auto client = login();
    EXPECT_EQ(bytes_of(only(fetch(*client, fetch_of("incoming.demo", 0, 2))).records), stored("demo", 0));
    EXPECT_EQ(bytes_of(only(fetch(*client, fetch_of("incoming.demo", 0, 3))).records), stored("demo", 0, 3));
}

TEST_F(Fetching, reads_committed_records_only_as_all_are) {
    append("demo", 0, {"a"});
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    request.isolation_level = 1;
    for (const auto version : std::vector<std::int16_t>{4, 5, 10, 11}) {
        const auto response = client->ask<FetchResponse>(request, version);
        EXPECT_EQ(only(response).last_stable_offset, 1);
        EXPECT_EQ(bytes_of(only(response).records), stored("demo", 0));
    }
}

TEST_F(Fetching, answers_at_once_when_nobody_wants_to_wait) {
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    request.max_wait_ms = 0;
    EXPECT_EQ(only(fetch(*client, request)).records.size(), 0U);
    request.max_wait_ms = 500;
    request.min_bytes = 0;
    EXPECT_EQ(only(fetch(*client, request)).records.size(), 0U);
    EXPECT_TRUE(fetch(*client, {.max_wait_ms = 500, .min_bytes = 1}).responses.empty());
}

TEST_F(Fetching, waits_for_records_until_its_time_is_over) {
    const auto client = login();
    client->send(fetch_of("incoming.demo", 0, 0), 11);
    let_pass(499ms);
    EXPECT_FALSE(client->is_answered());
    let_pass(1ms);
    const auto response = client->answer<FetchResponse>(11);
    EXPECT_EQ(only(response).error_code, ErrorCode::none);
    EXPECT_EQ(only(response).records.size(), 0U);
    EXPECT_EQ(only(response).high_watermark, 0);
}

TEST_F(Fetching, answers_a_waiting_client_when_a_record_comes) {
    const auto client = login();
    const auto other = login();
    client->send(fetch_of("incoming.demo", 0, 0), 11);
    other->send(fetch_of("incoming.shop", 0, 0), 11);
    append("demo", 0, {"a"});
    ASSERT_TRUE(executor.run_until([&] { return client->is_answered(); }));
    EXPECT_EQ(bytes_of(only(client->answer<FetchResponse>(11)).records), stored("demo", 0));
    EXPECT_FALSE(other->is_answered());
    client->send(fetch_of("incoming.demo", 0, 1), 11);
    append("demo", 0, {"b"});
    ASSERT_TRUE(executor.run_until([&] { return client->is_answered(); }));
    EXPECT_EQ(bytes_of(only(client->answer<FetchResponse>(11)).records), stored("demo", 0, 1));
    EXPECT_EQ(only(fetch(*client, fetch_of("incoming.demo", 0, 0))).high_watermark, 2);
}

TEST_F(Fetching, wakes_all_who_wait_for_the_same_record) {
    std::vector<std::unique_ptr<TestClient>> clients;
    for (int i = 0; i < 16; ++i) {
        clients.push_back(login());
        clients.back()->send(fetch_of("incoming.demo", 0, 0), 11);
    }
    append("demo", 0, {"a"});
    ASSERT_TRUE(executor.run_until([&] { return clients.back()->is_answered(); }));
    for (const auto& client : clients) EXPECT_EQ(bytes_of(only(client->answer<FetchResponse>(11)).records), stored("demo", 0));
}

TEST_F(Fetching, waits_until_there_are_as_many_octets_as_are_wanted) {
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    request.min_bytes = 500;
    client->send(request, 11);
    append("demo", 0, {std::string(100, 'x')});
    append("demo", 0, {std::string(100, 'x')});
    executor.run();
    EXPECT_FALSE(client->is_answered());
    append("demo", 0, {std::string(200, 'x')});
    ASSERT_TRUE(executor.run_until([&] { return client->is_answered(); }));
    EXPECT_EQ(bytes_of(only(client->answer<FetchResponse>(11)).records), stored("demo", 0));
}

TEST_F(Fetching, gives_what_there_is_when_too_little_came_in_time) {
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    request.min_bytes = 1 << 20;
    append("demo", 0, {"a"});
    client->send(request, 11);
    EXPECT_FALSE(client->is_answered());
    let_pass(500ms);
    EXPECT_EQ(bytes_of(only(client->answer<FetchResponse>(11)).records), stored("demo", 0));
}

TEST_F(Fetching, says_which_offsets_there_are_not) {
    append("demo", 0, {"a", "b", "c"});
    ASSERT_TRUE(log.remove_before({log.find_topic("demo")->id, {0}}, log::Offset{2}));
    const auto client = login();
    for (const std::int64_t offset : {std::int64_t{-1}, std::int64_t{0}, std::int64_t{1}, std::int64_t{4}, std::int64_t{1} << 40}) {
        const auto response = fetch(*client, fetch_of("incoming.demo", 0, offset));
        EXPECT_EQ(only(response).error_code, ErrorCode::offset_out_of_range) << offset;
        EXPECT_EQ(only(response).high_watermark, -1);
        EXPECT_EQ(only(response).records.size(), 0U);
    }
    EXPECT_EQ(only(fetch(*client, fetch_of("incoming.demo", 0, 2))).log_start_offset, 2);
}

TEST_F(Fetching, tells_of_no_aborted_transactions_as_kafka_does) {  // null or empty, as reading_differ_test.py sees
    append("demo", 0, {"a"});
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    EXPECT_FALSE(only(fetch(*client, request)).aborted_transactions.has_value());
    request.isolation_level = 1;
    EXPECT_EQ(only(fetch(*client, request)).aborted_transactions.value().size(), 0U);
}

TEST_F(Fetching, knows_no_topics_but_those_that_the_consumer_may_read) {
    append("secrets", 0, {"a"});
    const auto client = login();
    for (const auto* topic : {"incoming.secrets", "incoming.none", "secrets", "demo", "", "__offsets", "incoming.__offsets", "incoming."}) {
        const auto response = fetch(*client, fetch_of(topic, 0, 0));
        EXPECT_EQ(only(response).error_code, ErrorCode::unknown_topic_or_partition) << topic;
        EXPECT_EQ(only(response).high_watermark, -1);
    }
    for (const std::int32_t partition : {1, -1, 1 << 30})
        EXPECT_EQ(only(fetch(*client, fetch_of("incoming.demo", partition, 0))).error_code, ErrorCode::unknown_topic_or_partition);
    const auto everything = operators();
    EXPECT_EQ(bytes_of(only(fetch(*everything, fetch_of("incoming.secrets", 0, 0))).records), stored("secrets", 0));
}

TEST_F(Fetching, finds_partitions_that_came_after_the_topic_was_seen) {
    const auto client = login();
    EXPECT_EQ(only(fetch(*client, fetch_of("incoming.demo", 1, 0))).error_code, ErrorCode::unknown_topic_or_partition);
    ASSERT_TRUE(log.ensure_topic("demo", 2));
    append("demo", 1, {"a"});
    EXPECT_EQ(bytes_of(only(fetch(*client, fetch_of("incoming.demo", 1, 0))).records), stored("demo", 1));
}

TEST_F(Fetching, answers_at_once_when_one_of_the_partitions_is_an_error) {
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    request.topics.push_back({.topic = "incoming.none", .partitions = {{.partition = 0, .partition_max_bytes = 1000}}});
    const auto response = fetch(*client, request);
    ASSERT_EQ(response.responses.size(), 2U);
    EXPECT_EQ(response.responses[0].partitions[0].error_code, ErrorCode::none);
    EXPECT_EQ(response.responses[1].partitions[0].error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Fetching, knows_one_leader_epoch) {
    append("demo", 0, {"a"});
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    for (const auto& [epoch, error] : {std::pair{-1, ErrorCode::none},
                                       {0, ErrorCode::none},
                                       {1, ErrorCode::unknown_leader_epoch},
                                       {-2, ErrorCode::fenced_leader_epoch}}) {
        request.topics[0].partitions[0].current_leader_epoch = epoch;
        EXPECT_EQ(only(fetch(*client, request)).error_code, error) << epoch;
    }
}

TEST_F(Fetching, declines_sessions) {
    append("demo", 0, {"a"});
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 0);
    // As clients begin (0/0), go without (0/-1), and as the Mister Webhooks client for Go does (-1/-1); and one that ends another's.
    for (const auto& [id, epoch] : {std::pair{0, 0}, {0, -1}, {-1, -1}, {77, -1}, {77, 0}}) {
        request.session_id = id;
        request.session_epoch = epoch;
        const auto response = fetch(*client, request);
        EXPECT_EQ(response.error_code, ErrorCode::none);
        EXPECT_EQ(response.session_id, 0);
        EXPECT_EQ(only(response).records.size(), stored("demo", 0).size());
    }
    for (const auto& [id, epoch] : {std::pair{0, 1}, {77, 1}, {77, -2}}) {
        request.session_id = id;
        request.session_epoch = epoch;
        const auto response = fetch(*client, request);
        EXPECT_EQ(response.error_code, ErrorCode::fetch_session_id_not_found);
        EXPECT_TRUE(response.responses.empty());
    }
}

TEST_F(Fetching, forgets_who_went_away_while_it_waited) {
    auto client = login();
    client->send(fetch_all("incoming.shop", 4, 0), 11);
    client.reset();
    append("shop", 2, {"a"});
    executor.run();
    let_pass(1s);
}

TEST_F(Fetching, tells_of_a_log_that_cannot_be_read_as_of_a_storage_error) {
    append("demo", 0, {"a"});
    const auto client = login();
    log.damage_next_read(Error{Errc::corrupt, "topics/demo/0/0.log: byte 61: a checksum is wrong"});
    const auto response = fetch(*client, fetch_of("incoming.demo", 0, 0));
    EXPECT_EQ(only(response).error_code, ErrorCode::kafka_storage_error);
    EXPECT_EQ(only(response).high_watermark, -1);
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_NE(notices[0].find("topics/demo/0/0.log: byte 61"), std::string::npos);
}

TEST_F(Fetching, takes_the_last_of_what_is_said_of_a_partition) {
    append("demo", 0, {"a"});
    append("demo", 0, {"b"});
    const auto client = login();
    auto request = fetch_of("incoming.demo", 0, 77);
    request.topics[0].partitions.push_back({.partition = 0, .fetch_offset = 1, .partition_max_bytes = 1000});
    request.topics.push_back({.topic = "incoming.demo", .partitions = {{.partition = 0, .fetch_offset = 1, .partition_max_bytes = 1000}}});
    EXPECT_EQ(bytes_of(only(fetch(*client, request)).records), stored("demo", 0, 1));
}

TEST_F(Fetching, closes_at_more_partitions_than_a_request_may_name) {
    options.limits.fetch_partitions = 3;
    const auto client = login();
    client->send(fetch_all("incoming.shop", 4, 0), 11);
    EXPECT_EQ(client->reason(), "Fetch of 4 partitions");
}

}  // namespace
}  // namespace tenter::broker
