#pragma once
// tests/unit/groups/harness.hpp: a store whose completions the test decides, and clients that ask in one line.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/groups/coordinator.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/random.hpp"

namespace tenter::groups {

using kafka_protocol::ErrorCode;

/// A log that a test makes durable call by call.
class ManualStore final : public OffsetStore {
public:
    void store(std::vector<StoredRecord> records, Done done) override {
        calls_.push_back({std::move(records), std::move(done), false});
        if (is_immediate) settle(true);
    }
    /// A snapshot: when it is durable, nothing before it is needed.
    void compact(std::vector<StoredRecord> records) {
        calls_.push_back({std::move(records), [](bool) {}, true});
        if (is_immediate) settle(true);
    }
    /// The oldest call that is open.
    void settle(bool is_durable) {
        auto call = std::move(calls_.front());
        calls_.pop_front();
        if (is_durable) keep(call);
        call.done(is_durable);
    }
    /// The oldest call that is open: it is on the disk, and nobody knows.
    void settle_in_doubt() {
        auto call = std::move(calls_.front());
        calls_.pop_front();
        keep(call);
        call.done(false);
    }
    /// The power fails: of what is open the first `kept` calls are on the disk, and nobody is told.
    void crash(std::size_t kept) {
        for (std::size_t i = 0; i < kept; ++i) keep(calls_[i]);
        calls_.clear();
    }
    [[nodiscard]] std::size_t open() const { return calls_.size(); }
    [[nodiscard]] const std::vector<StoredRecord>& durable() const { return durable_; }

    bool is_immediate = true;

private:
    struct Call {
        std::vector<StoredRecord> records;
        Done done;
        bool is_snapshot;
    };

    void keep(const Call& call) {
        if (call.is_snapshot) durable_.clear();
        durable_.insert(durable_.end(), call.records.begin(), call.records.end());
    }

    std::deque<Call> calls_;
    std::vector<StoredRecord> durable_;
};

/// Where an answer arrives.
template <class Response>
class Reply {
public:
    [[nodiscard]] Answer<Response> taker() const {
        return [state = state_](Response response) {
            EXPECT_FALSE(state->has_value()) << "answered twice";
            *state = std::move(response);
        };
    }
    [[nodiscard]] bool is_there() const { return state_->has_value(); }
    [[nodiscard]] const Response& operator*() const { return state_->value(); }
    [[nodiscard]] const Response* operator->() const { return &state_->value(); }

private:
    std::shared_ptr<std::optional<Response>> state_ = std::make_shared<std::optional<Response>>();
};

using JoinReply = Reply<kafka_protocol::JoinGroupResponse>;
using SyncReply = Reply<kafka_protocol::SyncGroupResponse>;
using CommitReply = Reply<kafka_protocol::OffsetCommitResponse>;

/// A coordinator on a simulated clock, with the consumer "shop" and its group "orders".
class GroupsTest : public testing::Test {
protected:
    struct As {
        std::uint64_t connection = 1;
        std::int16_t version = 5;
        std::string member{};
        std::optional<std::string> instance{};
        std::vector<kafka_protocol::JoinGroupProtocol> protocols{{.name = "range", .metadata = "m"}};
        int session_ms = 10'000;
        int rebalance_ms = 60'000;
        std::string group = "orders";
        std::string type = "consumer";
    };

    void SetUp() override { start(); }

    void start() {
        coordinator = std::make_unique<Coordinator>(options, clock, random, store);
        for (const auto& record : store.durable()) {
            const auto replayed = coordinator->replay(record);
            ASSERT_TRUE(replayed.has_value()) << replayed.error().message;
        }
    }
    /// kill -9 of the gateway: what was not durable is lost.
    void restart() {
        coordinator.reset();
        store.crash(0);
        start();
    }
    void pass(std::chrono::milliseconds time) {
        const Instant end = clock.monotonic() + time;
        while (coordinator->next_deadline() <= end) {
            const auto wait = std::chrono::ceil<std::chrono::milliseconds>(coordinator->next_deadline() - clock.monotonic());
            clock.advance(std::max(wait, std::chrono::milliseconds{}));
            coordinator->tick();
        }
        clock.advance(std::chrono::ceil<std::chrono::milliseconds>(end - clock.monotonic()));
        coordinator->tick();
    }

    [[nodiscard]] static Caller caller(std::uint64_t connection = 1, std::int16_t version = 3) {
        return {
            .consumer = "shop", .connection = ConnectionId{connection}, .version = version, .client_id = "reader", .client_host = "/::1"};
    }
    JoinReply join(const As& as) {
        JoinReply reply;
        coordinator->join_group(caller(as.connection, as.version),
                                {.group_id = as.group,
                                 .session_timeout_ms = as.session_ms,
                                 .rebalance_timeout_ms = as.rebalance_ms,
                                 .member_id = as.member,
                                 .group_instance_id = as.instance,
                                 .protocol_type = as.type,
                                 .protocols = as.protocols},
                                reply.taker());
        return reply;
    }
    /// Asks for an id first, as clients do.
    JoinReply join_new(As as) {
        const auto first = join(as);
        EXPECT_EQ(first->error_code, ErrorCode::member_id_required);
        as.member = first->member_id;
        return join(as);
    }
    SyncReply sync(const std::string& member, std::int32_t generation, std::vector<kafka_protocol::SyncGroupAssignment> assignments = {},
                   std::uint64_t connection = 1, std::optional<std::string> instance = {}) {
        SyncReply reply;
        coordinator->sync_group(caller(connection),
                                {.group_id = "orders",
                                 .generation_id = generation,
                                 .member_id = member,
                                 .group_instance_id = std::move(instance),
                                 .assignments = std::move(assignments)},
                                reply.taker());
        return reply;
    }
    ErrorCode beat(const std::string& member, std::int32_t generation, std::optional<std::string> instance = {}) {
        return coordinator
            ->heartbeat(caller(),
                        {.group_id = "orders", .generation_id = generation, .member_id = member, .group_instance_id = std::move(instance)})
            .error_code;
    }
    ErrorCode leave(const std::string& member) {
        return coordinator->leave_group(caller(1, 1), {.group_id = "orders", .member_id = member}).error_code;
    }
    CommitReply commit(std::int64_t offset, const std::string& member = {}, std::int32_t generation = -1,
                       const std::string& group = "orders", std::optional<std::string> metadata = {}) {
        CommitReply reply;
        kafka_protocol::OffsetCommitTopic topic{.name = "t",
                                                .partitions = {{.committed_offset = offset, .committed_metadata = std::move(metadata)}}};
        coordinator->commit_offsets(
            caller(), {.group_id = group, .generation_id_or_member_epoch = generation, .member_id = member, .topics = {topic}},
            reply.taker());
        return reply;
    }
    static ErrorCode error_of(const CommitReply& reply) { return reply->topics.at(0).partitions.at(0).error_code; }
    std::int64_t committed(const std::string& group = "orders") {
        const std::vector<kafka_protocol::OffsetFetchTopic> topics{{.name = "t", .partition_indexes = {0}}};
        return coordinator->fetch_offsets(caller(), {.group_id = group, .topics = topics}).topics.at(0).partitions.at(0).committed_offset;
    }
    std::string state(const std::string& group = "orders") {
        return coordinator->describe_groups(caller(), {.groups = {group}}).groups.at(0).group_state;
    }
    /// A group of one member with an assignment.
    struct Stable {
        std::string member;
        std::int32_t generation;
    };
    Stable stable() { return stable(As()); }
    Stable stable(const As& as) {
        const auto joined = as.instance ? join(as) : join_new(as);
        pass(options.initial_rebalance_delay);
        EXPECT_EQ(joined->error_code, ErrorCode::none);
        const auto synced = sync(joined->member_id, joined->generation_id, {{.member_id = joined->member_id, .assignment = "all"}},
                                 as.connection, as.instance);
        EXPECT_EQ(synced->assignment, "all");
        return {joined->member_id, joined->generation_id};
    }

    Options options;
    SimulatedClock clock{UnixMillis(std::chrono::milliseconds(1'700'000'000'000))};
    SeededRandom random{1};
    ManualStore store;
    std::unique_ptr<Coordinator> coordinator;
};

}  // namespace tenter::groups
