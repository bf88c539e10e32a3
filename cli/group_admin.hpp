#pragma once
// cli/group_admin.hpp: what `tenter group` does with the consumer groups of a running gateway, over its control socket. Names of groups are
// "<consumer>/<group>", topics are called as consumers call them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/operator_link.hpp"
#include "cli/start_point.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

/// "shop/other" as it is; "shop" is the consumer's own group, "shop/shop".
[[nodiscard]] std::string full_group_name(std::string_view text);

struct GroupSummary {
    std::string name;
    std::string state;  ///< Kafka's: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead.
    std::size_t members = 0;
};

/// Sorted by name.
[[nodiscard]] Result<std::vector<GroupSummary>> list_groups(OperatorLink& link);

struct TopicPartitionName {
    std::string topic;
    std::int32_t partition = 0;
    friend auto operator<=>(const TopicPartitionName&, const TopicPartitionName&) = default;
};

struct GroupMember {
    std::string id;
    std::string client_id;
    std::string host;
    std::vector<TopicPartitionName> assigned;  ///< Sorted. Empty also where the group assigns something else than partitions.
};

struct GroupPartition {
    TopicPartitionName at;
    std::optional<std::int64_t> committed;
    std::optional<std::int64_t> end;    ///< Of the log; unset where the partition is no more.
    std::optional<std::size_t> member;  ///< Its owner: index into `members`.

    [[nodiscard]] std::optional<std::int64_t> lag() const;
};

struct GroupDescription {
    std::string name;
    std::string state;
    std::string assignor;
    std::vector<GroupMember> members{};
    std::vector<GroupPartition> partitions{};  ///< Committed, assigned or its own; sorted.
};

/// `own_topics`: of which the group has all partitions, also those that were added since its last commit. `not_found` lists the groups that
/// there are.
[[nodiscard]] Result<GroupDescription> describe_group(OperatorLink& link, const std::string& name,
                                                      const std::vector<std::string>& own_topics = {});

/// Where one partition of a group is to go.
struct OffsetMove {
    TopicPartitionName at;
    std::optional<std::int64_t> committed;
    std::int64_t target = 0;
};

struct ResetWish {
    std::vector<std::string> topics;
    std::optional<std::int32_t> partition;  ///< Only this one of each topic.
    StartPoint to;                          ///< An offset outside of what is kept becomes the nearest that is kept.
};

/// What a reset would do. `invalid_input`: the group has members, who would commit over it; `not_found`: a topic or partition that there is
/// not.
[[nodiscard]] Result<std::vector<OffsetMove>> plan_reset(OperatorLink& link, const std::string& group, const ResetWish& wish);
/// Does it, durably.
[[nodiscard]] Result<void> reset_offsets(OperatorLink& link, const std::string& group, const std::vector<OffsetMove>& moves);

/// `invalid_input`: it has members; `not_found` lists the groups that there are.
[[nodiscard]] Result<void> delete_group(OperatorLink& link, const std::string& name);

[[nodiscard]] std::string group_table(const std::vector<GroupSummary>& groups);
[[nodiscard]] std::string group_json(const GroupSummary& group);
[[nodiscard]] std::string group_text(const GroupDescription& group);
[[nodiscard]] std::string group_json(const GroupDescription& group);
[[nodiscard]] std::string moves_table(const std::vector<OffsetMove>& moves);

}  // namespace tenter::cli
