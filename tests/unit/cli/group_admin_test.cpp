// `tenter group` against a gateway that knows one consumer, two groups and a topic of three partitions.
#include "cli/group_admin.hpp"

#include <map>
#include <optional>

#include "tests/unit/cli/operator_server.hpp"

namespace tenter::cli {
namespace {

using namespace std::chrono_literals;
namespace kp = kafka_protocol;

/// Made by kafka-python 2.2.15, see kafka_protocol/consumer_protocol_test.cpp: demo [0, 3], orders [1].
const Bytes assignment("\0\0\0\0\0\2\0\4demo\0\0\0\2\0\0\0\0\0\0\0\3\0\6orders\0\0\0\1\0\0\0\1\0\0\0\1x", 45);

/// What the gateway knows; a test changes it before it asks.
struct Known {
    std::map<std::string, kp::DescribedGroup> groups;
    std::map<std::string, std::map<TopicPartitionName, std::int64_t>> committed;
    std::map<TopicPartitionName, std::pair<std::int64_t, std::int64_t>> log;  // first, next
    kp::ErrorCode commit_error = kp::ErrorCode::none;
    std::vector<kp::OffsetCommitRequest> commits;
};

struct Answers {
    Known& known;
    const kp::Request& request;

    Bytes operator()(const kp::ListGroupsRequest&) const {
        kp::ListGroupsResponse response;
        for (const auto& [name, group] : known.groups) response.groups.push_back({name, group.protocol_type, group.group_state});
        std::ranges::reverse(response.groups);
        return answer_to(request, response);
    }
    Bytes operator()(const kp::DescribeGroupsRequest& asked) const {
        kp::DescribeGroupsResponse response;
        for (const auto& name : asked.groups) {
            const auto found = known.groups.find(name);
            response.groups.push_back(found != known.groups.end() ? found->second
                                                                  : kp::DescribedGroup{.group_id = name, .group_state = "Dead"});
        }
        return answer_to(request, response);
    }
    Bytes operator()(const kp::OffsetFetchRequest& asked) const {
        kp::OffsetFetchResponse response;
        if (asked.topics) {  // as of a consumer's own group: where nothing is committed it begins at the start
            for (const auto& topic : *asked.topics)
                for (const auto number : topic.partition_indexes) {
                    const auto& committed = known.committed[asked.group_id];
                    const auto found = committed.find({topic.name, number});
                    const auto offset = found != committed.end() ? found->second : known.log.at({topic.name, number}).first;
                    response.topics.push_back({topic.name, {{.partition_index = number, .committed_offset = offset, .metadata = ""}}});
                }
            return answer_to(request, response);
        }
        for (const auto& [at, offset] : known.committed[asked.group_id])
            response.topics.push_back({at.topic, {{.partition_index = at.partition, .committed_offset = offset, .metadata = ""}}});
        return answer_to(request, response);
    }
    Bytes operator()(const kp::ListOffsetsRequest& asked) const {
        kp::ListOffsetsResponse response;
        for (const auto& topic : asked.topics) {
            kp::ListOffsetsTopicResponse answer{.name = topic.name};
            for (const auto& partition : topic.partitions) {
                const auto bounds = known.log.find({topic.name, partition.partition_index});
                kp::ListOffsetsPartitionResponse one{.partition_index = partition.partition_index};
                if (bounds == known.log.end())
                    one.error_code = kp::ErrorCode::unknown_topic_or_partition;
                else if (partition.timestamp == -2)
                    one.offset = bounds->second.first;
                else if (partition.timestamp == -1)
                    one.offset = bounds->second.second;
                else  // record n has the time n seconds
                    one.offset = partition.timestamp / 1000 < bounds->second.second ? partition.timestamp / 1000 : -1;
                answer.partitions.push_back(one);
            }
            response.topics.push_back(std::move(answer));
        }
        return answer_to(request, response);
    }
    Bytes operator()(const kp::MetadataRequest& asked) const {
        kp::MetadataResponse response;
        for (const auto& topic : *asked.topics) {
            kp::MetadataTopic answer{.name = topic.name};
            for (const auto& [at, bounds] : known.log)
                if (at.topic == topic.name) answer.partitions.push_back({.partition_index = at.partition});
            if (answer.partitions.empty()) answer.error_code = kp::ErrorCode::unknown_topic_or_partition;
            response.topics.push_back(std::move(answer));
        }
        return answer_to(request, response);
    }
    Bytes operator()(const kp::OffsetCommitRequest& asked) const {
        known.commits.push_back(asked);
        kp::OffsetCommitResponse response;
        for (const auto& topic : asked.topics) {
            response.topics.push_back({.name = topic.name});
            for (const auto& partition : topic.partitions)
                response.topics.back().partitions.push_back({partition.partition_index, known.commit_error});
        }
        return answer_to(request, response);
    }
    Bytes operator()(const kp::DeleteGroupsRequest& asked) const {
        kp::DeleteGroupsResponse response;
        for (const auto& name : asked.groups_names) {
            const auto found = known.groups.find(name);
            auto code = kp::ErrorCode::none;
            if (found == known.groups.end()) code = kp::ErrorCode::group_id_not_found;
            if (found != known.groups.end() && !found->second.members.empty()) code = kp::ErrorCode::non_empty_group;
            response.results.push_back({name, code});
        }
        return answer_to(request, response);
    }
    template <class Other>
    Bytes operator()(const Other&) const {
        ADD_FAILURE() << "nobody asks this: " << Other::type_name;
        return {};
    }
};

class Groups : public ::testing::Test {
protected:
    Groups() {
        known.log = {{{"demo", 0}, {5, 100}}, {{"demo", 3}, {0, 10}}, {{"orders", 1}, {0, 7}}};
        known.groups["shop/shop"] = {.group_id = "shop/shop",
                                     .group_state = "Stable",
                                     .protocol_type = "consumer",
                                     .protocol_data = "range",
                                     .members = {{"m-1", "rdkafka", "/192.0.2.7", "", assignment}, {"m-2", "", "/192.0.2.8", "", ""}}};
        known.groups["shop/later"] = {.group_id = "shop/later", .group_state = "Empty", .protocol_type = "consumer"};
        known.committed["shop/shop"] = {{{"demo", 0}, 60}, {{"gone", 0}, 3}};
        known.committed["shop/later"] = {{{"demo", 0}, 60}};
        link.emplace(*OperatorLink::connect(folder.path()));
    }

    TemporaryFolder folder;
    Known known;
    OperatorServer server{folder.path(), [this](const kp::Request& request) { return std::visit(Answers{known, request}, request.body); }};
    std::optional<OperatorLink> link;
};

TEST(FullGroupName, of_a_consumer_alone_is_its_own_group) {
    EXPECT_EQ(full_group_name("shop"), "shop/shop");
    EXPECT_EQ(full_group_name("shop/other"), "shop/other");
    EXPECT_EQ(full_group_name("shop/with/slashes"), "shop/with/slashes");
}

TEST_F(Groups, are_listed_by_name_with_their_members_counted) {
    const auto groups = list_groups(*link);
    ASSERT_TRUE(groups) << groups.error().message;
    EXPECT_EQ(group_table(*groups),
              "GROUP       STATE   MEMBERS\n"
              "shop/later  Empty         0\n"
              "shop/shop   Stable        2\n");
    EXPECT_EQ(group_json(groups->at(1)), R"({"group":"shop/shop","state":"Stable","members":2})");
}

TEST_F(Groups, are_none_at_first) {
    known.groups.clear();
    EXPECT_EQ(group_table(*list_groups(*link)), "GROUP  STATE  MEMBERS\n");
}

TEST_F(Groups, are_described_with_owner_commit_and_lag_of_each_partition) {
    const auto group = describe_group(*link, "shop/shop");
    ASSERT_TRUE(group) << group.error().message;
    EXPECT_EQ(group_text(*group),
              "group     shop/shop\n"
              "state     Stable (range)\n"
              "\n"
              "TOPIC   PARTITION  COMMITTED  END  LAG  MEMBER\n"
              "demo            0         60  100   40  m-1\n"
              "demo            3          -   10    -  m-1\n"
              "gone            0          3    -    -  -\n"
              "orders          1          -    7    -  m-1\n"
              "\n"
              "MEMBER  CLIENT   HOST       PARTITIONS\n"
              "m-1     rdkafka  192.0.2.7           3\n"
              "m-2              192.0.2.8           0\n");
    EXPECT_EQ(group_json(*group), R"({"group":"shop/shop","state":"Stable","assignor":"range","members":[)"
                                  R"({"id":"m-1","client_id":"rdkafka","host":"/192.0.2.7","assigned":[{"topic":"demo","partition":0},)"
                                  R"({"topic":"demo","partition":3},{"topic":"orders","partition":1}]},)"
                                  R"({"id":"m-2","client_id":"","host":"/192.0.2.8","assigned":[]}],"partitions":[)"
                                  R"({"topic":"demo","partition":0,"committed":60,"end":100,"lag":40,"member":"m-1"},)"
                                  R"({"topic":"demo","partition":3,"committed":null,"end":10,"lag":null,"member":"m-1"},)"
                                  R"({"topic":"gone","partition":0,"committed":3,"end":null,"lag":null,"member":null},)"
                                  R"({"topic":"orders","partition":1,"committed":null,"end":7,"lag":null,"member":"m-1"}]})");
}

TEST_F(Groups, without_members_are_described_by_their_commits) {
    const auto group = describe_group(*link, "shop/later");
    ASSERT_TRUE(group);
    EXPECT_EQ(group_text(*group),
              "group     shop/later\nstate     Empty\n\n"
              "TOPIC  PARTITION  COMMITTED  END  LAG  MEMBER\ndemo           0         60  100   40  -\n\nNo member is there now.\n");
}

TEST_F(Groups, of_the_consumers_own_name_have_the_partitions_too_that_were_added_since) {
    const auto group = describe_group(*link, "shop/later", {"demo", "not made yet"});
    ASSERT_TRUE(group);
    EXPECT_EQ(group_text(*group),
              "group     shop/later\nstate     Empty\n\n"
              "TOPIC  PARTITION  COMMITTED  END  LAG  MEMBER\n"
              "demo           0         60  100   40  -\n"
              "demo           3          0   10   10  -\n\nNo member is there now.\n");
}

TEST_F(Groups, that_assign_something_else_than_partitions_are_described_without) {
    known.groups["shop/shop"].protocol_type = "connect";
    const auto group = describe_group(*link, "shop/shop");
    ASSERT_TRUE(group);
    EXPECT_TRUE(group->members[0].assigned.empty());
    EXPECT_EQ(group->partitions.size(), 2U);
}

TEST_F(Groups, that_there_are_not_are_answered_with_those_that_there_are) {
    const auto group = describe_group(*link, "shop/shopp");
    ASSERT_FALSE(group);
    EXPECT_EQ(group.error().code, Errc::not_found);
    EXPECT_EQ(group.error().message, "no group \"shop/shopp\"; there are: shop/later, shop/shop");
    const auto deleted = delete_group(*link, "shop/shopp");
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().message, "no group \"shop/shopp\"; there are: shop/later, shop/shop");
}

TEST_F(Groups, with_members_are_neither_moved_nor_deleted) {
    const auto plan = plan_reset(*link, "shop/shop", {{"demo"}, std::nullopt, FromEarliest{}});
    ASSERT_FALSE(plan);
    EXPECT_EQ(plan.error().message, "group shop/shop: the group has members; stop its consumers first");
    const auto deleted = delete_group(*link, "shop/shop");
    ASSERT_FALSE(deleted);
    EXPECT_EQ(deleted.error().message, "group shop/shop: the group has members; stop its consumers first");
    known.commit_error = kp::ErrorCode::unknown_member_id;  // one came between plan and commit
    const auto moved = reset_offsets(*link, "shop/later", {{{"demo", 0}, 60, 5}});
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().message, "group shop/later, demo/0: the group has members; stop its consumers first");
}

TEST_F(Groups, move_to_the_ends_to_an_offset_and_to_a_time) {
    struct Case {
        StartPoint to;
        std::int64_t in_0;
        std::int64_t in_3;
    };
    for (const auto& [to, in_0, in_3] :
         std::initializer_list<Case>{{FromEarliest{}, 5, 0},
                                     {FromLatest{}, 100, 10},
                                     {FromOffset{8}, 8, 8},
                                     {FromOffset{2}, 5, 2},                   // below what is kept: the first that is
                                     {FromOffset{50}, 50, 10},                // beyond the end: the end
                                     {FromTime{UnixMillis{20s}}, 20, 10}}) {  // nothing that late in 3: the end
        const auto plan = plan_reset(*link, "shop/later", {{"demo"}, std::nullopt, to});
        ASSERT_TRUE(plan) << plan.error().message;
        ASSERT_EQ(plan->size(), 2U);
        EXPECT_EQ(plan->at(0).committed, 60);
        EXPECT_EQ(plan->at(0).target, in_0);
        EXPECT_EQ(plan->at(1).committed, std::nullopt);
        EXPECT_EQ(plan->at(1).target, in_3);
    }
    EXPECT_TRUE(known.commits.empty()) << "a plan changes nothing";
}

TEST_F(Groups, move_only_the_partition_that_is_named) {
    const auto plan = plan_reset(*link, "shop/later", {{"demo"}, 3, FromLatest{}});
    ASSERT_TRUE(plan);
    EXPECT_EQ(moves_table(*plan), "TOPIC  PARTITION  COMMITTED  NEW\ndemo           3          -   10\n");
    EXPECT_EQ(plan_reset(*link, "shop/later", {{"demo"}, 7, FromLatest{}}).error().message, "demo/7: there is no such topic or partition");
    EXPECT_EQ(plan_reset(*link, "shop/later", {{"absent"}, std::nullopt, FromLatest{}}).error().message,
              "topic absent: there is no such topic or partition");
}

TEST_F(Groups, are_moved_by_a_commit_of_nobody) {
    ASSERT_TRUE(reset_offsets(*link, "shop/later", {{{"demo", 0}, 60, 5}, {{"demo", 3}, std::nullopt, 0}, {{"orders", 1}, 2, 7}}));
    ASSERT_EQ(known.commits.size(), 1U);
    const auto& commit = known.commits[0];
    EXPECT_EQ(commit.group_id, "shop/later");
    EXPECT_EQ(commit.generation_id_or_member_epoch, -1);
    EXPECT_EQ(commit.member_id, "");
    ASSERT_EQ(commit.topics.size(), 2U);
    ASSERT_EQ(commit.topics[0].partitions.size(), 2U);
    EXPECT_EQ(commit.topics[0].partitions[1].partition_index, 3);
    EXPECT_EQ(commit.topics[0].partitions[1].committed_offset, 0);
    EXPECT_EQ(commit.topics[1].name, "orders");
    EXPECT_EQ(commit.topics[1].partitions[0].committed_offset, 7);
}

TEST_F(Groups, say_which_partition_was_refused_and_why) {
    known.commit_error = kp::ErrorCode::coordinator_not_available;
    EXPECT_EQ(reset_offsets(*link, "shop/later", {{{"demo", 0}, 60, 5}}).error().message,
              "group shop/later, demo/0: the gateway cannot store offsets now; its log says why");
    known.commit_error = kp::ErrorCode::offset_metadata_too_large;
    EXPECT_EQ(reset_offsets(*link, "shop/later", {{{"demo", 0}, 60, 5}}).error().message,
              "group shop/later, demo/0: OFFSET_METADATA_TOO_LARGE");
}

TEST_F(Groups, without_members_are_deleted) { EXPECT_TRUE(delete_group(*link, "shop/later")); }

}  // namespace
}  // namespace tenter::cli
