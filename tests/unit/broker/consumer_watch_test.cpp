// Consumers that come and go while the gateway runs. Goal: whoever is removed has no access and leaves nothing; whoever is new is let in
// only when its start offsets are durable, whatever fails on the way. Method: another `RegistryFile` changes the file, as `tenter consumer`
// does.

#include <map>

#include "tests/unit/broker/harness.hpp"

namespace tenter::broker {
namespace {

class Consumers : public BrokerTest {
protected:
    [[nodiscard]] consumers::Consumer new_consumer(const std::string& name) {
        auto made = consumer(name, {"demo", "shop"});
        made.is_new = true;
        made.start_offsets = {{"demo", {1}}, {"shop", {0, 7, 8}}};  // a fourth partition that it does not know
        return made;
    }
    void commit(TestClient& client, const std::string& group, std::int64_t offset) {
        const OffsetCommitRequest request{
            .group_id = group, .topics = {{.name = "incoming.demo", .partitions = {{.partition_index = 0, .committed_offset = offset}}}}};
        EXPECT_EQ(client.ask<OffsetCommitResponse>(request, 7).topics.at(0).partitions.at(0).error_code, ErrorCode::none);
    }
    /// What is stored of a group, by topic and partition.
    [[nodiscard]] std::map<std::string, std::int64_t> stored_offsets(TestClient& client, const std::string& group) {
        std::map<std::string, std::int64_t> all;
        const auto response = client.ask<OffsetFetchResponse>(OffsetFetchRequest{.group_id = group}, 5);
        for (const auto& topic : response.topics)
            for (const auto& partition : topic.partitions)
                all[topic.name + "/" + std::to_string(partition.partition_index)] = partition.committed_offset;
        return all;
    }
    void start_login(TestClient& client, const std::string& name) {
        (void)client.ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1);
        client.send(SaslAuthenticateRequest{.auth_bytes = plain(name, secret_of_reader)}, 1);
    }
    [[nodiscard]] bool is_new(const std::string& name) { return (*others_file.current())->find(name)->is_new; }
    /// Settles what is open and what follows from it.
    void settle_all(bool is_durable = true) {
        while (offsets.open() > 0) offsets.settle(is_durable);
    }

    const std::map<std::string, std::int64_t> starts{
        {"incoming.demo/0", 1}, {"incoming.shop/0", 0}, {"incoming.shop/1", 7}, {"incoming.shop/2", 8}, {"incoming.shop/3", 0}};
};

TEST_F(Consumers, that_are_new_are_let_in_with_their_start_offsets) {
    (void)broker();
    put(new_consumer("late"));
    const auto client = login("late");  // the login itself looks
    EXPECT_FALSE(is_new("late"));
    EXPECT_EQ(stored_offsets(*client, "late"), starts);
}

TEST_F(Consumers, that_are_new_at_the_start_are_let_in_too) {
    put(new_consumer("late"));
    (void)broker();
    EXPECT_FALSE(is_new("late"));
    EXPECT_EQ(stored_offsets(*login("late"), "late"), starts);
}

TEST_F(Consumers, are_found_without_anybody_who_asks) {
    (void)broker();
    put(new_consumer("late"));
    let_pass(199ms);
    EXPECT_TRUE(is_new("late"));
    let_pass(1ms);
    EXPECT_FALSE(is_new("late"));
}

TEST_F(Consumers, are_found_at_every_request_of_the_operator) {
    const auto client = operators();
    put(new_consumer("late"));
    (void)client->ask<ApiVersionsResponse>(ApiVersionsRequest{}, 2);
    EXPECT_FALSE(is_new("late"));
}

TEST_F(Consumers, wait_for_their_start_offsets_before_they_are_let_in) {
    (void)broker();
    offsets.is_immediate = false;
    put(new_consumer("late"));
    const auto client = connect();
    start_login(*client, "late");
    EXPECT_FALSE(client->is_answered());
    offsets.settle(true);  // forgotten what was before
    EXPECT_FALSE(client->is_answered());
    EXPECT_TRUE(is_new("late"));
    offsets.settle(true);  // the offsets
    EXPECT_EQ(client->answer<SaslAuthenticateResponse>(1).error_code, ErrorCode::none);
    EXPECT_TRUE((*client)->is_authenticated());
    EXPECT_FALSE(is_new("late"));
    EXPECT_EQ(stored_offsets(*client, "late"), starts);
}

TEST_F(Consumers, try_again_what_failed_before_they_are_let_in) {
    (void)broker();
    offsets.is_immediate = false;
    put(new_consumer("late"));
    const auto client = connect();
    start_login(*client, "late");
    settle_all(false);
    EXPECT_TRUE(is_new("late"));
    let_pass(1s);
    offsets.settle(true);
    settle_all(false);
    EXPECT_TRUE(is_new("late"));
    EXPECT_FALSE(client->is_answered());
    let_pass(1s);
    settle_all();
    EXPECT_EQ(client->answer<SaslAuthenticateResponse>(1).error_code, ErrorCode::none);
    EXPECT_EQ(stored_offsets(*client, "late"), starts);
}

TEST_F(Consumers, do_not_wait_for_ever) {
    (void)broker();
    offsets.is_immediate = false;
    put(new_consumer("late"));
    const auto client = connect();
    start_login(*client, "late");
    let_pass(10s);
    EXPECT_NE(client->reason().find("could not be stored in time"), std::string::npos);
    EXPECT_FALSE((*client)->is_authenticated());
    settle_all();
    EXPECT_FALSE(is_new("late"));
}

TEST_F(Consumers, wait_while_somebody_else_changes_the_file) {
    (void)broker();
    put(new_consumer("late"));
    auto lock = disk.lock("/data/consumers.lock");
    ASSERT_TRUE(lock);
    const auto client = connect();
    start_login(*client, "late");
    EXPECT_FALSE(client->is_answered());
    lock->reset();
    let_pass(200ms);
    EXPECT_EQ(client->answer<SaslAuthenticateResponse>(1).error_code, ErrorCode::none);
}

TEST_F(Consumers, that_are_removed_lose_their_connections_and_their_groups) {
    put(consumer("other", {"demo"}));
    const auto client = login();
    const auto waiting = login();
    const auto other = login("other");
    commit(*client, "team", 5);
    commit(*other, "team", 6);
    waiting->send(fetch_of("incoming.demo", 0, 0), 11);
    remove("reader");
    let_pass(200ms);
    ASSERT_TRUE(client->ended);
    EXPECT_NE(client->ended->find("consumer \"reader\" was removed"), std::string::npos);
    EXPECT_TRUE(waiting->ended);
    EXPECT_FALSE(other->ended);
    client->send(MetadataRequest{}, 8);  // before the connection is gone
    EXPECT_EQ(client->reply->frame.size(), 0U);
    EXPECT_NE(client->reason(), "");
    put(consumer("reader", {"demo"}));
    EXPECT_TRUE(stored_offsets(*login(), "team").empty());
    EXPECT_EQ(stored_offsets(*other, "team").size(), 1U);
}

TEST_F(Consumers, that_were_removed_while_nothing_ran_leave_no_groups) {
    commit(*login(), "team", 5);
    stop_broker();
    remove("reader");
    (void)broker();
    put(consumer("reader", {"demo"}));
    EXPECT_TRUE(stored_offsets(*login(), "team").empty());
}

TEST_F(Consumers, that_are_made_anew_begin_anew) {
    const auto before = login();
    commit(*before, "reader", 5);
    commit(*before, "team", 5);
    auto again = new_consumer("reader");
    put(again);
    const auto after = login();
    EXPECT_TRUE(before->ended);
    EXPECT_EQ(stored_offsets(*after, "reader"), starts);
    EXPECT_TRUE(stored_offsets(*after, "team").empty());
}

TEST_F(Consumers, that_are_removed_while_they_are_let_in_leave_nothing) {
    (void)broker();
    offsets.is_immediate = false;
    put(new_consumer("late"));
    const auto client = connect();
    start_login(*client, "late");
    offsets.settle(true);
    remove("late");  // its offsets are on their way
    let_pass(200ms);
    EXPECT_NE(client->reason().find("was removed while it logged in"), std::string::npos);
    settle_all();
    put(consumer("late", {"demo", "shop"}));
    EXPECT_TRUE(stored_offsets(*login("late"), "late").empty());
}

TEST_F(Consumers, that_are_forgotten_in_vain_are_forgotten_later) {
    const auto client = login();
    commit(*client, "team", 5);
    offsets.is_immediate = false;
    remove("reader");
    let_pass(200ms);
    settle_all(false);
    let_pass(1s);
    settle_all(true);
    offsets.is_immediate = true;
    put(consumer("reader", {"demo"}));
    EXPECT_TRUE(stored_offsets(*login(), "team").empty());
}

TEST_F(Consumers, with_a_new_secret_keep_the_old_one_as_long_as_it_is_valid) {
    const auto by_old = login();
    auto rotated = (*others_file.current())
                       ->find("reader")
                       ->rotated(consumers::StoredSecret::of(Secret(Bytes("the new one")), random), clock.now(), 1'000ms);
    put(rotated);
    let_pass(400ms);
    EXPECT_FALSE(by_old->ended);
    (void)login();
    const auto by_new = connect();
    (void)by_new->ask<SaslHandshakeResponse>(SaslHandshakeRequest{.mechanism = "PLAIN"}, 1);
    EXPECT_EQ(by_new->ask<SaslAuthenticateResponse>(SaslAuthenticateRequest{.auth_bytes = plain("reader", "the new one")}, 1).error_code,
              ErrorCode::none);
    let_pass(800ms);
    EXPECT_TRUE(by_old->ended);
    EXPECT_FALSE(by_new->ended);
}

TEST_F(Consumers, are_those_of_before_while_the_file_is_away) {
    const auto client = login();
    commit(*client, "team", 5);
    ASSERT_TRUE(disk.rename("/data/consumers.json", "/data/consumers.json~"));  // as an editor does that saves
    let_pass(1s);
    EXPECT_FALSE(client->ended);
    EXPECT_EQ(notices.size(), 1U) << "told once";
    (void)login();
    ASSERT_TRUE(disk.rename("/data/consumers.json~", "/data/consumers.json"));
    let_pass(1s);
    EXPECT_EQ(stored_offsets(*login(), "team").size(), 1U);
}

TEST_F(Consumers, keep_their_groups_when_a_start_finds_no_file) {
    offsets.store({groups::encode(groups::OffsetRecord{.group = {.consumer = "reader", .group = "team"},
                                                       .partition = {.topic = "demo", .partition = 0},
                                                       .offset = groups::CommittedOffset{.offset = 5, .committed_at = clock.now()}})},
                  [](bool) {});
    ASSERT_TRUE(disk.rename("/data/consumers.json", "/data/consumers.json~"));
    (void)broker();
    ASSERT_EQ(notices.size(), 1U);
    EXPECT_EQ(notices[0],
              "there is no /data/consumers.json, so nobody may read; the groups of 1 consumer are kept until the start that finds one");
    let_pass(1s);
    ASSERT_TRUE(disk.rename("/data/consumers.json~", "/data/consumers.json"));  // whoever restores a backup may be late
    let_pass(1s);
    EXPECT_EQ(stored_offsets(*login(), "team").size(), 1U);
}

TEST_F(Consumers, are_those_of_before_while_the_file_is_no_registry) {
    const auto client = login();
    const auto written = disk.open("/data/nonsense", OpenMode::create_new);
    ASSERT_TRUE(written);
    ASSERT_TRUE((*written)->pwrite("nonsense", 0));
    ASSERT_TRUE(disk.rename("/data/nonsense", "/data/consumers.json"));
    let_pass(1s);
    EXPECT_FALSE(client->ended);
    EXPECT_EQ(notices.size(), 1U) << "told once";
    (void)login();
}

}  // namespace
}  // namespace tenter::broker
