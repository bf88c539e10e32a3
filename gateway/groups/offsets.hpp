#pragma once
// gateway/groups/offsets.hpp: how far one group has read. What is durable is what readers are told; what is on its way to the store is kept
// beside it, because a snapshot goes to the store behind it and must not undo it.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "gateway/groups/names.hpp"
#include "gateway/groups/records.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::groups {

class Offsets {
public:
    /// A partition with its new offset, or with none: the offset is taken away.
    using Change = std::pair<PartitionName, std::optional<CommittedOffset>>;

    /// A change that is durable already: from a record of the store.
    void load(const Change& change);
    /// Changes that were given to the store now. Returns their number, which rises from call to call.
    std::uint64_t submit(const std::vector<Change>& changes);
    /// The store has, or has not, made the changes of that number durable. In the latter case nobody knows whether they will be there
    /// after a restart; until then what was durable before counts.
    void settle(std::uint64_t number, const std::vector<Change>& changes, bool is_durable);
    /// Offsets of which the later of their own time and `idle_since` is at or before `limit`, without those that are being changed. They
    /// are forgotten here.
    [[nodiscard]] std::vector<PartitionName> expire(UnixMillis idle_since, UnixMillis limit);

    [[nodiscard]] const CommittedOffset* find(const PartitionName& partition) const;
    [[nodiscard]] bool contains(const PartitionName& partition) const {
        return durable_.contains(partition) || submitted_.contains(partition);
    }
    [[nodiscard]] const auto& durable() const noexcept { return durable_; }
    /// As the store will have it when all that is on its way is durable.
    [[nodiscard]] std::map<PartitionName, CommittedOffset> expected() const;
    /// Every partition of which the store may have an offset after a restart, also by a change that failed: whoever takes offsets away must
    /// take away these.
    [[nodiscard]] std::set<PartitionName> possible() const;
    [[nodiscard]] std::size_t size() const noexcept { return durable_.size() + submitted_.size(); }
    [[nodiscard]] bool is_empty() const noexcept { return size() == 0; }

private:
    struct Durable {
        CommittedOffset offset;
        std::uint64_t number = 0;  ///< Of the changes that it came with.
    };
    struct Submitted {
        std::optional<CommittedOffset> offset;
        std::uint64_t number = 0;
    };

    std::map<PartitionName, Durable> durable_;
    std::map<PartitionName, Submitted> submitted_;
    std::set<PartitionName> doubtful_;  ///< Of changes that failed, until a later one of the same partition is durable.
    std::uint64_t last_ = 0;
};

}  // namespace tenter::groups
