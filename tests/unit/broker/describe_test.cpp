// What there is: Metadata, DescribeCluster, DescribeConfigs, FindCoordinator; and Produce, which there is not. Expected: Kafka's protocol
// guide, and the codes of its AclOperation: READ 3, DESCRIBE 8, DESCRIBE_CONFIGS 10.

#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

using Describing = BrokerTest;

constexpr std::int32_t read_describe_and_configs = (1 << 3) + (1 << 8) + (1 << 10);

MetadataRequest named(std::vector<std::string> names) {
    MetadataRequest request{.topics = std::vector<MetadataRequestTopic>()};
    for (auto& name : names) request.topics->push_back({.name = std::move(name)});
    return request;
}

std::vector<std::string> names(const MetadataResponse& response) {
    std::vector<std::string> all;
    for (const auto& topic : response.topics) all.push_back(topic.name);
    return all;
}

TEST_F(Describing, is_a_cluster_of_one_that_leads_all_partitions) {
    const auto response = login()->ask<MetadataResponse>(named({"incoming.shop"}), 8);
    ASSERT_EQ(response.brokers.size(), 1U);
    EXPECT_EQ(response.brokers[0].node_id, 1);
    EXPECT_EQ(response.controller_id, 1);
    EXPECT_EQ(response.cluster_id, "abcdefghijklmnopqrstuv");
    ASSERT_EQ(response.topics.size(), 1U);
    EXPECT_EQ(response.topics[0].error_code, ErrorCode::none);
    EXPECT_FALSE(response.topics[0].is_internal);
    ASSERT_EQ(response.topics[0].partitions.size(), 4U);
    for (std::int32_t i = 0; i < 4; ++i) {
        const auto& partition = response.topics[0].partitions[static_cast<std::size_t>(i)];
        EXPECT_EQ(partition.partition_index, i);
        EXPECT_EQ(partition.leader_id, 1);
        EXPECT_EQ(partition.leader_epoch, 0);
        EXPECT_EQ(partition.replica_nodes, std::vector<std::int32_t>{1});
        EXPECT_EQ(partition.isr_nodes, std::vector<std::int32_t>{1});
        EXPECT_TRUE(partition.offline_replicas.empty());
    }
}

TEST_F(Describing, names_no_topic_all_that_may_be_seen_or_those_that_are_asked_for) {
    const auto client = login();
    for (const auto version : std::vector<std::int16_t>{1, 4, 6, 7, 8}) {
        EXPECT_TRUE(client->ask<MetadataResponse>(named({}), version).topics.empty());
        EXPECT_EQ(names(client->ask<MetadataResponse>(MetadataRequest{}, version)),
                  (std::vector<std::string>{"incoming.demo", "incoming.shop"}));
    }
    EXPECT_EQ(names(operators()->ask<MetadataResponse>(MetadataRequest{}, 8)),
              (std::vector<std::string>{"__offsets", "incoming.demo", "incoming.secrets", "incoming.shop"}));
    EXPECT_EQ(names(client->ask<MetadataResponse>(named({"incoming.shop", "incoming.demo", "incoming.shop"}), 8)),
              (std::vector<std::string>{"incoming.shop", "incoming.demo"}));
}

TEST_F(Describing, makes_no_topic_and_shows_none_that_is_anothers) {
    const auto client = login();
    const std::vector<std::string> hidden{"incoming.secrets", "incoming.new", "demo", "__offsets", "incoming.__offsets"};
    auto request = named(hidden);
    request.allow_auto_topic_creation = true;
    const auto response = client->ask<MetadataResponse>(request, 8);
    ASSERT_EQ(response.topics.size(), hidden.size());
    for (std::size_t i = 0; i < hidden.size(); ++i) {
        EXPECT_EQ(response.topics[i].name, hidden[i]);
        EXPECT_EQ(response.topics[i].error_code, ErrorCode::unknown_topic_or_partition) << hidden[i];
        EXPECT_TRUE(response.topics[i].partitions.empty());
    }
    EXPECT_FALSE(log.find_topic("new"));
}

TEST_F(Describing, says_of_what_can_be_no_topics_name_that_it_is_none) {  // as reading_differ_test.py sees Kafka do
    const auto client = login();
    for (const std::string& name :
         {std::string(), std::string("."), std::string(".."), std::string("a/b"), std::string("ä"), std::string(250, 'a')})
        EXPECT_EQ(client->ask<MetadataResponse>(named({name}), 8).topics.at(0).error_code, ErrorCode::invalid_topic_exception) << name;
    const auto longest = client->ask<MetadataResponse>(named({std::string(249, 'a')}), 8);
    EXPECT_EQ(longest.topics.at(0).error_code, ErrorCode::unknown_topic_or_partition);
}

TEST_F(Describing, shows_partitions_that_were_added) {
    const auto client = login();
    (void)client->ask<MetadataResponse>(MetadataRequest{}, 8);
    ASSERT_TRUE(log.ensure_topic("demo", 3));
    EXPECT_EQ(client->ask<MetadataResponse>(named({"incoming.demo"}), 8).topics.at(0).partitions.size(), 3U);
    EXPECT_EQ(client->ask<MetadataResponse>(MetadataRequest{}, 8).topics.at(0).partitions.size(), 3U);
}

TEST_F(Describing, says_what_is_allowed_when_asked) {
    auto request = named({"incoming.demo", "incoming.none"});
    const auto client = login();
    EXPECT_EQ(client->ask<MetadataResponse>(request, 8).topics.at(0).topic_authorized_operations, no_authorized_operations);
    request.include_topic_authorized_operations = request.include_cluster_authorized_operations = true;
    const auto response = client->ask<MetadataResponse>(request, 8);
    EXPECT_EQ(response.topics.at(0).topic_authorized_operations, read_describe_and_configs);
    EXPECT_EQ(response.topics.at(1).topic_authorized_operations, no_authorized_operations);
    EXPECT_EQ(response.cluster_authorized_operations, (1 << 8) + (1 << 10));
}

TEST_F(Describing, tells_clients_to_come_back_by_the_name_that_they_asked_for_or_the_address_that_they_reached) {
    const auto told = [&](const Arrival& arrival) {
        TestClient client(broker(), arrival);
        (void)client.ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1);
        (void)client.ask<SaslAuthenticateResponse>(SaslAuthenticateRequest{.auth_bytes = plain("reader", secret_of_reader)}, 1);
        const auto metadata = client.ask<MetadataResponse>(named({}), 8).brokers.at(0);
        const auto cluster = client.ask<DescribeClusterResponse>(DescribeClusterRequest{}, 0).brokers.at(0);
        const auto coordinator = client.ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "team"}, 0);
        EXPECT_EQ(metadata.host, cluster.host);
        EXPECT_EQ(metadata.host, coordinator.host);
        EXPECT_EQ(metadata.port, coordinator.port);
        return metadata.host + " " + std::to_string(metadata.port);
    };
    const Arrival by_name{.peer = "192.0.2.1", .reached = {.host = "198.51.100.7", .port = 9092}, .server_name = "laptop.example"};
    const Arrival by_address{.peer = "192.0.2.1", .reached = {.host = "2001:db8::7", .port = 9093}, .server_name = ""};
    EXPECT_EQ(told(by_name), "laptop.example 9092");
    EXPECT_EQ(told(by_address), "2001:db8::7 9093");
    stop_broker();
    options.advertise = Endpoint{.host = "webhooks.example", .port = 443};
    EXPECT_EQ(told(by_name), "webhooks.example 443");
    stop_broker();
    options.advertise->port = 0;
    EXPECT_EQ(told(by_address), "webhooks.example 9093");
}

TEST_F(Describing, describes_the_cluster) {
    const auto response = login()->ask<DescribeClusterResponse>(DescribeClusterRequest{}, 0);
    EXPECT_EQ(response.error_code, ErrorCode::none);
    EXPECT_EQ(response.cluster_id, "abcdefghijklmnopqrstuv");
    EXPECT_EQ(response.controller_id, 1);
    ASSERT_EQ(response.brokers.size(), 1U);
    EXPECT_EQ(response.brokers[0].broker_id, 1);
}

TEST_F(Describing, finds_coordinators_of_groups_only) {
    const auto client = login();
    for (const auto version : std::vector<std::int16_t>{0, 1, 2}) {
        const auto of_group = client->ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "team"}, version);
        EXPECT_EQ(of_group.error_code, ErrorCode::none);
        EXPECT_EQ(of_group.node_id, 1);
    }
    const auto of_transaction = client->ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "team", .key_type = 1}, 2);
    EXPECT_EQ(of_transaction.error_code, ErrorCode::transactional_id_authorization_failed);
    EXPECT_EQ(of_transaction.node_id, -1);
    EXPECT_EQ(client->ask<FindCoordinatorResponse>(FindCoordinatorRequest{.key = "team", .key_type = 7}, 2).error_code,
              ErrorCode::invalid_request);
}

TEST_F(Describing, tells_settings_of_topics_and_the_broker) {
    const DescribeConfigsRequest request{
        .resources = {{.resource_type = 2, .resource_name = "incoming.demo"},
                      {.resource_type = 2, .resource_name = "incoming.shop", .configuration_keys = {{"cleanup.policy", "no.such.key"}}},
                      {.resource_type = 2, .resource_name = "incoming.demo"},  // once more, and told once
                      {.resource_type = 4, .resource_name = "1"},
                      {.resource_type = 2, .resource_name = "incoming.secrets"},
                      {.resource_type = 4, .resource_name = "2"},
                      {.resource_type = 8, .resource_name = "1"}},
        .include_synonyms = true,
        .include_documentation = true};
    for (const auto version : std::vector<std::int16_t>{0, 1, 2, 3}) {
        const auto results = login()->ask<DescribeConfigsResponse>(request, version).results;
        ASSERT_EQ(results.size(), 6U);
        EXPECT_EQ(results[0].error_code, ErrorCode::none);
        EXPECT_EQ(results[0].resource_name, "incoming.demo");
        EXPECT_GT(results[0].configs.size(), 1U);
        for (const auto& entry : results[0].configs) EXPECT_TRUE(entry.read_only);
        ASSERT_EQ(results[1].configs.size(), 1U);
        EXPECT_EQ(results[1].configs[0].name, "cleanup.policy");
        EXPECT_EQ(results[1].configs[0].value, "delete");
        EXPECT_EQ(results[2].error_code, ErrorCode::none);
        EXPECT_EQ(results[3].error_code, ErrorCode::unknown_topic_or_partition);
        EXPECT_EQ(results[4].error_code, ErrorCode::invalid_request);
        EXPECT_EQ(results[5].error_code, ErrorCode::invalid_request);
    }
}

TEST_F(Describing, lets_nobody_produce) {
    const ProduceRequest request{.acks = -1,
                                 .topic_data = {{.name = "incoming.demo", .partition_data = {{.index = 0}, {.index = 5}}},
                                                {.name = "incoming.secrets", .partition_data = {{.index = 0}}}}};
    const auto client = login();
    const auto response = client->ask<ProduceResponse>(request, 3);
    ASSERT_EQ(response.responses.size(), 2U);
    for (const auto& partition : response.responses[0].partition_responses) {
        EXPECT_EQ(partition.error_code, ErrorCode::topic_authorization_failed);
        EXPECT_EQ(partition.base_offset, -1);
        EXPECT_EQ(partition.log_append_time_ms, -1);
    }
    EXPECT_EQ(response.responses[1].partition_responses.at(0).error_code, ErrorCode::unknown_topic_or_partition);
    EXPECT_EQ(client->reason(), "");
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0], "192.0.2.1: consumer \"reader\" produces, which nobody may");
    EXPECT_EQ(log.bounds({log.find_topic("demo")->id, {0}})->next, log::Offset{0});
}

TEST_F(Describing, closes_on_who_produces_and_does_not_listen) {
    const auto client = login();
    client->send(ProduceRequest{.acks = 0, .topic_data = {{.name = "incoming.demo", .partition_data = {{.index = 0}}}}}, 3);
    EXPECT_EQ(client->reply->frame.size(), 0U);
    EXPECT_EQ(client->reason(), "consumer \"reader\" produces, which nobody may");
}

}  // namespace
}  // namespace tenter::broker
