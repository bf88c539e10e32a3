#include "gateway/log_segment/segment_log.hpp"

#include <algorithm>
#include <utility>

#include "gateway/log/partitioner.hpp"
#include "gateway/log/record_batch.hpp"
#include "gateway/log_segment/commit_thread.hpp"
#include "gateway/log_segment/rule_breakers.hpp"

namespace tenter::log {
namespace {

constexpr std::int32_t max_partitions = 10'000;

/// Upper bound of what `encode_record_payload` makes of a record.
std::size_t payload_size_bound(const NewRecord& record) noexcept {
    constexpr std::size_t varint = 5;
    std::size_t size = 3 * varint + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
    for (const auto& header : record.headers) size += 2 * varint + header.key.size() + (header.value ? header.value->size() : 0);
    return size;
}

/// What a record can take in a frame at most: as if it were alone in its batch and its entry.
std::size_t weight_of(const NewRecord& record, const Topic& topic) noexcept {
    return frame_entry_overhead(topic.name.size()) + batch_header_size + encoded_record_size_bound(payload_size_bound(record));
}

PartitionId choose_partition(const NewRecord& record, Topic& topic) noexcept {
    if (record.partition) return *record.partition;
    const auto count = static_cast<std::int32_t>(topic.partitions.size());
    if (count == 1) return PartitionId{0};
    if (record.key) return partition_of_key(*record.key, count);
    return PartitionId{static_cast<std::int32_t>(topic.spread.fetch_add(1, std::memory_order_relaxed) % static_cast<std::uint32_t>(count))};
}

class FollowerSubscription final : public Subscription {
public:
    FollowerSubscription(Followers& followers, std::shared_ptr<Follower> follower)
        : followers_(followers), follower_(std::move(follower)) {}
    FollowerSubscription(const FollowerSubscription&) = delete;
    FollowerSubscription& operator=(const FollowerSubscription&) = delete;
    ~FollowerSubscription() override { followers_.remove(follower_); }

private:
    Followers& followers_;
    const std::shared_ptr<Follower> follower_;
};

}  // namespace

struct SegmentLog::Core {
    Core(std::unique_ptr<LogFolder> folder, LogObserver observer) : commits(std::move(folder), std::move(observer)) {}

    [[nodiscard]] LogFolder& folder() noexcept { return commits.folder(); }
    [[nodiscard]] Result<Partition*> find(TopicPartition at);
    [[nodiscard]] Result<Partition*> find_readable(TopicPartition at);
    /// Resolves topics and partitions and weighs the request. The room for its items is the request's own.
    [[nodiscard]] Result<void> prepare(std::span<const NewRecord> records, AppendRequest& request);

    CommitThread commits;
    std::mutex ensuring;  // one ensure_topic at a time
};

Result<Partition*> SegmentLog::Core::find(TopicPartition at) {
    Partition* const partition = folder().topics.find(at);
    if (partition == nullptr) {
        return fail(Errc::not_found,
                    "no topic " + std::to_string(at.topic.value) + " with partition " + std::to_string(at.partition.value));
    }
    return partition;
}

Result<Partition*> SegmentLog::Core::find_readable(TopicPartition at) {
    if (commits.state() == LogState::stopped) return fail(Errc::unavailable, "the log has stopped");
    return find(at);
}

Result<void> SegmentLog::Core::prepare(std::span<const NewRecord> records, AppendRequest& request) {
    const auto lock = folder().topics.lock_shared();
    request.internal = true;
    request.weight = 0;
    for (const auto& record : records) {
        Topic* const topic = folder().topics.find_locked(record.topic);
        if (topic == nullptr) return fail(Errc::invalid_input, "no topic with id " + std::to_string(record.topic.value));
        const PartitionId partition = choose_partition(record, *topic);
        if (partition.value < 0 || std::cmp_greater_equal(partition.value, topic->partitions.size())) {
            return fail(Errc::invalid_input, "topic " + topic->name + " has no partition " + std::to_string(partition.value));
        }
        request.items.push_back(
            {topic->partitions[static_cast<std::size_t>(partition.value)].get(), record.timestamp.time_since_epoch().count(), 0, 0});
        request.weight += weight_of(record, *topic);
        request.internal = request.internal && topic->internal;
    }
    if (request.weight > commits.max_request_weight()) {
        return fail(Errc::too_large, "the records may take " + std::to_string(request.weight) + " bytes; one commit holds " +
                                         std::to_string(commits.max_request_weight()));
    }
    return {};
}

SegmentLog::SegmentLog(std::unique_ptr<Core> core) : core_(std::move(core)) {}

SegmentLog::~SegmentLog() { static_cast<void>(core_->commits.stop()); }

Result<std::unique_ptr<SegmentLog>> SegmentLog::open(Env& env, const Clock& clock, SegmentLogOptions options, LogObserver observer) {
    return open_breaking_rules(env, clock, std::move(options), std::move(observer), RuleBreakers{});
}

Result<std::unique_ptr<SegmentLog>> SegmentLog::open_breaking_rules(Env& env, const Clock& clock, SegmentLogOptions options,
                                                                    LogObserver observer, const RuleBreakers& breakers) {
    auto folder = LogFolder::open(env, clock, options, breakers);
    if (!folder) return fail(std::move(folder.error()));
    auto core = std::make_unique<Core>(std::move(*folder), std::move(observer));
    if (auto recovered = core->commits.wait_recovered(); !recovered) return fail(std::move(recovered.error()));
    return std::unique_ptr<SegmentLog>(new SegmentLog(std::move(core)));
}

Capabilities SegmentLog::capabilities() const noexcept {
    return {.atomic_over_partitions = true, .survives_kill = true, .removes_records = true, .finds_newest = true};
}

Result<TopicId> SegmentLog::ensure_topic(std::string_view name, std::int32_t partition_count) {
    if (auto named = check_topic_name(name); !named) return fail(std::move(named.error()));
    if (partition_count < 1 || partition_count > max_partitions) {
        return fail(Errc::invalid_input,
                    "topic " + std::string(name) + ": " + std::to_string(partition_count) + " partitions, not 1 to 10000");
    }
    if (state() == LogState::stopped) return fail(Errc::unavailable, "the log has stopped");
    LogFolder& folder = core_->folder();
    const std::lock_guard lock(core_->ensuring);
    const std::int32_t known = folder.topics.partition_count(name);
    if (partition_count < known) {
        return fail(Errc::invalid_input, "topic " + std::string(name) + " has " + std::to_string(known) +
                                             " partitions, which cannot become " + std::to_string(partition_count));
    }
    for (std::int32_t number = known; number < partition_count; ++number) {
        // For people who look; the first write makes what is missing, so a full disk is no obstacle here.
        auto made = folder.env.create_directories(folder.layout.partition(name, number));
        if (!made && made.error().code != Errc::overloaded) return fail(std::move(made.error()));
    }
    return folder.ensure_topic(name, partition_count).id;
}

std::vector<TopicInfo> SegmentLog::topics() const { return core_->folder().topics.list(); }

Result<TopicInfo> SegmentLog::find_topic(std::string_view name) const {
    const Topic* const topic = core_->folder().topics.find(name);
    if (topic == nullptr) return fail(Errc::not_found, "no topic \"" + std::string(name) + "\"");
    return TopicInfo{topic->name, topic->id, core_->folder().topics.partition_count(name)};
}

void SegmentLog::append(std::span<const NewRecord> records, AppendDone done) {
    if (records.empty()) return done(std::span<const RecordPlace>{});
    CommitThread& commits = core_->commits;
    CommitQueue& queue = commits.queue();
    auto request = queue.make();
    if (auto prepared = core_->prepare(records, *request); !prepared) return done(fail(std::move(prepared.error())));
    if (!commits.may_append(request->internal)) return done(fail(commits.refusal()));
    if (!queue.reserve(request->weight)) return done(fail(Errc::overloaded, "too many events wait for the disk"));
    for (std::size_t i = 0; i < records.size(); ++i) {
        auto& item = request->items[i];
        item.at = request->payloads.size();
        encode_record_payload(request->payloads, records[i].key, records[i].value, records[i].headers);
        item.size = request->payloads.size() - item.at;
    }
    request->done = std::move(done);
    if (queue.push(request)) return;
    queue.unreserve(request->weight);
    request->done(fail(Errc::unavailable, commits.refusal().message));
}

Result<StoredBatches> SegmentLog::read(TopicPartition at, Offset from, std::size_t max_bytes) const {
    const auto partition = core_->find_readable(at);
    if (!partition) return fail(partition.error());
    return read_within([&] { return (*partition)->limits(); },
                       [&](const ReadLimits& limits) { return (*partition)->reader.read(from, limits, max_bytes); });
}

Result<PartitionBounds> SegmentLog::bounds(TopicPartition at) const {
    const auto partition = core_->find_readable(at);
    if (!partition) return fail(partition.error());
    const ReadLimits limits = (*partition)->limits();
    return PartitionBounds{Offset{limits.first}, Offset{limits.high_watermark}};
}

Result<std::optional<TimedOffset>> SegmentLog::offset_for_time(TopicPartition at, UnixMillis time) const {
    const auto partition = core_->find_readable(at);
    if (!partition) return fail(partition.error());
    return read_within([&] { return (*partition)->limits(); },
                       [&](const ReadLimits& limits) { return (*partition)->reader.offset_for_time(time, limits); });
}

Result<std::optional<TimedOffset>> SegmentLog::newest(TopicPartition at) const {
    const auto partition = core_->find_readable(at);
    if (!partition) return fail(partition.error());
    return read_within([&] { return (*partition)->limits(); },
                       [&](const ReadLimits& limits) { return (*partition)->reader.newest(limits); });
}

Result<void> SegmentLog::remove_before(TopicPartition at, Offset first) {
    const auto partition = core_->find_readable(at);
    if (!partition) return fail(partition.error());
    if (state() == LogState::failed) return fail(core_->commits.refusal());
    const ReadLimits limits = (*partition)->limits();
    if (first.value > limits.high_watermark) return fail(outside(first, limits));
    (*partition)->raise_log_start(first.value);
    if (core_->folder().watermarks) core_->folder().watermarks->moved();
    return {};
}

Result<std::unique_ptr<Subscription>> SegmentLog::follow(TopicPartition at, std::function<void(Offset)> moved) {
    const auto partition = core_->find_readable(at);
    if (!partition) return fail(partition.error());
    auto follower = std::make_shared<Follower>();
    follower->moved = std::move(moved);
    (*partition)->followers.add(follower);
    return std::make_unique<FollowerSubscription>((*partition)->followers, std::move(follower));
}

LogState SegmentLog::state() const noexcept { return core_->commits.state(); }

Result<void> SegmentLog::stop() { return core_->commits.stop(); }

Result<Uuid> SegmentLog::id() const {
    if (const auto id = core_->commits.id()) return *id;
    return fail(Errc::overloaded, "the log has no id yet: the disk is full");
}

bool SegmentLog::is_recovered() const noexcept { return core_->commits.is_recovered(); }

RecoveryReport SegmentLog::recovery_report() const { return core_->commits.recovery_report(); }

Result<void> SegmentLog::checkpoint() { return core_->commits.checkpoint(); }

}  // namespace tenter::log
