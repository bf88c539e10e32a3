// Goal: no order of joins, syncs, heartbeats, commits, leaves, cut connections, failed members, failed stores and killed gateways gives a
// partition two owners in one generation, loses an acknowledged offset or turns it back, answers a request twice or never, or leaves a
// group stuck. Method: simulated clients do at random what real ones may do, on a simulated clock, against a coordinator whose store is
// settled, failed, compacted and cut at random; a model that knows nothing of the coordinator holds every answer against what may be true.
// In the end everything is left in peace, and all that live must be in one stable generation that owns all partitions.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>

#include "gateway/groups/coordinator.hpp"
#include "harness.hpp"

namespace {

using namespace tenter;
using namespace tenter::groups;
using namespace std::chrono_literals;
using namespace kafka_protocol;

constexpr int partitions = 6;
constexpr int clients_per_group = 5;

/// What may be true, from what was asked and answered only.
struct Model {
    struct Offset {
        std::int64_t acknowledged = -1;
        std::vector<std::int64_t> possible;  ///< Asked for since, and not acknowledged: refused, on its way, or its connection was cut.

        void is_now(std::int64_t offset) {
            acknowledged = offset;
            const auto settled = std::ranges::find(possible, offset);
            possible.erase(possible.begin(), settled == possible.end() ? settled : settled + 1);
        }
    };
    std::map<std::pair<std::string, int>, Offset> offsets;                     // group, partition
    std::map<std::tuple<std::string, std::int32_t, int>, std::string> owners;  // group, generation, partition -> member
    std::map<std::string, std::int32_t> newest;                                // generation with an assignment
    std::map<std::string, std::int32_t> before_crash;

    void owns(const std::string& group, std::int32_t generation, int partition, const std::string& member) {
        const auto [known, is_first] = owners.try_emplace({group, generation, partition}, member);
        EXPECT_EQ(known->second, member) << group << " generation " << generation << " partition " << partition;
    }
    void assigned(const std::string& group, std::int32_t generation) {
        EXPECT_GT(generation, before_crash[group]) << "a generation came again after a restart";
        newest[group] = std::max(newest[group], generation);
    }
};

struct World;

/// A consumer: as careless as the network allows, but it never commits what it does not own.
struct Client {
    World& world;
    std::string group;
    std::optional<std::string> instance;
    std::uint64_t connection = 0;
    std::uint64_t epoch = 0;  ///< Answers of an earlier one are no longer read.
    std::string member{};
    std::int32_t generation = -1;
    std::string subscription = "a";
    std::vector<int> owned{};
    enum class State { out, waiting, joined, stable, gone } state = State::out;
    JoinGroupResponse joined{};
    Instant next_beat{};

    [[nodiscard]] Caller caller(std::int16_t version) const;
    void connect();
    void join();
    void sync();
    void beat();
    void commit(std::int64_t offset);
    void leave();
    void forget() {
        owned.clear();
        state = State::out;
    }
    void refused(ErrorCode error);
    void act_normally();
};

struct World {
    explicit World(std::uint64_t seed) : dice(seed), random(seed) {
        store.is_immediate = false;
        options.initial_rebalance_delay = seed % 3 == 0 ? 0ms : 50ms;
        options.retention_interval = 60s;
        restart();
        for (const auto* group : {"shop", "other"})
            for (int i = 0; i < clients_per_group; ++i) {
                const bool is_static = i < 2;
                clients.push_back(
                    std::make_unique<Client>(*this, group, is_static ? std::optional("static-" + std::to_string(i)) : std::nullopt));
                clients.back()->connect();
            }
    }

    int roll(int sides) { return static_cast<int>(dice() % static_cast<unsigned>(sides)); }

    void restart() {
        coordinator.reset();
        coordinator = std::make_unique<Coordinator>(options, clock, random, store);
        for (const auto& record : store.durable()) ASSERT_TRUE(coordinator->replay(record).has_value());
    }
    void crash() {
        coordinator.reset();
        store.crash(store.open() == 0 ? 0 : static_cast<std::size_t>(roll(static_cast<int>(store.open()) + 1)));
        clock.advance(std::chrono::milliseconds(roll(3'000)));
        restart();
        open_requests.clear();
        for (auto& client : clients) client->connect();
        model.before_crash = model.newest;
        check_offsets();
    }
    void pass(std::chrono::milliseconds time) {
        const Instant end = clock.monotonic() + time;
        for (;;) {
            const Instant next = std::min(end, coordinator->next_deadline());
            if (next > clock.monotonic()) clock.advance(std::chrono::ceil<std::chrono::milliseconds>(next - clock.monotonic()));
            coordinator->tick();
            if (clock.monotonic() >= end) return;
        }
    }
    /// What is told is what was acknowledged, or what was asked for later: then it is that from now on.
    void check_offsets() {
        for (auto& [key, known] : model.offsets) {
            const std::vector<OffsetFetchTopic> topics{{.name = "t", .partition_indexes = {key.second}}};
            const auto fetched = coordinator->fetch_offsets({.consumer = "shop"}, {.group_id = key.first, .topics = topics});
            const auto offset = fetched.topics.at(0).partitions.at(0).committed_offset;
            if (offset == known.acknowledged) continue;
            ASSERT_GT(std::ranges::count(known.possible, offset), 0)
                << key.first << "/" << key.second << ": " << offset << ", acknowledged " << known.acknowledged;
            known.is_now(offset);
        }
    }
    /// An answer that must come once, unless its connection or the gateway goes.
    template <class Response, class React>
    Answer<Response> expect(const Client& client, React react) {
        const auto request = ++last_request;
        open_requests.emplace(request, client.connection);
        return [this, request, react](Response response) {
            ASSERT_EQ(open_requests.erase(request), 1U) << "an answer that nobody waits for";
            react(std::move(response));
        };
    }
    void cut(Client& client) {
        std::erase_if(open_requests, [&](const auto& request) { return request.second == client.connection; });
        coordinator->connection_closed(ConnectionId{client.connection});
        client.connect();
    }
    void step();
    void calm_down();

    std::mt19937_64 dice;
    SeededRandom random;
    SimulatedClock clock{UnixMillis(1'700'000'000'000ms)};
    ManualStore store;
    Options options;
    std::unique_ptr<Coordinator> coordinator;
    Model model;
    std::vector<std::unique_ptr<Client>> clients;
    std::map<std::uint64_t, std::uint64_t> open_requests;  // -> connection
    std::uint64_t last_request = 0;
    std::uint64_t last_connection = 0;
    std::int64_t last_offset = 0;
    std::map<std::string, int> seen;
};

Caller Client::caller(std::int16_t version) const {
    return {.consumer = "shop", .connection = ConnectionId{connection}, .version = version, .client_id = "client"};
}

void Client::connect() {
    connection = ++world.last_connection;
    ++epoch;
    if (state == State::waiting) state = State::out;  // it asks again, with the id that it has
}

void Client::join() {
    state = State::waiting;
    owned.clear();
    const std::int16_t version = instance || world.roll(4) != 0 ? 5 : 2;
    JoinGroupRequest request{.group_id = group,
                             .session_timeout_ms = 10'000,
                             .rebalance_timeout_ms = 20'000,
                             .member_id = member,
                             .group_instance_id = instance,
                             .protocol_type = "consumer",
                             .protocols = {{.name = "range", .metadata = subscription}, {.name = "sticky", .metadata = subscription}}};
    if (world.roll(2) == 0) std::swap(request.protocols[0], request.protocols[1]);
    auto react = [this, now = epoch](JoinGroupResponse response) {
        if (now != epoch || state != State::waiting) return;
        ++world.seen["join " + std::string(to_string(response.error_code))];
        if (response.error_code == ErrorCode::member_id_required) {
            member = response.member_id;
            state = State::out;
            if (world.roll(4) != 0) join();  // at once, from within the answer
            return;
        }
        if (response.error_code != ErrorCode::none) return refused(response.error_code);
        member = response.member_id;
        generation = response.generation_id;
        joined = std::move(response);
        state = State::joined;
        if (world.roll(3) != 0) sync();
    };
    world.coordinator->join_group(caller(version), std::move(request), world.expect<JoinGroupResponse>(*this, react));
}

void Client::sync() {
    SyncGroupRequest request{.group_id = group, .generation_id = generation, .member_id = member, .group_instance_id = instance};
    if (joined.leader == member)
        for (int partition = 0; partition < partitions && !joined.members.empty(); ++partition) {
            const auto& to = joined.members[static_cast<std::size_t>(partition) % joined.members.size()].member_id;
            auto found = std::ranges::find(request.assignments, to, &SyncGroupAssignment::member_id);
            if (found == request.assignments.end()) found = request.assignments.insert(found, {.member_id = to});
            found->assignment += static_cast<char>(partition);
        }
    state = State::waiting;
    auto react = [this, now = epoch, of = generation, as = member](SyncGroupResponse response) {
        if (now != epoch || state != State::waiting) return;
        ++world.seen["sync " + std::string(to_string(response.error_code))];
        if (response.error_code != ErrorCode::none) return refused(response.error_code);
        world.model.assigned(group, of);
        for (const char partition : response.assignment) {
            world.model.owns(group, of, partition, instance.value_or(as));  // a static member's successor takes over what it had
            owned.push_back(partition);
        }
        state = State::stable;
    };
    world.coordinator->sync_group(caller(3), std::move(request), world.expect<SyncGroupResponse>(*this, react));
}

void Client::beat() {
    const auto error =
        world.coordinator
            ->heartbeat(caller(3), {.group_id = group, .generation_id = generation, .member_id = member, .group_instance_id = instance})
            .error_code;
    ++world.seen["beat " + std::string(to_string(error))];
    if (error != ErrorCode::none) refused(error);
}

void Client::commit(std::int64_t offset) {
    if (owned.empty()) return;
    const int partition = owned[static_cast<std::size_t>(world.roll(static_cast<int>(owned.size())))];
    OffsetCommitTopic topic{.name = "t", .partitions = {{.partition_index = partition, .committed_offset = offset}}};
    auto& known = world.model.offsets[{group, partition}];
    known.possible.push_back(offset);
    const OffsetCommitRequest request{.group_id = group,
                                      .generation_id_or_member_epoch = generation,
                                      .member_id = member,
                                      .group_instance_id = instance,
                                      .topics = {topic}};
    auto react = [this, now = epoch, partition, offset](const OffsetCommitResponse& response) {
        const auto error = response.topics.at(0).partitions.at(0).error_code;
        ++world.seen["commit " + std::string(to_string(error))];
        if (error == ErrorCode::none) {
            world.model.offsets[{group, partition}].is_now(offset);
        } else if (now == epoch) {
            refused(error);
        }
    };
    world.coordinator->commit_offsets(caller(7), request, world.expect<OffsetCommitResponse>(*this, react));
}

void Client::leave() {
    const auto error = world.coordinator->leave_group(caller(1), {.group_id = group, .member_id = member}).error_code;
    ++world.seen["leave " + std::string(to_string(error))];
    ++epoch;
    member.clear();
    forget();
}

void Client::refused(ErrorCode error) {
    switch (error) {
        case ErrorCode::unknown_member_id: member.clear(); break;
        case ErrorCode::illegal_generation:
        case ErrorCode::rebalance_in_progress:
        case ErrorCode::coordinator_not_available: break;
        case ErrorCode::fenced_instance_id: member.clear(); break;
        default: ADD_FAILURE() << "unexpected error " << static_cast<int>(error);
    }
    if (error == ErrorCode::coordinator_not_available && state == State::stable) return;
    ++epoch;
    forget();
}

void Client::act_normally() {
    switch (state) {
        case State::out: return join();
        case State::joined: return sync();
        case State::stable: return beat();
        case State::waiting:
        case State::gone: return;
    }
}

void World::step() {
    Client& client = *clients[static_cast<std::size_t>(roll(static_cast<int>(clients.size())))];
    switch (roll(40)) {
        case 0: return client.state == Client::State::waiting ? void() : client.leave();
        case 1: return cut(client);
        case 2:  // the process is killed and started again
            cut(client);
            client.member.clear();
            return client.forget();
        case 3: client.subscription = std::string(1, static_cast<char>('a' + roll(3))); [[fallthrough]];
        case 4:  // cooperative members, and leaders that see another number of partitions, join again from a stable group
            return client.state == Client::State::stable ? client.join() : void();
        case 5: return roll(8) == 0 ? crash() : void();
        case 6: return roll(2) == 0 && store.open() > 0 ? store.settle(false) : void();
        case 7: return store.compact(coordinator->snapshot());
        case 8: return pass(std::chrono::milliseconds(roll(15'000)));  // some sessions end
        case 9:
        case 10:
        case 11:
        case 12:
        case 13: return pass(std::chrono::milliseconds(roll(300)));
        case 14:
        case 15:
        case 16:
        case 17: return client.state == Client::State::stable ? client.commit(roll(5) == 0 ? last_offset - 3 : ++last_offset) : void();
        case 18:
        case 19:
        case 20:
        case 21:
        case 22: return store.open() > 0 ? store.settle(true) : void();
        case 23: return check_offsets();
        default: return client.act_normally();
    }
}

/// Nothing fails any more, and every client does what it should.
void World::calm_down() {
    for (int i = 0; i < 200; ++i) {
        while (store.open() > 0) store.settle(true);
        for (auto& client : clients) client->act_normally();
        while (store.open() > 0) store.settle(true);
        pass(500ms);
    }
}

void check_peace(World& world) {
    EXPECT_TRUE(world.open_requests.empty()) << world.open_requests.size() << " requests wait for ever";
    world.check_offsets();
    for (const auto* group : {"shop", "other"}) {
        const auto described = world.coordinator->describe_groups({.consumer = "shop"}, {.groups = {group}}).groups.at(0);
        EXPECT_EQ(described.group_state, "Stable");
        EXPECT_EQ(described.members.size(), clients_per_group);
        std::set<std::int32_t> generations;
        std::multiset<int> owned;
        for (const auto& client : world.clients) {
            if (client->group != group) continue;
            EXPECT_EQ(client->state, Client::State::stable);
            generations.insert(client->generation);
            owned.insert(client->owned.begin(), client->owned.end());
        }
        EXPECT_EQ(generations.size(), 1U);
        EXPECT_EQ(owned, (std::multiset<int>{0, 1, 2, 3, 4, 5}));
    }
}

TEST(Model, holds_under_random_members_connections_stores_and_crashes) {
    const auto* given = std::getenv("TENTER_SEED");
    const std::uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
    std::map<std::string, int> seen;
    for (std::uint64_t seed = first; seed < first + (given != nullptr ? 1 : 20); ++seed) {
        SCOPED_TRACE("TENTER_SEED=" + std::to_string(seed));
        World world(seed);
        for (int i = 0; i < 1'500 && !testing::Test::HasFailure(); ++i) world.step();
        world.calm_down();
        check_peace(world);
        for (const auto& [what, times] : world.seen) seen[what] += times;
        if (testing::Test::HasFailure()) return;
    }
    if (given != nullptr) return;
    // The model says nothing about what never happened.
    for (const auto* what : {"join NONE", "join MEMBER_ID_REQUIRED", "join UNKNOWN_MEMBER_ID", "sync NONE", "sync REBALANCE_IN_PROGRESS",
                             "sync UNKNOWN_MEMBER_ID", "beat NONE", "beat REBALANCE_IN_PROGRESS", "beat UNKNOWN_MEMBER_ID", "commit NONE",
                             "commit COORDINATOR_NOT_AVAILABLE", "commit UNKNOWN_MEMBER_ID", "leave NONE"})
        EXPECT_GT(seen[what], 5) << what << ", first seed " << first;
}

}  // namespace
