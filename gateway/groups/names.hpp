#pragma once
// gateway/groups/names.hpp: what groups, partitions and connections are called in this room.

#include <compare>
#include <cstdint>
#include <string>

namespace tenter::groups {

/// A group of a consumer. Names of groups are private to the consumer, so that two consumers' groups of one name are two groups.
struct GroupName {
    std::string consumer;  ///< The name that was authenticated. Has no '/'.
    std::string group;     ///< As its clients call it, anything.

    /// A consumer's group of its own name: what `consumer add` gives start offsets to, and what never expires.
    [[nodiscard]] bool is_own() const noexcept { return group == consumer; }

    friend auto operator<=>(const GroupName&, const GroupName&) = default;
};

struct PartitionName {
    std::string topic;
    std::int32_t partition = 0;

    friend auto operator<=>(const PartitionName&, const PartitionName&) = default;
};

/// Names a connection for as long as it is open; whoever accepts connections numbers them, from 1 on. 0 is nobody's.
enum class ConnectionId : std::uint64_t {};

}  // namespace tenter::groups
