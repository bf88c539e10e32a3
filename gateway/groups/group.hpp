#pragma once
// gateway/groups/group.hpp: one group as it is: its members, its state, its offsets. Decides nothing; the coordinator does.
//
//                        a member joins                     all have joined, or time is up
//             empty ----------------------> preparing_rebalance -----------------------> completing_rebalance
//               ^                              |  ^   ^                                        |       |
//               `--- no member is left --------'  |   `---- a member joins, leaves, fails -----'       | the leader's
//               |                                 `---------------------- stable <---------------------'  assignment
//               `--- deleted: dead, until that is durable

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/groups/answers.hpp"
#include "gateway/groups/names.hpp"
#include "gateway/groups/offsets.hpp"
#include "gateway/kafka_protocol/messages_group.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::groups {

inline constexpr Instant never = Instant::max();

enum class GroupState : std::uint8_t { empty, preparing_rebalance, completing_rebalance, stable, dead };
inline constexpr std::array all_group_states{GroupState::empty, GroupState::preparing_rebalance, GroupState::completing_rebalance,
                                             GroupState::stable, GroupState::dead};

/// Kafka's name of a state: "PreparingRebalance".
[[nodiscard]] std::string_view to_string(GroupState state) noexcept;

struct Member {
    std::string id;
    std::optional<std::string> instance_id;  ///< A static member has one.
    std::string client_id;
    std::string client_host;
    std::chrono::milliseconds session_timeout{};
    std::chrono::milliseconds rebalance_timeout{};
    std::vector<kafka_protocol::JoinGroupProtocol> protocols;  ///< The one it likes best first.
    Bytes assignment;

    bool is_new = true;       ///< Its first JoinGroup has not been answered.
    bool knows_id = false;    ///< Its client was told its id.
    bool has_joined = false;  ///< Takes part in the generation that is being prepared.
    bool has_synced = true;   ///< Has asked for its assignment of this generation.
    AnswerId join_answer = 0;
    AnswerId sync_answer = 0;
    Instant deadline = never;  ///< When it is taken for failed, unless it waits for us.

    [[nodiscard]] bool waits() const noexcept { return join_answer != 0 || sync_answer != 0; }
    /// A new member may not wait for ever: its client may have given up long ago.
    [[nodiscard]] Instant effective_deadline() const noexcept { return waits() && !is_new ? never : deadline; }
    [[nodiscard]] const Bytes* metadata_for(std::string_view protocol) const;
    [[nodiscard]] bool has_protocol(std::string_view name) const { return metadata_for(name) != nullptr; }
    /// What it takes in memory, about.
    [[nodiscard]] std::size_t footprint() const noexcept;
};

/// A member that was given an id with MEMBER_ID_REQUIRED and has not come back with it.
struct Promise {
    Instant deadline;
    ConnectionId connection;
};

struct Group {
    GroupName name;
    std::uint64_t number = 0;  ///< Of no other group, also not of a later one of this name.
    GroupState state = GroupState::empty;
    std::string protocol_type;
    std::optional<std::string> protocol;
    std::string leader;
    std::int32_t generation = 0;
    std::map<std::string, Member, std::less<>> members;
    std::map<std::string, std::string, std::less<>> static_members;  ///< Instance id -> member id.
    std::map<std::string, Promise, std::less<>> promises;            ///< By member id.
    Offsets offsets;

    bool is_initial_delay = false;  ///< The rebalance waits for more members although all have joined.
    bool has_grown = false;         ///< A member came during the initial delay.
    std::chrono::milliseconds delay_left{};
    Instant join_deadline = never;
    Instant sync_deadline = never;
    Instant wakes_at = never;  ///< What the coordinator has scheduled; not after `next_deadline()`.

    UnixMillis changed_at{};       ///< Last generation, or when it was loaded or made: idle since then while it is empty.
    bool has_record = false;       ///< There is a GroupRecord of it in the store.
    std::uint32_t in_flight = 0;   ///< Calls of the store that are not settled.
    std::size_t member_bytes = 0;  ///< The members' footprints.

    [[nodiscard]] Member* find_member(std::string_view id);
    [[nodiscard]] Member* find_static(std::string_view instance_id);
    /// The first member says what type of protocol the group has.
    Member& add(Member member, const std::string& type);
    /// The member must have no answers waiting. If it led, another does.
    void remove(std::string_view member_id);
    /// Gives a static member another id.
    Member& rename(std::string_view old_id, const std::string& new_id);
    void set_protocols(Member& member, std::vector<kafka_protocol::JoinGroupProtocol> protocols);
    void set_assignment(Member& member, Bytes assignment);
    /// Takes all members away; none may have answers waiting.
    void clear_members();
    /// What members, and ids that were promised, take in memory, about.
    [[nodiscard]] std::size_t footprint() const noexcept;

    /// Whether a member with those protocols could be in this group together with all that are in it.
    [[nodiscard]] bool supports(std::string_view type, const std::vector<kafka_protocol::JoinGroupProtocol>& protocols) const;
    /// Of the protocols that every member has: the one that most like best; of several such the one that was first voted for.
    [[nodiscard]] std::string select_protocol() const;
    [[nodiscard]] std::set<std::string_view> common_protocols() const;  ///< Those that every member has.
    /// Leaves the leader, if it has joined and can be told, or takes another that has and can. False if no member has joined.
    [[nodiscard]] bool elect_leader();

    [[nodiscard]] bool has_all_joined() const;
    [[nodiscard]] bool has_all_synced() const;
    [[nodiscard]] std::size_t joined() const;
    [[nodiscard]] std::chrono::milliseconds rebalance_timeout() const;
    /// The members with their metadata of the chosen protocol: what the leader is told.
    [[nodiscard]] std::vector<kafka_protocol::JoinGroupMember> metadata() const;
    [[nodiscard]] GroupFacts facts() const;
    [[nodiscard]] Instant next_deadline() const;
    /// Nothing would be lost without it.
    [[nodiscard]] bool is_useless() const;
};

}  // namespace tenter::groups
