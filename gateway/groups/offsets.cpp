#include "gateway/groups/offsets.hpp"

#include <algorithm>

namespace tenter::groups {

void Offsets::load(const Change& change) {
    if (change.second) {
        durable_[change.first] = {.offset = *change.second};
    } else {
        durable_.erase(change.first);
    }
}

std::uint64_t Offsets::submit(const std::vector<Change>& changes) {
    ++last_;
    for (const auto& [partition, offset] : changes) submitted_[partition] = {.offset = offset, .number = last_};
    return last_;
}

void Offsets::settle(std::uint64_t number, const std::vector<Change>& changes, bool is_durable) {
    for (const auto& [partition, offset] : changes) {
        const auto on_its_way = submitted_.find(partition);
        if (on_its_way != submitted_.end() && on_its_way->second.number == number) submitted_.erase(on_its_way);
        if (!is_durable) {
            doubtful_.insert(partition);
            continue;
        }
        doubtful_.erase(partition);
        const auto known = durable_.find(partition);
        if (known != durable_.end() && known->second.number > number) continue;
        if (offset) {
            durable_[partition] = {.offset = *offset, .number = number};
        } else if (known != durable_.end()) {
            durable_.erase(known);
        }
    }
}

std::set<PartitionName> Offsets::possible() const {
    std::set<PartitionName> all = doubtful_;
    for (const auto& [partition, known] : durable_) all.insert(partition);
    for (const auto& [partition, change] : submitted_) all.insert(partition);
    return all;
}

std::vector<PartitionName> Offsets::expire(UnixMillis idle_since, UnixMillis limit) {
    std::vector<PartitionName> expired;
    if (idle_since > limit) return expired;
    for (const auto& [partition, known] : durable_)
        if (known.offset.committed_at <= limit && !submitted_.contains(partition)) expired.push_back(partition);
    for (const auto& partition : expired) durable_.erase(partition);
    return expired;
}

const CommittedOffset* Offsets::find(const PartitionName& partition) const {
    const auto found = durable_.find(partition);
    return found == durable_.end() ? nullptr : &found->second.offset;
}

std::map<PartitionName, CommittedOffset> Offsets::expected() const {
    std::map<PartitionName, CommittedOffset> all;
    for (const auto& [partition, known] : durable_) all.emplace(partition, known.offset);
    for (const auto& [partition, change] : submitted_) {
        if (change.offset) {
            all[partition] = *change.offset;
        } else {
            all.erase(partition);
        }
    }
    return all;
}

}  // namespace tenter::groups
