// Offsets: who may commit, when they are durable, how long they are kept, and that a restart finds them.

#include <gtest/gtest.h>

#include <string>

#include "harness.hpp"

namespace {

using namespace tenter;
using namespace tenter::groups;
using namespace std::chrono_literals;

class Committing : public GroupsTest {};
class Keeping : public GroupsTest {
protected:
    void SetUp() override { start(); }
    ErrorCode remove(const std::string& group) {
        Reply<kafka_protocol::DeleteGroupsResponse> reply;
        coordinator->delete_groups(caller(), {.groups_names = {group}}, reply.taker());
        return reply.is_there() ? reply->results.at(0).error_code : ErrorCode::request_timed_out;
    }
    std::vector<std::string> listed(std::vector<std::string> states = {}) {
        std::vector<std::string> names;
        for (const auto& group : coordinator->list_groups(caller(), {.states_filter = std::move(states)}).groups)
            names.push_back(group.group_id);
        return names;
    }
};

TEST_F(Committing, an_offset_is_acknowledged_and_told_when_it_is_durable) {
    store.is_immediate = false;
    const auto reply = commit(7);
    EXPECT_FALSE(reply.is_there());
    EXPECT_EQ(committed(), -1);
    store.settle(true);
    EXPECT_EQ(error_of(reply), ErrorCode::none);
    EXPECT_EQ(committed(), 7);
}

TEST_F(Committing, what_could_not_be_stored_is_not_available_and_what_was_before_counts) {
    commit(7);
    store.is_immediate = false;
    const auto reply = commit(8);
    store.settle(false);
    EXPECT_EQ(error_of(reply), ErrorCode::coordinator_not_available);
    EXPECT_EQ(committed(), 7);
}

TEST_F(Committing, a_tool_commits_to_a_group_without_members_only) {
    EXPECT_EQ(error_of(commit(1)), ErrorCode::none);
    const auto member = stable();
    EXPECT_EQ(error_of(commit(2)), ErrorCode::unknown_member_id);
    leave(member.member);
    EXPECT_EQ(error_of(commit(3)), ErrorCode::none);
    EXPECT_EQ(committed(), 3);
}

TEST_F(Committing, strangers_and_old_generations_are_refused) {
    EXPECT_EQ(error_of(commit(1, "x", 5)), ErrorCode::illegal_generation) << "of no group";
    const auto member = stable();
    EXPECT_EQ(error_of(commit(1, "x", member.generation)), ErrorCode::unknown_member_id);
    EXPECT_EQ(error_of(commit(1, member.member, member.generation - 1)), ErrorCode::illegal_generation);
    EXPECT_EQ(error_of(commit(1, member.member, member.generation)), ErrorCode::none);
}

TEST_F(Committing, during_a_rebalance_a_member_may_commit_until_it_has_been_told_the_new_generation) {
    const auto member = stable();
    join({.connection = 2, .version = 2});
    EXPECT_EQ(error_of(commit(1, member.member, member.generation)), ErrorCode::none);
    const auto again = join({.member = member.member});
    EXPECT_EQ(error_of(commit(2, member.member, again->generation_id)), ErrorCode::rebalance_in_progress);
    EXPECT_EQ(error_of(commit(2, member.member, member.generation)), ErrorCode::illegal_generation);
}

TEST_F(Committing, a_commit_is_a_sign_of_life) {
    const auto member = stable({.session_ms = 10'000});
    for (int i = 0; i < 3; ++i) {
        pass(9s);
        EXPECT_EQ(error_of(commit(i, member.member, member.generation)), ErrorCode::none);
    }
}

TEST_F(Committing, too_long_metadata_is_refused_for_its_partition_only) {
    kafka_protocol::OffsetCommitTopic topic{.name = "t"};
    topic.partitions.push_back({.partition_index = 0, .committed_offset = 1, .committed_metadata = std::string(4'097, 'm')});
    topic.partitions.push_back({.partition_index = 1, .committed_offset = 2, .committed_metadata = std::string(4'096, 'm')});
    CommitReply reply;
    coordinator->commit_offsets(caller(), {.group_id = "orders", .topics = {topic}}, reply.taker());
    EXPECT_EQ(reply->topics.at(0).partitions.at(0).error_code, ErrorCode::offset_metadata_too_large);
    EXPECT_EQ(reply->topics.at(0).partitions.at(1).error_code, ErrorCode::none);
    const auto all = coordinator->fetch_offsets(caller(), {.group_id = "orders", .topics = {}});
    ASSERT_EQ(all.topics.size(), 1U);
    ASSERT_EQ(all.topics[0].partitions.size(), 1U);
    EXPECT_EQ(all.topics[0].partitions[0].partition_index, 1);
    EXPECT_EQ(all.topics[0].partitions[0].metadata, std::string(4'096, 'm'));
}

TEST_F(Committing, more_partitions_than_a_group_may_have_are_refused_and_known_ones_go_on) {
    options.limits.offsets_per_group = 1;
    start();
    EXPECT_EQ(error_of(commit(1)), ErrorCode::none);
    CommitReply reply;
    coordinator->commit_offsets(caller(), {.group_id = "orders", .topics = {{.name = "u", .partitions = {{.committed_offset = 1}}}}},
                                reply.taker());
    EXPECT_EQ(error_of(reply), ErrorCode::policy_violation);
    EXPECT_EQ(error_of(commit(2)), ErrorCode::none);
}

TEST_F(Committing, groups_of_one_name_of_two_consumers_are_two_groups) {
    commit(7);
    auto other = caller();
    other.consumer = "bank";
    const std::vector<kafka_protocol::OffsetFetchTopic> topics{{.name = "t", .partition_indexes = {0}}};
    EXPECT_EQ(coordinator->fetch_offsets(other, {.group_id = "orders", .topics = topics}).topics[0].partitions[0].committed_offset, -1);
    EXPECT_TRUE(coordinator->list_groups(other, {}).groups.empty());
    EXPECT_EQ(coordinator->describe_groups(other, {.groups = {"orders"}}).groups[0].group_state, "Dead");
}

TEST_F(Keeping, a_restart_finds_what_was_acknowledged) {
    commit(7, {}, -1, "orders", "note");
    store.is_immediate = false;
    commit(8);
    restart();
    const auto found = coordinator->fetch_offsets(caller(), {.group_id = "orders", .topics = {}});
    EXPECT_EQ(found.topics.at(0).partitions.at(0).committed_offset, 7);
    EXPECT_EQ(found.topics.at(0).partitions.at(0).metadata, "note");
}

TEST_F(Keeping, offsets_of_a_group_without_members_expire_after_a_week) {
    const auto member = stable();
    commit(7, member.member, member.generation);
    clock.set(clock.now() + 8 * 24h);  // without a commit, and with members
    for (int i = 0; i < 100; ++i) {
        pass(9s);
        ASSERT_EQ(beat(member.member, member.generation), ErrorCode::none);
    }
    EXPECT_EQ(committed(), 7);
    leave(member.member);
    pass(7 * 24h - 1h);
    EXPECT_EQ(committed(), 7);
    pass(1h + options.retention_interval);
    EXPECT_EQ(committed(), -1);
    EXPECT_TRUE(listed().empty());
    restart();
    EXPECT_TRUE(listed().empty());
}

TEST_F(Keeping, a_restart_does_not_make_an_idle_group_younger_nor_one_with_members_older) {
    commit(7);
    commit(7, {}, -1, "live");
    auto as = As();
    as.group = "live";
    const auto joined = join_new(as);
    pass(1s);
    SyncReply synced;
    coordinator->sync_group(caller(), {.group_id = "live", .generation_id = joined->generation_id, .member_id = joined->member_id},
                            synced.taker());
    EXPECT_EQ(state("live"), "Stable");
    clock.set(clock.now() + 7 * 24h);
    restart();
    pass(options.retention_interval);
    EXPECT_EQ(committed("live"), 7);
    EXPECT_EQ(committed("orders"), 7) << "no record says since when it was idle, so it counts from the restart";
}

TEST_F(Keeping, a_group_that_became_empty_before_a_restart_counts_from_then) {
    const auto member = stable();
    commit(7, member.member, member.generation);
    leave(member.member);
    clock.set(clock.now() + 4 * 24h);
    restart();
    EXPECT_EQ(committed(), 7);
    clock.set(clock.now() + 3 * 24h);
    pass(options.retention_interval);
    EXPECT_EQ(committed(), -1);
}

TEST_F(Keeping, the_group_that_is_named_as_its_consumer_never_expires) {
    commit(7, {}, -1, "shop");
    pass(1'000 * 24h);
    EXPECT_EQ(committed("shop"), 7);
}

TEST_F(Keeping, a_snapshot_replaces_all_that_was_stored_before_it) {
    commit(1);
    commit(2, {}, -1, "gone");
    EXPECT_EQ(remove("gone"), ErrorCode::none);
    const auto member = stable();
    commit(5, member.member, member.generation);
    store.compact(coordinator->snapshot());
    EXPECT_EQ(store.durable().size(), 2U);
    restart();
    EXPECT_EQ(committed(), 5);
    EXPECT_GT(stable().generation, member.generation);
}

TEST_F(Keeping, a_snapshot_behind_a_commit_that_is_on_its_way_does_not_undo_it) {
    commit(1);
    store.is_immediate = false;
    const auto reply = commit(2);
    store.compact(coordinator->snapshot());
    store.settle(true);
    store.settle(true);
    EXPECT_EQ(error_of(reply), ErrorCode::none);
    restart();
    EXPECT_EQ(committed(), 2);
}

TEST_F(Keeping, a_group_is_deleted_when_that_is_durable_and_only_without_members) {
    EXPECT_EQ(remove("none"), ErrorCode::group_id_not_found);
    const auto member = stable();
    commit(7, member.member, member.generation);
    EXPECT_EQ(remove("orders"), ErrorCode::non_empty_group);
    leave(member.member);
    store.is_immediate = false;
    EXPECT_EQ(remove("orders"), ErrorCode::request_timed_out) << "not answered yet";
    EXPECT_EQ(state(), "Dead");
    EXPECT_EQ(join({})->error_code, ErrorCode::coordinator_not_available);
    EXPECT_EQ(error_of(commit(1)), ErrorCode::coordinator_not_available);
    EXPECT_EQ(beat("x", 1), ErrorCode::coordinator_not_available);
    EXPECT_EQ(sync("x", 1)->error_code, ErrorCode::coordinator_not_available);
    EXPECT_EQ(leave("x"), ErrorCode::coordinator_not_available);
    store.settle(true);
    EXPECT_TRUE(listed().empty());
    restart();
    EXPECT_EQ(committed(), -1);
}

TEST_F(Keeping, a_group_whose_deletion_cannot_be_stored_is_there_again) {
    commit(7);
    store.is_immediate = false;
    remove("orders");
    store.settle(false);
    EXPECT_EQ(state(), "Empty");
    EXPECT_EQ(committed(), 7);
}

TEST_F(Keeping, a_group_is_deleted_with_offsets_of_which_nobody_knows_whether_they_are_durable) {
    store.is_immediate = false;
    commit(7);
    store.settle_in_doubt();
    EXPECT_EQ(committed(), -1);
    EXPECT_EQ(remove("orders"), ErrorCode::request_timed_out) << "there is something to be made durable";
    store.settle(true);
    restart();
    EXPECT_EQ(committed(), -1);
}

TEST_F(Keeping, a_group_that_is_made_again_at_once_has_a_greater_generation) {
    const auto member = stable();
    leave(member.member);
    remove("orders");
    EXPECT_GT(stable().generation, member.generation);
}

TEST_F(Keeping, single_offsets_are_taken_away_from_groups_without_members) {
    commit(7);
    const auto take = [&](const std::string& group) {
        Reply<ErrorCode> reply;
        coordinator->delete_offsets({.consumer = "shop", .group = group}, {{.topic = "t", .partition = 0}}, reply.taker());
        return *reply;
    };
    EXPECT_EQ(take("none"), ErrorCode::group_id_not_found);
    const auto member = stable();
    EXPECT_EQ(take("orders"), ErrorCode::non_empty_group);
    leave(member.member);
    EXPECT_EQ(take("orders"), ErrorCode::none);
    EXPECT_EQ(committed(), -1);
    restart();
    EXPECT_EQ(committed(), -1);
}

TEST_F(Keeping, a_consumer_that_is_forgotten_takes_its_groups_and_their_waiting_members_along) {
    commit(7, {}, -1, "shop");
    const auto member = stable();
    const auto waiting = join({.connection = 2, .version = 2});
    Reply<ErrorCode> reply;
    coordinator->forget_consumer("shop", reply.taker());
    EXPECT_EQ(*reply, ErrorCode::none);
    EXPECT_EQ(waiting->error_code, ErrorCode::group_authorization_failed);
    EXPECT_EQ(beat(member.member, member.generation), ErrorCode::unknown_member_id);
    EXPECT_TRUE(listed().empty());
    restart();
    EXPECT_EQ(committed("shop"), -1);
}

TEST_F(Keeping, groups_are_listed_by_state_and_described_with_members_and_assignments) {
    commit(1, {}, -1, "idle");
    const auto member = stable();
    EXPECT_EQ(listed(), (std::vector<std::string>{"idle", "orders"}));
    EXPECT_EQ(listed({"stable"}), std::vector<std::string>{"orders"});
    EXPECT_EQ(listed({"Empty", "Dead"}), std::vector<std::string>{"idle"});
    const auto described = coordinator->describe_groups(caller(), {.groups = {"orders", "none"}}).groups;
    ASSERT_EQ(described.size(), 2U);
    EXPECT_EQ(described[0].group_state, "Stable");
    EXPECT_EQ(described[0].protocol_type, "consumer");
    EXPECT_EQ(described[0].protocol_data, "range");
    ASSERT_EQ(described[0].members.size(), 1U);
    EXPECT_EQ(described[0].members[0].member_id, member.member);
    EXPECT_EQ(described[0].members[0].client_id, "reader");
    EXPECT_EQ(described[0].members[0].client_host, "/::1");
    EXPECT_EQ(described[0].members[0].member_metadata, "m");
    EXPECT_EQ(described[0].members[0].member_assignment, "all");
    EXPECT_EQ(described[1].group_state, "Dead");
    EXPECT_EQ(described[1].error_code, ErrorCode::none);
}

}  // namespace
