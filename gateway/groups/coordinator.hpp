#pragma once
// gateway/groups/coordinator.hpp: Kafka's group coordinator as a state machine: who of a group's members reads which partitions, and how
// far the group has read. No I/O, no threads, no timers of its own: requests, closed connections, the store's completions and the time come
// in by calls; answers and records go out by callbacks. The same calls at the same times give the same answers.
//
//   requests ------------> Coordinator --records--> OffsetStore (the topic __offsets)
//   connection_closed ---> |    ^   |                   |
//   tick at next_deadline->|    |   `--answers-->       |
//                               `------- done ----------'
//
// Groups live in memory only; offsets, and a few facts of each group, are records (records.hpp). After a restart every group is empty with
// its offsets; its members are told UNKNOWN_MEMBER_ID, join again and go on. Follows Kafka 3.9's classic protocol; README.md says where
// not.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "gateway/groups/answers.hpp"
#include "gateway/groups/group.hpp"
#include "gateway/groups/names.hpp"
#include "gateway/groups/records.hpp"
#include "gateway/kafka_protocol/error_code.hpp"
#include "gateway/kafka_protocol/messages_group.hpp"
#include "gateway/kafka_protocol/messages_offsets.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"

namespace tenter::groups {

/// Where offsets become durable: the port to the log.
class OffsetStore {
public:
    using Done = std::function<void(bool is_durable)>;

    OffsetStore() = default;
    OffsetStore(const OffsetStore&) = delete;
    OffsetStore& operator=(const OffsetStore&) = delete;
    virtual ~OffsetStore() = default;

    /// Appends the records, all or none of them, behind those of the calls before, and calls `done` once, in the order of the calls, now or
    /// later, on the coordinator's thread. False: they are not durable, or nobody knows. May be called after the coordinator's end.
    virtual void store(std::vector<StoredRecord> records, Done done) = 0;
};

/// What one consumer can make the server keep. Beyond it a request is refused; nothing that was there before is lost.
struct Limits {
    std::size_t groups = 20'000;                 ///< In all. POLICY_VIOLATION
    std::size_t groups_per_consumer = 1'000;     ///< POLICY_VIOLATION; groups without members and offsets make room first.
    std::size_t members_per_group = 1'000;       ///< And as many ids given out in vain. GROUP_MAX_SIZE_REACHED
    std::size_t waiting_answers = 20'000;        ///< In all. COORDINATOR_NOT_AVAILABLE; to SyncGroup REBALANCE_IN_PROGRESS
    std::size_t protocols_per_member = 32;       ///< POLICY_VIOLATION
    std::size_t member_metadata = 256 << 10;     ///< Bytes, of all protocols of a member. POLICY_VIOLATION
    std::size_t assignments = 4 << 20;           ///< Bytes, of all members of a group. POLICY_VIOLATION
    std::size_t members_of_consumer = 16 << 20;  ///< Bytes, of all members of all groups of a consumer, about. POLICY_VIOLATION
    std::size_t name = 1'024;                    ///< Bytes of a group's name: INVALID_GROUP_ID; of an instance id: POLICY_VIOLATION
    std::size_t offset_metadata = 4'096;         ///< Bytes beside each offset. OFFSET_METADATA_TOO_LARGE
    std::size_t offsets_per_group = 100'000;     ///< POLICY_VIOLATION
};

struct Options {
    /// How long the first generation of an empty group waits for more members, each of which makes it wait again. Kafka waits 3 s, so that
    /// a fleet starts with one rebalance; a gateway beside a laptop's consumer wants a quick start, and more members cost one rebalance.
    std::chrono::milliseconds initial_rebalance_delay{50};
    std::chrono::milliseconds least_session_timeout{6'000};         ///< INVALID_SESSION_TIMEOUT below, and
    std::chrono::milliseconds greatest_session_timeout{1'800'000};  ///< above.
    std::chrono::milliseconds new_member_timeout{300'000};          ///< Most that the first JoinGroup of a member waits.
    std::chrono::hours offset_retention{7 * 24};  ///< For groups without members; a consumer's own group keeps its offsets for ever.
    std::chrono::milliseconds retention_interval{600'000};  ///< How often expired offsets and useless groups are looked for.
    Limits limits;
};

/// Who asks.
struct Caller {
    std::string consumer;  ///< The name that was authenticated; without '/'.
    ConnectionId connection{};
    std::int16_t version = 0;  ///< Of the request.
    std::string client_id{};
    std::string client_host{};  ///< "/127.0.0.1", for DescribeGroups.
};

/// Belongs to one thread. An answer is called before the call returns that decides it, in the order of the decisions; see `Answer` for what
/// it may do. After every call `next_deadline` may have changed.
class Coordinator {
public:
    /// The references must outlive the coordinator.
    Coordinator(Options options, const Clock& clock, Random& random, OffsetStore& store);
    Coordinator(const Coordinator&) = delete;
    Coordinator& operator=(const Coordinator&) = delete;
    ~Coordinator();

    // ---- start: every record of the store in its order, before anything else

    /// `corrupt`, `unsupported`: as `decode`.
    [[nodiscard]] Result<void> replay(const StoredRecord& record);

    // ---- time

    /// When `tick` has something to do; `never` if nothing is waited for.
    [[nodiscard]] Instant next_deadline() const;
    /// Ends what the clock has ended.
    void tick();

    // ---- requests. FindCoordinator is the broker's, and so is which topics and partitions there are: it answers for those that the caller
    // cannot see itself, as Kafka does before its coordinator is asked.

    void join_group(const Caller& caller, kafka_protocol::JoinGroupRequest request, Answer<kafka_protocol::JoinGroupResponse> answer);
    void sync_group(const Caller& caller, kafka_protocol::SyncGroupRequest request, Answer<kafka_protocol::SyncGroupResponse> answer);
    [[nodiscard]] kafka_protocol::HeartbeatResponse heartbeat(const Caller& caller, const kafka_protocol::HeartbeatRequest& request);
    [[nodiscard]] kafka_protocol::LeaveGroupResponse leave_group(const Caller& caller, const kafka_protocol::LeaveGroupRequest& request);
    /// Answered when the offsets are durable.
    void commit_offsets(const Caller& caller, const kafka_protocol::OffsetCommitRequest& request,
                        Answer<kafka_protocol::OffsetCommitResponse> answer);
    /// What is durable. The broker raises offsets below the log's start.
    [[nodiscard]] kafka_protocol::OffsetFetchResponse fetch_offsets(const Caller& caller,
                                                                    const kafka_protocol::OffsetFetchRequest& request);
    [[nodiscard]] kafka_protocol::DescribeGroupsResponse describe_groups(const Caller& caller,
                                                                         const kafka_protocol::DescribeGroupsRequest& request);
    [[nodiscard]] kafka_protocol::ListGroupsResponse list_groups(const Caller& caller, const kafka_protocol::ListGroupsRequest& request);
    /// Answered when it is durable that the groups are no more.
    void delete_groups(const Caller& caller, const kafka_protocol::DeleteGroupsRequest& request,
                       Answer<kafka_protocol::DeleteGroupsResponse> answer);

    // ---- what no request asks

    /// Those that have groups, sorted.
    [[nodiscard]] std::vector<std::string> consumers() const;

    /// Takes offsets of a group without members away: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND; or COORDINATOR_NOT_AVAILABLE.
    void delete_offsets(const GroupName& name, const std::vector<PartitionName>& partitions, Answer<kafka_protocol::ErrorCode> answer);
    /// Takes all groups of a consumer away, those with members too, whose waiting requests are answered GROUP_AUTHORIZATION_FAILED.
    void forget_consumer(std::string_view consumer, Answer<kafka_protocol::ErrorCode> answer);
    /// Its answers are not called any more. Members stay until their session ends; ids that only this connection knew are taken back.
    void connection_closed(ConnectionId connection);

    /// The whole state as records. Stored behind all that was stored before, it takes the place of all of that, so that the store can be
    /// trimmed up to it: offsets that are on their way to the store are in it.
    [[nodiscard]] std::vector<StoredRecord> snapshot() const;

private:
    class Delivery;
    struct Join;

    // coordinator.cpp
    [[nodiscard]] Group* find(std::string_view consumer, std::string_view group);
    [[nodiscard]] Group* find(const GroupName& name, std::uint64_t number);
    [[nodiscard]] Group* find_or_make(std::string_view consumer, std::string_view group);
    void erase(Group& group);
    void wake(Group& group);
    void expire(Group& group);
    void tend(const std::string* consumer);  ///< Retention.
    void store(std::vector<StoredRecord> records, std::function<void(bool)> then);
    void store_facts(Group& group, std::function<void(Group&, bool)> then);
    [[nodiscard]] bool has_room(std::string_view consumer, std::size_t more_bytes) const;  ///< For its members.
    [[nodiscard]] bool is_full() const { return answers_.waiting() >= options_.limits.waiting_answers; }

    // coordinator_join.cpp
    [[nodiscard]] kafka_protocol::ErrorCode refusal(const kafka_protocol::JoinGroupRequest& request) const;
    [[nodiscard]] bool accepts(Group& group, std::string_view member_id) const;
    void join(Join join, Group& group);
    void join_unknown(Join join, Group& group);
    void join_known(Join join, Group& group);
    void promise_id(Join join, Group& group);
    void add_member(Join join, Group& group, std::string id);
    void update_member(Join join, Group& group, Member& member);
    void replace_static(Join join, Group& group, const std::string& old_id);
    void take_over(Join join, Group& group, Member& member);
    void answer_current(Join join, Group& group, const Member& member, bool with_members);
    void refuse(Join join, kafka_protocol::ErrorCode error, std::string member_id);
    [[nodiscard]] std::string new_member_id(std::string_view prefix);

    // coordinator_rebalance.cpp
    void prepare_rebalance(Group& group);
    void try_complete_join(Group& group);
    void end_initial_delay(Group& group);
    void complete_join(Group& group);
    void end_waiting_for_sync(Group& group);
    void reset_assignments(Group& group, kafka_protocol::ErrorCode error);
    void give_assignments(Group& group, std::map<std::string, Bytes> assignments);
    void next_generation(Group& group);
    void renew_session(Group& group, Member& member);
    void remove_member(Group& group, std::string member_id, kafka_protocol::ErrorCode told);
    void remove_promise(Group& group, std::string_view member_id);
    void drop_answers(Group& group, Member& member, kafka_protocol::ErrorCode told);
    void answer_join(Group& group, Member& member, kafka_protocol::JoinGroupResponse response);
    void answer_sync(Group& group, Member& member, kafka_protocol::SyncGroupResponse response);

    // coordinator_members.cpp
    [[nodiscard]] kafka_protocol::ErrorCode check_member(Group& group, std::string_view member_id,
                                                         const std::optional<std::string>& instance_id);
    void store_assignments(Group& group, std::map<std::string, Bytes> assignments);
    [[nodiscard]] kafka_protocol::ErrorCode leave(Group& group, const kafka_protocol::LeavingMember& leaving);
    void connection_lost(const Answers::Dropped& dropped);

    // coordinator_offsets.cpp
    [[nodiscard]] kafka_protocol::ErrorCode check_commit(Group& group, const kafka_protocol::OffsetCommitRequest& request);
    void store_changes(Group& group, std::vector<Offsets::Change> changes, std::function<void(bool)> then);

    // coordinator_admin.cpp
    [[nodiscard]] kafka_protocol::DescribedGroup describe(const Caller& caller, const std::string& name);
    void bury(Group& group, std::vector<StoredRecord>& records);
    void settle_burial(const std::vector<std::pair<GroupName, std::uint64_t>>& buried, bool is_durable);

    Options options_;
    const Clock& clock_;
    Random& random_;
    OffsetStore& store_;
    Answers answers_;
    std::map<GroupName, std::unique_ptr<Group>> groups_;
    std::map<std::string, std::size_t, std::less<>> groups_of_;           ///< How many groups a consumer has.
    std::set<std::tuple<Instant, std::uint64_t, Group*>> wakes_;          ///< At most one of a group.
    std::map<std::pair<ConnectionId, std::string>, GroupName> promises_;  ///< Of member ids, by who was promised.
    Instant next_retention_;
    std::uint64_t last_group_ = 0;
    std::int32_t last_generation_ = 0;  ///< The greatest of groups that are no more: one made anew goes on from it.
    std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);  ///< Completions of the store look whether it still is.
};

/// Delivers answers at the end of a call from outside.
class Coordinator::Delivery {
public:
    explicit Delivery(Answers& answers) : answers_(answers) {}
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;
    ~Delivery() { answers_.deliver(); }

private:
    Answers& answers_;
};

}  // namespace tenter::groups
