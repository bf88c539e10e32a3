// Members of groups: joining, synchronising, beating, leaving, failing; one sentence for each rule and each error.

#include <gtest/gtest.h>

#include <string>

#include "harness.hpp"

namespace {

using namespace tenter;
using namespace tenter::groups;
using namespace std::chrono_literals;
using kafka_protocol::JoinGroupProtocol;

class Joining : public GroupsTest {};
class Syncing : public GroupsTest {};
class Beating : public GroupsTest {};
class Leaving : public GroupsTest {};
class StaticMembers : public GroupsTest {};
class Connections : public GroupsTest {};
class Limited : public GroupsTest {};

TEST_F(Joining, a_client_of_version_4_is_told_an_id_first_and_an_older_one_joins_at_once) {
    const auto told = join({.version = 4});
    EXPECT_EQ(told->error_code, ErrorCode::member_id_required);
    EXPECT_TRUE(told->member_id.starts_with("reader-"));
    EXPECT_EQ(told->generation_id, -1);
    EXPECT_FALSE(join({.version = 2}).is_there());
}

TEST_F(Joining, the_leader_is_told_all_members_and_the_others_none) {
    const auto first = join({.version = 2, .protocols = {{"range", "one"}}});
    const auto second = join({.connection = 2, .version = 2, .protocols = {{"range", "two"}}});
    pass(options.initial_rebalance_delay * 2);
    ASSERT_TRUE(first.is_there() && second.is_there());
    EXPECT_EQ(first->leader, second->leader);
    EXPECT_EQ(first->leader, first->member_id);
    ASSERT_EQ(first->members.size(), 2U);
    EXPECT_TRUE(second->members.empty());
    for (const auto& member : first->members) EXPECT_EQ(member.metadata, member.member_id == first->member_id ? "one" : "two");
}

TEST_F(Joining, generations_begin_at_unix_seconds_and_rise) {
    const auto member = stable();
    EXPECT_EQ(member.generation, 1'700'000'000);
    const auto again = join({.member = member.member, .protocols = {{"range", "changed"}}});
    ASSERT_TRUE(again.is_there());
    EXPECT_EQ(again->generation_id, member.generation + 1);
}

TEST_F(Joining, a_generation_is_greater_after_a_restart_even_if_the_clock_went_back) {
    const auto member = stable();
    clock.set(clock.now() - 1h);
    restart();
    EXPECT_EQ(beat(member.member, member.generation), ErrorCode::unknown_member_id);
    EXPECT_GT(stable().generation, member.generation);
}

TEST_F(Joining, the_first_generation_waits_for_more_members_as_long_as_some_come) {
    options.initial_rebalance_delay = 100ms;
    start();
    const auto first = join({.version = 2});
    pass(90ms);
    const auto second = join({.connection = 2, .version = 2});
    pass(90ms);
    EXPECT_FALSE(first.is_there());
    pass(20ms);
    ASSERT_TRUE(first.is_there() && second.is_there());
    EXPECT_EQ(first->generation_id, second->generation_id);
}

TEST_F(Joining, a_rebalance_ends_without_the_dynamic_members_that_did_not_join_in_time) {
    const auto old = stable({.session_ms = 30'000, .rebalance_ms = 5'000});
    const auto second = join({.connection = 2, .version = 2, .rebalance_ms = 5'000});
    EXPECT_EQ(beat(old.member, old.generation), ErrorCode::rebalance_in_progress);
    pass(4'999ms);
    EXPECT_FALSE(second.is_there());
    pass(1ms);
    ASSERT_TRUE(second.is_there());
    EXPECT_EQ(second->members.size(), 1U);
    EXPECT_EQ(beat(old.member, old.generation), ErrorCode::unknown_member_id);
}

TEST_F(Joining, the_protocol_that_most_like_best_of_those_that_all_have_is_chosen) {
    const auto a = join({.version = 2, .protocols = {{"mine", ""}, {"sticky", "s"}, {"range", "r"}}});
    join({.connection = 2, .version = 2, .protocols = {{"range", "r"}, {"sticky", "s"}}});
    join({.connection = 3, .version = 2, .protocols = {{"range", "r"}, {"sticky", "s"}}});
    pass(1s);
    ASSERT_TRUE(a.is_there());
    EXPECT_EQ(a->protocol_name, "range");
}

TEST_F(Joining, who_shares_no_protocol_or_no_type_is_inconsistent) {
    const auto member = stable();
    EXPECT_EQ(join({.version = 2, .protocols = {{"roundrobin", ""}}})->error_code, ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(join({.version = 2, .type = "connect"})->error_code, ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(join({.version = 2, .protocols = {}, .group = "new"})->error_code, ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(join({.version = 2, .group = "new", .type = ""})->error_code, ErrorCode::inconsistent_group_protocol);
    EXPECT_EQ(beat(member.member, member.generation), ErrorCode::none);
}

TEST_F(Joining, session_timeouts_out_of_bounds_are_invalid) {
    for (const int session : {5'999, 1'800'001, 0, -1})
        EXPECT_EQ(join({.session_ms = session})->error_code, ErrorCode::invalid_session_timeout) << session;
    for (const int session : {6'000, 1'800'000})
        EXPECT_EQ(join({.session_ms = session})->error_code, ErrorCode::member_id_required) << session;
}

TEST_F(Joining, a_group_without_a_name_is_invalid) { EXPECT_EQ(join({.group = ""})->error_code, ErrorCode::invalid_group_id); }

TEST_F(Joining, an_id_that_the_group_does_not_know_is_unknown) {
    EXPECT_EQ(join({.member = "x"})->error_code, ErrorCode::unknown_member_id);  // no such group
    stable();
    EXPECT_EQ(join({.member = "x"})->error_code, ErrorCode::unknown_member_id);
}

TEST_F(Joining, a_follower_that_joins_again_unchanged_gets_the_generation_that_there_is_and_the_leader_begins_a_new_one) {
    const auto first = join({.version = 2});
    const auto second = join({.connection = 2, .version = 2});
    pass(1s);
    sync(first->member_id, first->generation_id);
    EXPECT_EQ(state(), "Stable");
    const auto& follower = first->leader == first->member_id ? second : first;
    const auto& leader = first->leader == first->member_id ? first : second;
    const auto again = join({.member = follower->member_id});
    ASSERT_TRUE(again.is_there());
    EXPECT_EQ(again->generation_id, first->generation_id);
    EXPECT_FALSE(join({.member = leader->member_id}).is_there());
    EXPECT_EQ(state(), "PreparingRebalance");
}

TEST_F(Joining, an_id_that_was_given_out_and_does_not_come_back_holds_a_rebalance_for_a_session_at_most) {
    const auto member = stable();
    join({.connection = 2, .session_ms = 6'000});  // and never again
    const auto again = join({.member = member.member});
    EXPECT_FALSE(again.is_there());
    pass(5'999ms);
    EXPECT_FALSE(again.is_there());
    pass(1ms);
    EXPECT_TRUE(again.is_there());
}

TEST_F(Joining, a_new_member_waits_for_a_long_rebalance_no_longer_than_the_new_member_timeout) {
    const auto member = stable({.session_ms = 1'800'000, .rebalance_ms = 1'800'000});
    const auto late = join({.connection = 2, .version = 2});
    pass(options.new_member_timeout - 1ms);
    EXPECT_FALSE(late.is_there());
    pass(1ms);
    ASSERT_TRUE(late.is_there());
    EXPECT_EQ(late->error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(late->member_id, "");
}

TEST_F(Joining, a_member_that_asks_twice_is_answered_twice) {
    const auto member = stable();
    join({.connection = 2, .version = 2});
    const auto first = join({.connection = 3, .member = member.member});
    ASSERT_TRUE(first.is_there());  // that ended the rebalance
    const auto third = join({.connection = 4, .version = 2});
    const auto a = join({.connection = 3, .member = member.member});
    EXPECT_FALSE(a.is_there());
    const auto b = join({.connection = 5, .member = member.member});
    ASSERT_TRUE(a.is_there());
    EXPECT_EQ(a->error_code, ErrorCode::rebalance_in_progress);
    EXPECT_FALSE(b.is_there() || third.is_there());
}

TEST_F(Syncing, all_get_what_the_leader_assigned_and_who_it_forgot_gets_nothing) {
    const auto leader = join({.version = 2});
    const auto other = join({.connection = 2, .version = 2});
    const auto third = join({.connection = 3, .version = 2});
    pass(1s);
    const auto waiting = sync(other->member_id, other->generation_id, {{"ignored", "not the leader's"}}, 2);
    EXPECT_FALSE(waiting.is_there());
    const auto own = sync(leader->member_id, leader->generation_id, {{leader->member_id, "a"}, {other->member_id, "b"}});
    EXPECT_EQ(own->assignment, "a");
    EXPECT_EQ(waiting->assignment, "b");
    EXPECT_EQ(sync(third->member_id, third->generation_id)->assignment, "");
    EXPECT_EQ(state(), "Stable");
}

TEST_F(Syncing, nothing_is_assigned_before_the_generation_is_durable) {
    const auto member = join({.version = 2});
    pass(1s);
    store.is_immediate = false;
    const auto synced = sync(member->member_id, member->generation_id, {{member->member_id, "a"}});
    EXPECT_FALSE(synced.is_there());
    store.settle(true);
    EXPECT_EQ(synced->assignment, "a");
}

TEST_F(Syncing, a_generation_that_cannot_be_stored_begins_another_one) {
    const auto member = join({.version = 2});
    pass(1s);
    store.is_immediate = false;
    const auto synced = sync(member->member_id, member->generation_id);
    store.settle(false);
    EXPECT_EQ(synced->error_code, ErrorCode::coordinator_not_available);
    EXPECT_EQ(state(), "PreparingRebalance");
}

TEST_F(Syncing, strangers_old_generations_and_rebalances_are_refused) {
    EXPECT_EQ(sync("x", 1)->error_code, ErrorCode::unknown_member_id);
    const auto member = stable();
    EXPECT_EQ(sync("x", member.generation)->error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(sync(member.member, member.generation - 1)->error_code, ErrorCode::illegal_generation);
    EXPECT_EQ(sync(member.member, member.generation)->assignment, "all");
    join({.connection = 2, .version = 2});
    EXPECT_EQ(sync(member.member, member.generation)->error_code, ErrorCode::rebalance_in_progress);
}

TEST_F(Syncing, a_member_that_comes_ends_the_waiting_of_those_that_wait_for_their_assignment) {
    join({.version = 2});
    const auto other = join({.connection = 2, .version = 2});
    const auto another = join({.connection = 3, .version = 2});
    pass(1s);
    const auto& follower = other->leader == other->member_id ? another : other;
    const auto waiting = sync(follower->member_id, follower->generation_id, {}, 2);
    EXPECT_FALSE(waiting.is_there());
    join({.connection = 4, .version = 2});
    EXPECT_EQ(waiting->error_code, ErrorCode::rebalance_in_progress);
}

TEST_F(Syncing, a_leader_that_beats_and_never_assigns_is_taken_out_after_the_rebalance_timeout) {
    const auto leader = join({.version = 2, .rebalance_ms = 15'000});
    const auto other = join({.connection = 2, .version = 2, .rebalance_ms = 15'000});
    pass(100ms);
    const auto& follower = other->leader == other->member_id ? leader : other;
    const auto& lazy = other->leader == other->member_id ? other : leader;
    const auto waiting = sync(follower->member_id, follower->generation_id, {}, 2);
    for (int i = 0; i < 15; ++i) {
        EXPECT_FALSE(waiting.is_there());
        EXPECT_EQ(beat(lazy->member_id, lazy->generation_id), ErrorCode::none);
        pass(1s);
    }
    ASSERT_TRUE(waiting.is_there());
    EXPECT_EQ(waiting->error_code, ErrorCode::rebalance_in_progress);
    EXPECT_EQ(beat(lazy->member_id, lazy->generation_id), ErrorCode::unknown_member_id);
}

TEST_F(Beating, a_member_lives_as_long_as_it_beats_and_a_session_longer) {
    const auto member = stable({.session_ms = 10'000});
    for (int i = 0; i < 5; ++i) {
        pass(9'999ms);
        EXPECT_EQ(beat(member.member, member.generation), ErrorCode::none);
    }
    pass(10s);
    EXPECT_EQ(beat(member.member, member.generation), ErrorCode::unknown_member_id);
    EXPECT_EQ(state(), "Empty");
}

TEST_F(Beating, strangers_and_old_generations_are_refused) {
    EXPECT_EQ(beat("x", 1), ErrorCode::unknown_member_id);
    const auto member = stable();
    EXPECT_EQ(beat("x", member.generation), ErrorCode::unknown_member_id);
    EXPECT_EQ(beat(member.member, member.generation - 1), ErrorCode::illegal_generation);
    EXPECT_EQ(coordinator->heartbeat(caller(), {.member_id = "x"}).error_code, ErrorCode::invalid_group_id);
}

TEST_F(Leaving, the_others_go_on_without_who_left) {
    const auto member = stable();
    const auto other = join({.connection = 2, .version = 2});
    EXPECT_FALSE(other.is_there());
    EXPECT_EQ(leave(member.member), ErrorCode::none);
    ASSERT_TRUE(other.is_there());
    EXPECT_EQ(other->leader, other->member_id);
    EXPECT_EQ(leave(member.member), ErrorCode::unknown_member_id);
    EXPECT_EQ(coordinator->leave_group(caller(1, 1), {.group_id = "none", .member_id = "x"}).error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(coordinator->leave_group(caller(1, 1), {.member_id = "x"}).error_code, ErrorCode::invalid_group_id);
}

TEST_F(Leaving, several_leave_at_once_and_each_has_its_error) {
    const auto member = stable({.instance = "one"});
    const auto promised = join({.connection = 2});
    const auto answer = coordinator->leave_group(caller(1, 3), {.group_id = "orders",
                                                                .members = {{.member_id = "x"},
                                                                            {.member_id = promised->member_id},
                                                                            {.member_id = "x", .group_instance_id = "one"},
                                                                            {.member_id = "", .group_instance_id = "two"},
                                                                            {.member_id = "", .group_instance_id = "one"}}});
    EXPECT_EQ(answer.error_code, ErrorCode::none);
    ASSERT_EQ(answer.members.size(), 5U);
    EXPECT_EQ(answer.members[0].error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(answer.members[1].error_code, ErrorCode::none);
    EXPECT_EQ(answer.members[2].error_code, ErrorCode::fenced_instance_id);
    EXPECT_EQ(answer.members[3].error_code, ErrorCode::unknown_member_id);
    EXPECT_EQ(answer.members[4].error_code, ErrorCode::none);
    EXPECT_EQ(beat(member.member, member.generation, "one"), ErrorCode::unknown_member_id);
    EXPECT_EQ(state(), "Empty");
}

TEST_F(StaticMembers, who_comes_back_with_its_instance_id_gets_its_assignment_without_a_rebalance) {
    const auto member = stable({.instance = "one"});
    const auto back = join({.connection = 2, .instance = "one"});
    ASSERT_TRUE(back.is_there());
    EXPECT_EQ(back->error_code, ErrorCode::none);
    EXPECT_EQ(back->generation_id, member.generation);
    EXPECT_NE(back->member_id, member.member);
    EXPECT_EQ(back->leader, member.member) << "so that it does not assign";
    EXPECT_EQ(sync(back->member_id, back->generation_id, {}, 2, "one")->assignment, "all");
    EXPECT_EQ(state(), "Stable");
}

TEST_F(StaticMembers, who_was_replaced_is_fenced_wherever_it_shows_up) {
    const auto member = stable({.instance = "one"});
    join({.connection = 2, .instance = "one"});
    EXPECT_EQ(beat(member.member, member.generation, "one"), ErrorCode::fenced_instance_id);
    EXPECT_EQ(sync(member.member, member.generation, {}, 1, "one")->error_code, ErrorCode::fenced_instance_id);
    EXPECT_EQ(join({.member = member.member, .instance = "one"})->error_code, ErrorCode::fenced_instance_id);
    CommitReply reply;
    coordinator->commit_offsets(caller(1, 7),
                                {.group_id = "orders",
                                 .generation_id_or_member_epoch = member.generation,
                                 .member_id = member.member,
                                 .group_instance_id = "one",
                                 .topics = {{.name = "t", .partitions = {{}}}}},
                                reply.taker());
    EXPECT_EQ(error_of(reply), ErrorCode::fenced_instance_id);
    EXPECT_EQ(beat(member.member, member.generation), ErrorCode::unknown_member_id) << "without its instance id it is nobody";
    EXPECT_EQ(beat("x", member.generation, "two"), ErrorCode::unknown_member_id);
}

TEST_F(StaticMembers, the_waiting_request_of_who_is_replaced_is_fenced) {
    const auto first = join({.instance = "one"});
    const auto second = join({.connection = 2, .instance = "one"});
    EXPECT_EQ(first->error_code, ErrorCode::fenced_instance_id);
    pass(1s);
    ASSERT_TRUE(second.is_there());
    EXPECT_EQ(second->members.size(), 1U);
}

TEST_F(StaticMembers, one_that_comes_back_before_the_assignment_begins_a_new_generation) {
    const auto first = join({.instance = "one"});
    pass(1s);
    EXPECT_EQ(state(), "CompletingRebalance");
    const auto back = join({.connection = 2, .instance = "one"});
    ASSERT_TRUE(back.is_there());
    EXPECT_GT(back->generation_id, first->generation_id);
    EXPECT_EQ(back->leader, back->member_id);
}

TEST_F(StaticMembers, one_that_comes_back_with_other_protocols_begins_a_new_generation) {
    const auto member = stable({.instance = "one", .protocols = {{"range", ""}, {"sticky", ""}}});
    const auto back = join({.connection = 2, .instance = "one", .protocols = {{"sticky", ""}}});
    ASSERT_TRUE(back.is_there());
    EXPECT_GT(back->generation_id, member.generation);
    EXPECT_EQ(back->protocol_name, "sticky");
}

TEST_F(StaticMembers, one_that_is_away_keeps_its_place_through_a_rebalance_until_its_session_ends) {
    stable({.instance = "one", .session_ms = 30'000, .rebalance_ms = 5'000});
    const auto other = join({.connection = 2, .instance = "two", .session_ms = 30'000, .rebalance_ms = 5'000});
    pass(5s);
    ASSERT_TRUE(other.is_there());
    EXPECT_EQ(other->members.size(), 2U);
    EXPECT_EQ(other->leader, other->member_id);
}

TEST_F(Connections, answers_of_a_closed_connection_are_not_called) {
    const auto waiting = join({.version = 2});
    coordinator->connection_closed(ConnectionId{1});
    pass(10min);
    EXPECT_FALSE(waiting.is_there());
}

TEST_F(Connections, a_member_that_never_knew_its_id_goes_with_its_connection) {
    const auto member = stable();
    join({.connection = 2, .version = 2});
    coordinator->connection_closed(ConnectionId{2});
    const auto again = join({.member = member.member});
    ASSERT_TRUE(again.is_there());
    EXPECT_EQ(again->members.size(), 1U);
}

TEST_F(Connections, a_member_whose_connection_closes_while_it_waits_does_not_hold_the_others_and_does_not_lead) {
    const auto lost = join_new({});
    coordinator->connection_closed(ConnectionId{1});
    const auto other = join({.connection = 2, .version = 2});
    pass(1s);
    ASSERT_TRUE(other.is_there());
    EXPECT_EQ(other->leader, other->member_id);
    EXPECT_EQ(other->members.size(), 2U);
    pass(10s);
    EXPECT_EQ(beat(other->member_id, other->generation_id), ErrorCode::unknown_member_id) << "its own session ended too";
    EXPECT_EQ(state(), "Empty");
    EXPECT_FALSE(lost.is_there());
}

TEST_F(Connections, an_id_that_only_the_closed_connection_knew_does_not_hold_a_rebalance) {
    const auto member = stable();
    join({.connection = 2});
    coordinator->connection_closed(ConnectionId{2});
    EXPECT_TRUE(join({.member = member.member}).is_there());
}

TEST_F(Limited, a_full_group_takes_no_more_members_and_gives_out_no_more_ids) {
    options.limits.members_per_group = 2;
    start();
    const auto a = join({.version = 2});
    const auto b = join({.connection = 2, .version = 2});
    EXPECT_EQ(join({.connection = 3, .version = 2})->error_code, ErrorCode::group_max_size_reached);
    pass(1s);
    EXPECT_TRUE(a.is_there() && b.is_there());
    EXPECT_EQ(join({.connection = 3, .version = 5})->error_code, ErrorCode::group_max_size_reached);
    for (int i = 0; i < 2; ++i) EXPECT_EQ(join({.group = "new"})->error_code, ErrorCode::member_id_required);
    EXPECT_EQ(join({.group = "new"})->error_code, ErrorCode::group_max_size_reached);
}

TEST_F(Limited, a_consumer_at_its_limit_of_groups_gets_no_more_until_one_is_of_no_use) {
    options.limits.groups_per_consumer = 2;
    start();
    const auto member = stable();
    EXPECT_EQ(error_of(commit(1, {}, -1, "second")), ErrorCode::none);
    EXPECT_EQ(join({.version = 2, .group = "third"})->error_code, ErrorCode::policy_violation);
    EXPECT_EQ(error_of(commit(1, {}, -1, "third")), ErrorCode::policy_violation);
    EXPECT_EQ(leave(member.member), ErrorCode::none);  // it had no offsets
    EXPECT_EQ(error_of(commit(1, {}, -1, "third")), ErrorCode::none);
}

TEST_F(Limited, too_much_metadata_too_many_protocols_and_too_long_names_are_refused) {
    options.limits.member_metadata = 100;
    options.limits.protocols_per_member = 2;
    options.limits.name = 10;
    options.limits.assignments = 100;
    start();
    EXPECT_EQ(join({.protocols = {{"range", std::string(100, 'x')}}})->error_code, ErrorCode::policy_violation);
    EXPECT_EQ(join({.protocols = {{"a", ""}, {"b", ""}, {"c", ""}}})->error_code, ErrorCode::policy_violation);
    EXPECT_EQ(join({.instance = std::string(11, 'i')})->error_code, ErrorCode::policy_violation);
    EXPECT_EQ(join({.group = std::string(11, 'g')})->error_code, ErrorCode::invalid_group_id);
    EXPECT_EQ(error_of(commit(1, {}, -1, std::string(11, 'g'))), ErrorCode::invalid_group_id);
    const auto member = join_new({});
    pass(1s);
    EXPECT_EQ(sync(member->member_id, member->generation_id, {{"m", std::string(100, 'a')}})->error_code, ErrorCode::policy_violation);
}

TEST_F(Limited, what_the_members_of_a_consumer_take_in_all_its_groups_is_bounded_and_comes_free_again) {
    options.limits.members_of_consumer = 20'000;
    start();
    const auto join_group = [&](std::uint64_t connection, const std::string& group, std::size_t size) {
        return join({.connection = connection, .version = 2, .protocols = {{"range", std::string(size, 'x')}}, .group = group});
    };
    const auto first = join_group(1, "orders", 8'000);
    const auto second = join_group(2, "second", 8'000);
    EXPECT_EQ(join_group(3, "third", 4'000)->error_code, ErrorCode::policy_violation);
    pass(1s);
    ASSERT_EQ(first->error_code, ErrorCode::none);
    EXPECT_EQ(sync(first->member_id, first->generation_id, {{first->member_id, std::string(4'000, 'a')}})->error_code,
              ErrorCode::policy_violation);
    const auto again =
        join({.version = 2, .member = second->member_id, .protocols = {{"range", std::string(8'500, 'x')}}, .group = "second"});
    EXPECT_FALSE(again.is_there() && again->error_code == ErrorCode::policy_violation) << "what it had counts no more";
    pass(20s);  // the sessions end
    EXPECT_EQ(state("second"), "Empty");
    const auto third = join_group(3, "third", 17'000);
    pass(1s);
    EXPECT_EQ(third->error_code, ErrorCode::none);
}

TEST_F(Limited, when_too_many_answers_are_waited_for_requests_are_sent_away) {
    options.limits.waiting_answers = 1;
    start();
    const auto member = join({.version = 2});
    EXPECT_EQ(join({.connection = 2, .version = 2})->error_code, ErrorCode::coordinator_not_available);
    EXPECT_EQ(error_of(commit(1)), ErrorCode::coordinator_not_available);
    pass(1s);
    join({.connection = 2, .version = 2, .group = "second"});
    EXPECT_EQ(sync(member->member_id, member->generation_id)->error_code, ErrorCode::rebalance_in_progress);
}

}  // namespace
