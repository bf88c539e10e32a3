#include "bench/baseline/unlogged.hpp"

#include <algorithm>
#include <utility>

namespace tenter::bench {
namespace {

std::unexpected<Error> nothing_is_kept() { return fail(Errc::unsupported, "this log keeps nothing"); }

}  // namespace

Result<log::TopicId> UnloggedEvents::ensure_topic(std::string_view name, std::int32_t partition_count) {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(topics_, name, &log::TopicInfo::name);
    if (found != topics_.end()) return found->id;
    const log::TopicId id{static_cast<std::uint32_t>(topics_.size())};
    topics_.push_back({std::string(name), id, partition_count});
    return id;
}

std::vector<log::TopicInfo> UnloggedEvents::topics() const {
    const std::scoped_lock lock(mutex_);
    auto sorted = topics_;
    std::ranges::sort(sorted, {}, &log::TopicInfo::name);
    return sorted;
}

Result<log::TopicInfo> UnloggedEvents::find_topic(std::string_view name) const {
    const std::scoped_lock lock(mutex_);
    const auto found = std::ranges::find(topics_, name, &log::TopicInfo::name);
    if (found == topics_.end()) return fail(Errc::not_found, "no topic " + std::string(name));
    return *found;
}

void UnloggedEvents::append(std::span<const log::NewRecord> records, log::AppendDone done) {
    std::vector<log::RecordPlace> places;
    places.reserve(records.size());
    for (const auto& record : records) places.push_back({{record.topic, {0}}, {0}});
    done(std::span<const log::RecordPlace>(places));
}

Result<log::StoredBatches> UnloggedEvents::read(log::TopicPartition, log::Offset, std::size_t) const { return nothing_is_kept(); }

Result<log::PartitionBounds> UnloggedEvents::bounds(log::TopicPartition) const { return log::PartitionBounds{{0}, {0}}; }

Result<std::optional<log::TimedOffset>> UnloggedEvents::offset_for_time(log::TopicPartition, UnixMillis) const { return std::nullopt; }

Result<std::optional<log::TimedOffset>> UnloggedEvents::newest(log::TopicPartition) const { return nothing_is_kept(); }

Result<void> UnloggedEvents::remove_before(log::TopicPartition, log::Offset) { return nothing_is_kept(); }

Result<std::unique_ptr<log::Subscription>> UnloggedEvents::follow(log::TopicPartition, std::function<void(log::Offset)>) {
    return nothing_is_kept();
}

}  // namespace tenter::bench
