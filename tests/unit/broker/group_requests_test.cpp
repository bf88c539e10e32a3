// Groups between client and coordinator: a whole consumer's life, and names of groups and topics in both directions.

#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

class GroupRequestsOfClients : public BrokerTest {
protected:
    [[nodiscard]] JoinGroupRequest join(std::string group, std::string member = {}) {
        return {.group_id = std::move(group),
                .session_timeout_ms = 10'000,
                .rebalance_timeout_ms = 60'000,
                .member_id = std::move(member),
                .protocol_type = "consumer",
                .protocols = {{.name = "range", .metadata = "what it reads"}}};
    }
    /// Joins and syncs alone; its member id and generation.
    std::pair<std::string, std::int32_t> become_member(TestClient& client, const std::string& group) {
        const auto first = client.ask<JoinGroupResponse>(join(group), 5);
        EXPECT_EQ(first.error_code, ErrorCode::member_id_required);
        client.send(join(group, first.member_id), 5);
        let_pass(200ms);
        const auto joined = client.answer<JoinGroupResponse>(5);
        EXPECT_EQ(joined.error_code, ErrorCode::none);
        EXPECT_EQ(joined.leader, joined.member_id);
        const auto synced =
            client.ask<SyncGroupResponse>(SyncGroupRequest{.group_id = group,
                                                           .generation_id = joined.generation_id,
                                                           .member_id = joined.member_id,
                                                           .assignments = {{.member_id = joined.member_id, .assignment = "all of it"}}},
                                          3);
        EXPECT_EQ(synced.error_code, ErrorCode::none);
        EXPECT_EQ(synced.assignment, "all of it");
        return {joined.member_id, joined.generation_id};
    }
    [[nodiscard]] OffsetCommitRequest commit(std::string group, std::string topic, std::int32_t partition, std::int64_t offset) {
        return {.group_id = std::move(group),
                .topics = {{.name = std::move(topic), .partitions = {{.partition_index = partition, .committed_offset = offset}}}}};
    }
    ErrorCode commit_error(TestClient& client, const OffsetCommitRequest& request) {
        return client.ask<OffsetCommitResponse>(request, 7).topics.at(0).partitions.at(0).error_code;
    }
    std::int64_t committed(TestClient& client, std::string group, std::string topic, std::int32_t partition) {
        const OffsetFetchRequest request{.group_id = std::move(group),
                                         .topics = {{{.name = std::move(topic), .partition_indexes = {partition}}}}};
        const auto response = client.ask<OffsetFetchResponse>(request, 5);
        EXPECT_EQ(response.topics.at(0).partitions.at(0).error_code, ErrorCode::none);
        return response.topics.at(0).partitions.at(0).committed_offset;
    }
};

TEST_F(GroupRequestsOfClients, are_a_whole_life_of_a_consumer) {
    append("demo", 0, {"a", "b"});
    const auto client = login();
    const auto coordinator = client->ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "team"}, 2);
    EXPECT_EQ(coordinator.error_code, ErrorCode::none);
    EXPECT_EQ(coordinator.node_id, 1);
    EXPECT_EQ(coordinator.host, "kafka.example");
    EXPECT_EQ(coordinator.port, 9092);
    const auto [member, generation] = become_member(*client, "team");
    EXPECT_EQ(committed(*client, "team", "incoming.demo", 0), -1);
    const auto records = client->ask<FetchResponse>(fetch_of("incoming.demo", 0, 0), 11);
    EXPECT_EQ(bytes_of(only(records).records), stored("demo", 0));
    auto offsets_of_member = commit("team", "incoming.demo", 0, 2);
    offsets_of_member.member_id = member;
    offsets_of_member.generation_id_or_member_epoch = generation;
    EXPECT_EQ(commit_error(*client, offsets_of_member), ErrorCode::none);
    const HeartbeatRequest beat{.group_id = "team", .generation_id = generation, .member_id = member};
    EXPECT_EQ(client->ask<HeartbeatResponse>(beat, 3).error_code, ErrorCode::none);
    const LeaveGroupRequest leave{.group_id = "team", .members = {{.member_id = member}}};
    EXPECT_EQ(client->ask<LeaveGroupResponse>(leave, 3).error_code, ErrorCode::none);
    EXPECT_EQ(committed(*client, "team", "incoming.demo", 0), 2);
}

TEST_F(GroupRequestsOfClients, tell_once_what_is_named_many_times) {
    const auto client = login();
    (void)become_member(*client, "team");
    const auto described = client->ask<DescribeGroupsResponse>(DescribeGroupsRequest{.groups = {"team", "other", "team", "team"}}, 2);
    ASSERT_EQ(described.groups.size(), 2U);
    EXPECT_EQ(described.groups[0].members.size(), 1U);
    EXPECT_EQ(described.groups[1].group_id, "other");
    auto long_words = commit("alone", "incoming.shop", 1, 7);
    long_words.topics[0].partitions[0].committed_metadata = std::string(4'000, 'm');
    ASSERT_EQ(commit_error(*client, long_words), ErrorCode::none);
    const OffsetFetchRequest request{
        .group_id = "alone",
        .topics = {{{.name = "incoming.shop", .partition_indexes = {1, 1, 0, 1}}, {.name = "incoming.shop", .partition_indexes = {1, 2}}}}};
    const auto response = client->ask<OffsetFetchResponse>(request, 5);
    ASSERT_EQ(response.topics.size(), 2U);
    ASSERT_EQ(response.topics[0].partitions.size(), 2U);
    EXPECT_EQ(response.topics[0].partitions[0].committed_offset, 7);
    EXPECT_EQ(response.topics[0].partitions[1].partition_index, 0);
    ASSERT_EQ(response.topics[1].partitions.size(), 1U);
    EXPECT_EQ(response.topics[1].partitions[0].partition_index, 2);
}

TEST_F(GroupRequestsOfClients, that_are_long_and_not_read_are_given_so_often_and_then_the_connection_is_closed) {
    options.limits.large_answer_bytes = 400'000;
    put(consumer("other", {"demo"}));
    std::vector<std::string> names;
    for (int i = 0; i < 5'000; ++i) names.push_back(std::to_string(i));
    const DescribeGroupsRequest request{.groups = names};  // 22 bytes or so of each: two are over half of what there is
    std::vector<std::unique_ptr<TestClient>> unread;
    for (int i = 0; i < 2; ++i) {
        unread.push_back(login());
        unread.back()->send(request, 2);
        ASSERT_GT(unread.back()->reply->frame.size(), std::size_t{64 << 10});
    }
    const auto third = login();
    third->send(request, 2);
    EXPECT_EQ(third->reason(), "too many long answers that it asked for and has not read");
    EXPECT_EQ(third->reply->frame.size(), 0U);
    EXPECT_EQ(login()->ask<ListGroupsResponse>(ListGroupsRequest{}, 2).error_code, ErrorCode::none) << "short ones are given";
    unread.pop_back();
    const auto other = login("other");
    other->send(request, 2);
    EXPECT_FALSE(other->reply->close);
    unread.clear();
    const auto fourth = login();
    fourth->send(request, 2);
    EXPECT_FALSE(fourth->reply->close);
}

TEST_F(GroupRequestsOfClients, acknowledge_offsets_when_they_are_durable_and_not_before) {
    const auto client = login();
    offsets.is_immediate = false;
    client->send(commit("team", "incoming.demo", 0, 5), 7);
    EXPECT_FALSE(client->is_answered());
    EXPECT_EQ(committed(*login(), "team", "incoming.demo", 0), -1);
    offsets.settle(true);
    EXPECT_EQ(client->answer<OffsetCommitResponse>(7).topics.at(0).partitions.at(0).error_code, ErrorCode::none);
    client->send(commit("team", "incoming.demo", 0, 6), 7);
    offsets.settle(false);
    EXPECT_EQ(client->answer<OffsetCommitResponse>(7).topics.at(0).partitions.at(0).error_code, ErrorCode::coordinator_not_available);
}

TEST_F(GroupRequestsOfClients, keep_offsets_under_names_without_the_prefix_over_a_restart_with_another) {
    (void)commit_error(*login(), commit("team", "incoming.demo", 0, 5));
    stop_broker();
    options.topic_prefix = "webhooks.";
    EXPECT_EQ(committed(*login(), "team", "webhooks.demo", 0), 5);
    const auto all = login()->ask<OffsetFetchResponse>(OffsetFetchRequest{.group_id = "team"}, 5);
    ASSERT_EQ(all.topics.size(), 1U);
    EXPECT_EQ(all.topics[0].name, "webhooks.demo");
}

TEST_F(GroupRequestsOfClients, commit_what_can_be_seen_and_refuse_the_rest) {
    const auto client = login();
    const OffsetCommitRequest request{
        .group_id = "team",
        .topics = {{.name = "incoming.secrets", .partitions = {{.partition_index = 0, .committed_offset = 1}}},
                   {.name = "incoming.shop",
                    .partitions = {{.partition_index = 9, .committed_offset = 2}, {.partition_index = 3, .committed_offset = 3}}},
                   {.name = "incoming.demo", .partitions = {{.partition_index = 0, .committed_offset = 4}}}}};
    const auto response = client->ask<OffsetCommitResponse>(request, 7);
    ASSERT_EQ(response.topics.size(), 3U);
    EXPECT_EQ(response.topics[0].name, "incoming.secrets");
    EXPECT_EQ(response.topics[0].partitions[0].error_code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(response.topics[1].partitions[0].error_code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(response.topics[1].partitions[0].partition_index, 9);
    EXPECT_EQ(response.topics[1].partitions[1].error_code, ErrorCode::none);
    EXPECT_EQ(response.topics[2].partitions[0].error_code, ErrorCode::none);
    EXPECT_EQ(committed(*client, "team", "incoming.shop", 3), 3);
    EXPECT_EQ(committed(*client, "team", "incoming.demo", 0), 4);
    EXPECT_EQ(committed(*client, "team", "incoming.secrets", 0), -1);
    EXPECT_EQ(commit_error(*client, commit("team", "incoming.none", 0, 1)), ErrorCode::unknown_topic_or_partition);
}

TEST_F(GroupRequestsOfClients, never_name_an_offset_below_the_start_of_the_log) {
    append("demo", 0, {"a", "b", "c"});
    const auto client = login();
    EXPECT_EQ(commit_error(*client, commit("team", "incoming.demo", 0, 1)), ErrorCode::none);
    ASSERT_TRUE(log.remove_before({log.find_topic("demo")->id, {0}}, log::Offset{2}));
    EXPECT_EQ(committed(*client, "team", "incoming.demo", 0), 2);
    EXPECT_EQ(committed(*client, "other", "incoming.demo", 0), -1);  // nothing stays nothing
}

TEST_F(GroupRequestsOfClients, begin_a_consumers_own_group_at_the_start_of_the_log) {
    append("demo", 0, {"a", "b", "c"});
    ASSERT_TRUE(log.remove_before({log.find_topic("demo")->id, {0}}, log::Offset{1}));
    EXPECT_EQ(committed(*login(), "reader", "incoming.demo", 0), 1);
    EXPECT_EQ(committed(*login(), "reader", "incoming.secrets", 0), -1);
}

TEST_F(GroupRequestsOfClients, are_private_to_the_consumer) {
    put(consumer("other", {"demo"}));
    const auto client = login();
    const auto other = login("other");
    (void)commit_error(*client, commit("team", "incoming.demo", 0, 5));
    EXPECT_EQ(committed(*other, "team", "incoming.demo", 0), -1);
    EXPECT_EQ(committed(*other, "reader/team", "incoming.demo", 0), -1);
    EXPECT_EQ(client->ask<ListGroupsResponse>(ListGroupsRequest{}, 4).groups.size(), 1U);
    EXPECT_TRUE(other->ask<ListGroupsResponse>(ListGroupsRequest{}, 4).groups.empty());
    const auto deleted = other->ask<DeleteGroupsResponse>(DeleteGroupsRequest{.groups_names = {"team"}}, 1);
    EXPECT_EQ(deleted.results.at(0).error_code, ErrorCode::group_id_not_found);
    EXPECT_EQ(committed(*client, "team", "incoming.demo", 0), 5);
}

TEST_F(GroupRequestsOfClients, name_the_consumer_where_the_operator_asks) {
    put(consumer("other", {"demo"}));
    const auto client = login();
    const auto [member, generation] = become_member(*client, "team");
    (void)commit_error(*login("other"), commit("", "incoming.demo", 0, 7));
    const auto operators_client = operators();
    const auto groups = operators_client->ask<ListGroupsResponse>(ListGroupsRequest{}, 4).groups;
    ASSERT_EQ(groups.size(), 2U);
    EXPECT_EQ(groups[0].group_id, "other/");
    EXPECT_EQ(groups[0].group_state, "Empty");
    EXPECT_EQ(groups[1].group_id, "reader/team");
    EXPECT_EQ(groups[1].group_state, "Stable");
    const DescribeGroupsRequest describe{.groups = {"reader/team", "team", "/team", "reader/none"}};
    const auto described = operators_client->ask<DescribeGroupsResponse>(describe, 2).groups;
    ASSERT_EQ(described.size(), 4U);
    EXPECT_EQ(described[0].group_id, "reader/team");
    ASSERT_EQ(described[0].members.size(), 1U);
    EXPECT_EQ(described[0].members[0].member_id, member);
    EXPECT_EQ(described[0].members[0].client_id, "a test");
    EXPECT_EQ(described[0].members[0].client_host, "/192.0.2.1");
    EXPECT_EQ(described[0].members[0].member_assignment, "all of it");
    EXPECT_EQ(described[1].error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(described[2].error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(described[3].group_state, "Dead");
    EXPECT_EQ(committed(*operators_client, "other/", "incoming.demo", 0), 7);
}

TEST_F(GroupRequestsOfClients, let_the_operator_reset_and_delete_groups_that_nobody_is_in) {
    const auto client = login();
    (void)become_member(*client, "busy");
    (void)commit_error(*client, commit("team", "incoming.demo", 0, 5));
    put(consumer("other", {"demo"}));
    (void)commit_error(*login("other"), commit("team", "incoming.demo", 0, 6));
    const auto operators_client = operators();
    EXPECT_EQ(commit_error(*operators_client, commit("reader/busy", "incoming.demo", 0, 1)), ErrorCode::unknown_member_id);
    EXPECT_EQ(commit_error(*operators_client, commit("reader/team", "incoming.demo", 0, 1)), ErrorCode::none);
    EXPECT_EQ(committed(*client, "team", "incoming.demo", 0), 1);
    EXPECT_EQ(commit_error(*operators_client, commit("team", "incoming.demo", 0, 1)), ErrorCode::invalid_group_id);
    const DeleteGroupsRequest all{.groups_names = {"other/team", "nonsense", "reader/busy", "reader/team", "reader/none"}};
    const auto deleted = operators_client->ask<DeleteGroupsResponse>(all, 1).results;
    ASSERT_EQ(deleted.size(), 5U);
    const std::vector<std::pair<std::string, ErrorCode>> expected{{"other/team", ErrorCode::none},
                                                                  {"nonsense", ErrorCode::invalid_group_id},
                                                                  {"reader/busy", ErrorCode::non_empty_group},
                                                                  {"reader/team", ErrorCode::none},
                                                                  {"reader/none", ErrorCode::group_id_not_found}};
    for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(std::pair(deleted[i].group_id, deleted[i].error_code), expected[i]);
    EXPECT_EQ(committed(*client, "team", "incoming.demo", 0), -1);
}

TEST_F(GroupRequestsOfClients, refuse_an_operators_group_without_a_consumer_whatever_is_asked) {
    const auto client = operators();
    EXPECT_EQ(client->ask<JoinGroupResponse>(join("team"), 5).error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(client->ask<SyncGroupResponse>(SyncGroupRequest{.group_id = "team"}, 3).error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(client->ask<HeartbeatResponse>(HeartbeatRequest{.group_id = "team"}, 3).error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(client->ask<LeaveGroupResponse>(LeaveGroupRequest{.group_id = "team"}, 3).error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(client->ask<OffsetFetchResponse>(OffsetFetchRequest{.group_id = "team"}, 5).error_code, ErrorCode::invalid_group_id);
}

TEST_F(GroupRequestsOfClients, end_the_session_of_a_member_that_says_nothing) {
    const auto client = login();
    const auto [member, generation] = become_member(*client, "team");
    let_pass(10s);
    const HeartbeatRequest beat{.group_id = "team", .generation_id = generation, .member_id = member};
    EXPECT_EQ(client->ask<HeartbeatResponse>(beat, 3).error_code, ErrorCode::unknown_member_id);
}

TEST_F(GroupRequestsOfClients, are_forgotten_with_the_connection_that_waits) {
    auto client = login();
    const auto first = client->ask<JoinGroupResponse>(join("team"), 5);
    client->send(join("team", first.member_id), 5);
    client.reset();
    let_pass(1s);
}

}  // namespace
}  // namespace tenter::broker
