// ListOffsets and OffsetForLeaderEpoch. Expected: Kafka's protocol guide; KIP-79 (by time), KIP-734 (greatest timestamp), KIP-320 (epochs).

#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

class Positions : public BrokerTest {
protected:
    Positions() {
        append("demo", 0, {"a"}, UnixMillis(1'000ms));
        append("demo", 0, {"b", "c"}, UnixMillis(5'000ms));
        append("demo", 0, {"d"}, UnixMillis(3'000ms));
    }
    [[nodiscard]] static ListOffsetsPartitionResponse find(TestClient& client, std::int64_t time, std::int16_t version = 7,
                                                           const std::string& topic = "incoming.demo", std::int32_t partition = 0,
                                                           std::int32_t epoch = -1) {
        const ListOffsetsRequest request{
            .replica_id = -1,
            .topics = {{.name = topic, .partitions = {{.partition_index = partition, .current_leader_epoch = epoch, .timestamp = time}}}}};
        const auto response = client.ask<ListOffsetsResponse>(request, version);
        EXPECT_EQ(response.topics.at(0).name, topic);
        EXPECT_EQ(response.topics.at(0).partitions.at(0).partition_index, partition);
        return response.topics.at(0).partitions.at(0);
    }
    /// Offset and time of what was found.
    [[nodiscard]] static std::pair<std::int64_t, std::int64_t> at(const ListOffsetsPartitionResponse& found) {
        EXPECT_EQ(found.error_code, ErrorCode::none);
        return {found.offset, found.timestamp};
    }
    using Place = std::pair<std::int64_t, std::int64_t>;
};

TEST_F(Positions, of_the_start_and_the_end_have_no_time) {
    const auto client = login();
    for (const auto version : std::vector<std::int16_t>{1, 2, 3, 4, 5, 6, 7}) {
        EXPECT_EQ(at(find(*client, -1, version)), Place(4, -1));
        EXPECT_EQ(at(find(*client, -2, version)), Place(0, -1));
    }
    ASSERT_TRUE(log.remove_before({log.find_topic("demo")->id, {0}}, log::Offset{2}));
    EXPECT_EQ(at(find(*client, -2)), Place(2, -1));
    EXPECT_EQ(find(*client, -1).leader_epoch, 0);
}

TEST_F(Positions, by_time_are_the_first_record_of_that_time_or_later_and_say_its_own) {
    const auto client = login();
    EXPECT_EQ(at(find(*client, 0)), Place(0, 1'000));
    EXPECT_EQ(at(find(*client, 1'000)), Place(0, 1'000));
    EXPECT_EQ(at(find(*client, 1'001)), Place(1, 5'000));
    EXPECT_EQ(at(find(*client, 5'000)), Place(1, 5'000));
    EXPECT_EQ(at(find(*client, 5'001)), Place(-1, -1));
    EXPECT_EQ(find(*client, 5'001).leader_epoch, -1);
}

TEST_F(Positions, of_the_greatest_time_are_the_first_of_such_records) {
    const auto client = login();
    EXPECT_EQ(at(find(*client, -3)), Place(1, 5'000));
    EXPECT_EQ(at(find(*client, -3, 7, "incoming.shop", 2)), Place(-1, -1));
    EXPECT_EQ(find(*client, -3, 6).error_code, ErrorCode::unsupported_version);
}

TEST_F(Positions, of_times_that_are_none_are_of_versions_that_are_not_offered) {
    const auto client = login();
    for (const std::int64_t time : {std::int64_t{-4}, std::int64_t{-5}, std::numeric_limits<std::int64_t>::min()})
        EXPECT_EQ(find(*client, time).error_code, ErrorCode::unsupported_version);
    EXPECT_EQ(at(find(*client, std::numeric_limits<std::int64_t>::max())), Place(-1, -1));
}

TEST_F(Positions, are_told_only_of_what_can_be_seen) {
    const auto client = login();
    for (const auto* topic : {"incoming.secrets", "demo", "__offsets", ""}) {
        const auto found = find(*client, -1, 7, topic);
        EXPECT_EQ(found.error_code, ErrorCode::unknown_topic_or_partition);
        EXPECT_EQ(found.offset, -1);
        EXPECT_EQ(found.timestamp, -1);
    }
    EXPECT_EQ(find(*client, -1, 7, "incoming.demo", 1).error_code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(at(find(*operators(), -1, 7, "incoming.secrets")), Place(0, -1));
}

TEST_F(Positions, are_told_in_one_epoch) {
    const auto client = login();
    EXPECT_EQ(find(*client, -1, 7, "incoming.demo", 0, 0).error_code, ErrorCode::none);
    EXPECT_EQ(find(*client, -1, 7, "incoming.demo", 0, 1).error_code, ErrorCode::unknown_leader_epoch);
}

TEST_F(Positions, of_a_partition_that_is_named_twice_are_refused_both_times) {
    const ListOffsetsRequest request{
        .topics = {
            {.name = "incoming.demo", .partitions = {{.partition_index = 0, .timestamp = -1}, {.partition_index = 0, .timestamp = -2}}},
            {.name = "incoming.shop", .partitions = {{.partition_index = 0, .timestamp = -1}}}}};
    const auto response = login()->ask<ListOffsetsResponse>(request, 5);
    EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, ErrorCode::invalid_request);
    EXPECT_EQ(response.topics.at(0).partitions.at(1).error_code, ErrorCode::invalid_request);
    EXPECT_EQ(response.topics.at(1).partitions.at(0).error_code, ErrorCode::none);
}

TEST_F(Positions, end_the_only_epoch_at_the_end_of_the_log) {
    const auto end = [&](std::int32_t epoch, std::int32_t current = -1, std::string topic = "incoming.demo") {
        const OffsetForLeaderEpochRequest request{
            .topics = {
                {.topic = std::move(topic), .partitions = {{.partition = 0, .current_leader_epoch = current, .leader_epoch = epoch}}}}};
        return login()->ask<OffsetForLeaderEpochResponse>(request, 3).topics.at(0).partitions.at(0);
    };
    EXPECT_EQ(end(0).end_offset, 4);
    EXPECT_EQ(end(0).leader_epoch, 0);
    EXPECT_EQ(end(0, 0).end_offset, 4);
    EXPECT_EQ(end(1).error_code, ErrorCode::none);
    EXPECT_EQ(end(1).end_offset, -1);
    EXPECT_EQ(end(1).leader_epoch, -1);
    EXPECT_EQ(end(0, 3).error_code, ErrorCode::unknown_leader_epoch);
    EXPECT_EQ(end(0, -1, "incoming.secrets").error_code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(end(0, -1, "incoming.secrets").end_offset, -1);
}

}  // namespace
}  // namespace tenter::broker
