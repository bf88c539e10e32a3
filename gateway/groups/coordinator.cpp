#include "gateway/groups/coordinator.hpp"

#include <algorithm>
#include <variant>

#include "tenter/base/assert.hpp"

namespace tenter::groups {

Coordinator::Coordinator(Options options, const Clock& clock, Random& random, OffsetStore& store)
    : options_(options), clock_(clock), random_(random), store_(store), next_retention_(clock.monotonic() + options.retention_interval) {}

Coordinator::~Coordinator() = default;

Result<void> Coordinator::replay(const StoredRecord& record) {
    auto decoded = decode(record);
    if (!decoded) return fail(std::move(decoded.error()));
    const auto group_of = [&](const GroupName& name) -> Group& {
        auto& group = groups_[name];
        if (!group) {
            group = std::make_unique<Group>();
            group->name = name;
            group->number = ++last_group_;
            group->changed_at = clock_.now();
            ++groups_of_[name.consumer];
        }
        return *group;
    };
    const auto drop_if_gone = [&](Group& group) {
        if (!group.has_record && group.is_useless()) erase(group);
    };
    if (auto* offset = std::get_if<OffsetRecord>(&*decoded)) {
        Group& group = group_of(offset->group);
        group.offsets.load({std::move(offset->partition), std::move(offset->offset)});
        drop_if_gone(group);
        return {};
    }
    auto& group_record = std::get<GroupRecord>(*decoded);
    Group& group = group_of(group_record.group);
    group.has_record = group_record.facts.has_value();
    group.changed_at = clock_.now();
    if (!group_record.facts) {
        drop_if_gone(group);
        return {};
    }
    group.protocol_type = group_record.facts->protocol_type;
    group.generation = std::max(group.generation, group_record.facts->generation);
    // Who had members may have lost them only now. A clock that went back must not make a group young for ever.
    if (!group_record.facts->leader) group.changed_at = std::min(group_record.facts->changed_at, clock_.now());
    return {};
}

Instant Coordinator::next_deadline() const {
    const Instant next = groups_.empty() ? never : next_retention_;
    return wakes_.empty() ? next : std::min(next, std::get<Instant>(*wakes_.begin()));
}

void Coordinator::tick() {
    const Delivery delivery(answers_);
    const Instant now = clock_.monotonic();
    while (!wakes_.empty() && std::get<Instant>(*wakes_.begin()) <= now) {
        Group& group = *std::get<Group*>(*wakes_.begin());
        wakes_.erase(wakes_.begin());
        group.wakes_at = never;
        expire(group);
    }
    if (next_retention_ <= now) {
        next_retention_ = now + options_.retention_interval;
        tend(nullptr);
    }
}

/// Deadlines of members mostly move on, so a group is looked at when the nearest of its deadlines was, and then scheduled anew.
void Coordinator::wake(Group& group) {
    const Instant at = group.next_deadline();
    if (at >= group.wakes_at) return;
    wakes_.erase({group.wakes_at, group.number, &group});
    group.wakes_at = at;
    wakes_.insert({at, group.number, &group});
}

void Coordinator::expire(Group& group) {
    const Instant now = clock_.monotonic();
    std::vector<std::string> ended;
    for (const auto& [id, promise] : group.promises)
        if (promise.deadline <= now) ended.push_back(id);
    for (const auto& id : ended) remove_promise(group, id);
    ended.clear();
    for (const auto& [id, member] : group.members)
        if (member.effective_deadline() <= now) ended.push_back(id);
    for (const auto& id : ended) {
        // The removal of one may have ended the rebalance that another waited for.
        const auto* member = group.find_member(id);
        if (member != nullptr && member->effective_deadline() <= now)
            remove_member(group, id, kafka_protocol::ErrorCode::unknown_member_id);
    }
    if (group.join_deadline <= now) {
        if (group.is_initial_delay) {
            end_initial_delay(group);
        } else {
            complete_join(group);
        }
    }
    if (group.sync_deadline <= now) end_waiting_for_sync(group);
    wake(group);
}

/// Of all consumers, or of one whose groups are many.
void Coordinator::tend(const std::string* consumer) {
    const UnixMillis limit = clock_.now() - options_.offset_retention;
    std::vector<StoredRecord> records;
    std::vector<Group*> useless;
    auto each = consumer == nullptr ? groups_.begin() : groups_.lower_bound({.consumer = *consumer, .group = {}});
    for (; each != groups_.end() && (consumer == nullptr || each->first.consumer == *consumer); ++each) {
        const auto& [name, group] = *each;
        if (group->state != GroupState::empty) continue;
        if (!name.is_own())
            for (auto& partition : group->offsets.expire(group->changed_at, limit))
                records.push_back(encode(OffsetRecord{.group = name, .partition = std::move(partition), .offset = {}}));
        if (!group->is_useless()) continue;
        if (group->has_record) records.push_back(encode(GroupRecord{.group = name, .facts = {}}));
        useless.push_back(group.get());
    }
    for (auto* group : useless) erase(*group);
    // What cannot be stored now comes back with the next start and is expired again.
    if (!records.empty()) store(std::move(records), [](bool) {});
}

Group* Coordinator::find(std::string_view consumer, std::string_view group) {
    const auto found = groups_.find(GroupName{.consumer = std::string(consumer), .group = std::string(group)});
    return found == groups_.end() ? nullptr : found->second.get();
}

Group* Coordinator::find(const GroupName& name, std::uint64_t number) {
    const auto found = groups_.find(name);
    return found == groups_.end() || found->second->number != number ? nullptr : found->second.get();
}

Group* Coordinator::find_or_make(std::string_view consumer, std::string_view group) {
    if (auto* known = find(consumer, group)) return known;
    TENTER_ASSERT(consumer.find('/') == std::string_view::npos);
    const auto is_at_limit = [&] {
        const auto count = groups_of_.find(consumer);
        return groups_.size() >= options_.limits.groups ||
               (count != groups_of_.end() && count->second >= options_.limits.groups_per_consumer);
    };
    GroupName name{.consumer = std::string(consumer), .group = std::string(group)};
    if (is_at_limit()) tend(&name.consumer);
    if (is_at_limit()) return nullptr;
    auto made = std::make_unique<Group>();
    made->name = name;
    made->number = ++last_group_;
    made->changed_at = clock_.now();
    made->generation = last_generation_;
    ++groups_of_[name.consumer];
    return groups_.emplace(std::move(name), std::move(made)).first->second.get();
}

bool Coordinator::has_room(std::string_view consumer, std::size_t more_bytes) const {
    std::size_t bytes = more_bytes;
    auto each = groups_.lower_bound({.consumer = std::string(consumer), .group = {}});
    for (; each != groups_.end() && each->first.consumer == consumer; ++each) bytes += each->second->footprint();
    return bytes <= options_.limits.members_of_consumer;
}

void Coordinator::erase(Group& group) {
    last_generation_ = std::max(last_generation_, group.generation);
    for (const auto& [id, promise] : group.promises) promises_.erase({promise.connection, id});
    wakes_.erase({group.wakes_at, group.number, &group});
    const auto count = groups_of_.find(group.name.consumer);
    if (--count->second == 0) groups_of_.erase(count);
    groups_.erase(groups_.find(group.name));
}

void Coordinator::store(std::vector<StoredRecord> records, std::function<void(bool)> then) {
    store_.store(std::move(records), [this, alive = std::weak_ptr(alive_), then = std::move(then)](bool is_durable) {
        if (alive.expired()) return;
        const Delivery delivery(answers_);
        then(is_durable);
    });
}

void Coordinator::store_facts(Group& group, std::function<void(Group&, bool)> then) {
    group.has_record = true;
    ++group.in_flight;
    std::vector<StoredRecord> records{encode(GroupRecord{.group = group.name, .facts = group.facts()})};
    store(std::move(records), [this, name = group.name, number = group.number, then = std::move(then)](bool is_durable) {
        auto* stored = find(name, number);
        if (stored == nullptr) return;
        --stored->in_flight;
        then(*stored, is_durable);
        wake(*stored);
    });
}

void Coordinator::connection_closed(ConnectionId connection) {
    const Delivery delivery(answers_);
    for (const auto& dropped : answers_.drop(connection)) connection_lost(dropped);
    std::vector<std::pair<std::string, GroupName>> promised;
    for (auto it = promises_.lower_bound({connection, {}}); it != promises_.end() && it->first.first == connection; ++it)
        promised.emplace_back(it->first.second, it->second);
    for (const auto& [id, name] : promised) {
        Group& group = *groups_.at(name);
        remove_promise(group, id);
        wake(group);
    }
}

std::vector<StoredRecord> Coordinator::snapshot() const {
    std::vector<StoredRecord> records;
    for (const auto& [name, group] : groups_) {
        if (group->state == GroupState::dead) continue;  // its end is on its way to the store
        if (group->has_record) records.push_back(encode(GroupRecord{.group = name, .facts = group->facts()}));
        for (auto& [partition, offset] : group->offsets.expected())
            records.push_back(encode(OffsetRecord{.group = name, .partition = partition, .offset = offset}));
    }
    return records;
}

}  // namespace tenter::groups
