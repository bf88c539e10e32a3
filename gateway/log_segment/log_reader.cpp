#include "gateway/log_segment/log_reader.hpp"

#include <algorithm>

#include "gateway/log/partitioner.hpp"
#include "gateway/log_segment/layout.hpp"
#include "gateway/log_segment/log_folder.hpp"

namespace tenter::log {
namespace {

/// How often a read is made again because the gateway restarted under it.
constexpr int max_attempts = 4;

/// False: somebody runs the log.
Result<bool> nobody_has_it(Env& env, const Layout& layout) {
    const auto lock = env.lock(layout.lock());
    if (lock) return true;
    if (lock.error().code == Errc::overloaded) return false;
    return fail(lock.error());
}

}  // namespace

Result<std::unique_ptr<LogReader>> LogReader::open(Env& env, const std::string& directory) {
    const Layout layout(directory);
    if (auto checked = check_version(env, layout); !checked) return fail(std::move(checked.error()));
    std::unique_ptr<LogReader> reader(new LogReader(env, layout));
    if (auto refreshed = reader->refresh(); !refreshed) return fail(std::move(refreshed.error()));
    return reader;
}

Result<std::unique_ptr<LogReader>> LogReader::open_recovering(Env& env, const Clock& clock, const SegmentLogOptions& options) {
    const Layout layout(options.directory);
    if (auto checked = check_version(env, layout); !checked) return fail(std::move(checked.error()));
    const auto free = nobody_has_it(env, layout);
    if (!free) return fail(free.error());
    if (*free) {
        const auto folder = LogFolder::open(env, clock, options);
        if (!folder) return fail(folder.error());
        if (auto recovered = (*folder)->finish_recovery(); !recovered) return fail(std::move(recovered.error()));
    }
    return open(env, options.directory);
}

Result<void> LogReader::map_again() {
    auto opened = WatermarkReader::open(env_, layout_);
    if (!opened && opened.error().code == Errc::not_found)
        return fail(Errc::unavailable, layout_.watermarks() + ": no gateway has published how far the log goes");
    if (!opened) return fail(std::move(opened.error()));
    watermarks_ = std::move(*opened);
    return {};
}

Result<void> LogReader::refresh() {
    if (!watermarks_) {
        if (auto mapped = map_again(); !mapped) return mapped;
    }
    const std::uint64_t now = watermarks_->generation();
    if (now == 0) return fail(Errc::unavailable, "the log is being recovered");
    const std::size_t count = watermarks_->count();
    if (now == generation_ && count == slots_taken_) return {};
    if (now != generation_) {
        // Segments may have been cut and written again since.
        segments_.clear();
        slots_taken_ = 0;
        for (auto& [name, topic] : topics_) {
            for (auto& [number, partition] : topic.partitions) {
                partition.reader->forget();
                partition.published = false;
            }
        }
    }
    if (now != generation_ || count > watermarks_->visible()) {
        if (auto mapped = map_again(); !mapped) return mapped;
        for (auto& [name, topic] : topics_) {
            for (auto& [number, partition] : topic.partitions) partition.published = false;
        }
        slots_taken_ = 0;
    }
    take_slots();
    generation_ = now;
    return {};
}

void LogReader::take_slots() {
    const std::size_t end = std::min(watermarks_->count(), watermarks_->visible());
    for (; slots_taken_ < end; ++slots_taken_) {
        const auto found = watermarks_->at(slots_taken_);
        if (!found || !check_topic_name(found->topic)) continue;
        auto topic = topics_.find(found->topic);
        if (topic == topics_.end()) {
            topic = topics_.emplace(std::string(found->topic), ReadTopic{TopicId{static_cast<std::uint32_t>(by_id_.size())}, {}}).first;
            by_id_.push_back(&topic->second);
        }
        ReadPartition& partition = topic->second.partitions[found->partition];
        if (!partition.reader)
            partition.reader = std::make_unique<PartitionReader>(segments_, layout_.partition(found->topic, found->partition));
        partition.slot = found->slot;
        partition.published = true;
    }
}

Result<std::vector<TopicInfo>> LogReader::topics() {
    if (auto refreshed = refresh(); !refreshed) return fail(std::move(refreshed.error()));
    std::vector<TopicInfo> all;
    for (const auto& [name, topic] : topics_) all.push_back({name, topic.id, static_cast<std::int32_t>(topic.partitions.size())});
    return all;
}

Result<TopicInfo> LogReader::find_topic(std::string_view name) {
    if (auto refreshed = refresh(); !refreshed) return fail(std::move(refreshed.error()));
    const auto found = topics_.find(name);
    if (found == topics_.end()) return fail(Errc::not_found, "no topic \"" + std::string(name) + "\"");
    return TopicInfo{found->first, found->second.id, static_cast<std::int32_t>(found->second.partitions.size())};
}

Result<LogReader::ReadPartition*> LogReader::find(TopicPartition at) {
    if (auto refreshed = refresh(); !refreshed) return fail(std::move(refreshed.error()));
    if (at.topic.value < by_id_.size()) {
        auto& partitions = by_id_[at.topic.value]->partitions;
        const auto found = partitions.find(at.partition.value);
        if (found != partitions.end() && found->second.published) return &found->second;
    }
    return fail(Errc::not_found, "no topic " + std::to_string(at.topic.value) + " with partition " + std::to_string(at.partition.value));
}

template <class Value, class Read>
Result<Value> LogReader::read_valid(TopicPartition at, Read read) {
    for (int attempt = 0; attempt < max_attempts; ++attempt) {
        const auto partition = find(at);
        if (!partition) return fail(partition.error());
        const WatermarkSlot& slot = (*partition)->slot;
        // The start first, so that it is never above the high watermark.
        const auto limits = [&slot] {
            const std::int64_t first = slot.log_start();
            return ReadLimits{first, slot.next_offset()};
        };
        Result<Value> result = read_within(limits, [&](const ReadLimits& now) { return read(*(*partition)->reader, now); });
        // Otherwise the file was being made anew, or segments were being cut, while this was read.
        if (watermarks_->generation() == generation_) return result;
    }
    return fail(Errc::unavailable, "the log is being recovered");
}

Result<StoredBatches> LogReader::read(TopicPartition at, Offset from, std::size_t max_bytes) {
    return read_valid<StoredBatches>(
        at, [&](PartitionReader& reader, const ReadLimits& limits) { return reader.read(from, limits, max_bytes); });
}

Result<PartitionBounds> LogReader::bounds(TopicPartition at) {
    return read_valid<PartitionBounds>(at, [](PartitionReader&, const ReadLimits& limits) {
        return Result<PartitionBounds>(PartitionBounds{Offset{limits.first}, Offset{limits.high_watermark}});
    });
}

Result<std::optional<TimedOffset>> LogReader::offset_for_time(TopicPartition at, UnixMillis time) {
    return read_valid<std::optional<TimedOffset>>(
        at, [time](PartitionReader& reader, const ReadLimits& limits) { return reader.offset_for_time(time, limits); });
}

Result<std::optional<TimedOffset>> LogReader::newest(TopicPartition at) {
    return read_valid<std::optional<TimedOffset>>(at,
                                                  [](PartitionReader& reader, const ReadLimits& limits) { return reader.newest(limits); });
}

std::uint64_t LogReader::moves() const noexcept { return watermarks_->moves(); }

}  // namespace tenter::log
