#pragma once
// tests/contract/in_memory_event_log.hpp: an EventLog that keeps nothing beyond its life. It passes the contract suite, so other rooms may
// test with it; `hold`, `refuse_next` and `damage_next_read` make it slow or unwilling where a test needs that.

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "gateway/log/partitioner.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::log::testing {

/// Every append becomes one batch for each of its partitions. One commit thread, as the port has it. Thread safe.
class InMemoryEventLog final : public EventLog {
public:
    static constexpr std::size_t max_append_bytes = 1 << 20;

    InMemoryEventLog() : thread_([this] { run(); }) {}
    InMemoryEventLog(const InMemoryEventLog&) = delete;
    InMemoryEventLog& operator=(const InMemoryEventLog&) = delete;
    ~InMemoryEventLog() override { (void)stop(); }

    /// While held, appends wait; `stop` lets go.
    void hold(bool held) {
        const std::scoped_lock lock(mutex_);
        held_ = held;
        changed_.notify_all();
    }
    /// The next read fails with this.
    void damage_next_read(Error error) {
        const std::scoped_lock lock(mutex_);
        damage_ = std::move(error);
    }
    /// The next append fails with this.
    void refuse_next(Error error) {
        const std::scoped_lock lock(mutex_);
        refusal_ = std::move(error);
    }

    [[nodiscard]] Capabilities capabilities() const noexcept override {
        return {.atomic_over_partitions = true, .survives_kill = false, .removes_records = true, .finds_newest = true};
    }

    [[nodiscard]] Result<TopicId> ensure_topic(std::string_view name, std::int32_t partition_count) override {
        if (auto fine = check_topic_name(name); !fine) return fail(std::move(fine.error()));
        if (partition_count < 1 || partition_count > 10'000) return fail(Errc::invalid_input, "1 to 10000 partitions");
        const std::scoped_lock lock(mutex_);
        const auto count = static_cast<std::size_t>(partition_count);
        const auto known = std::ranges::find(topics_, name, &Topic::name);
        if (known == topics_.end()) {
            topics_.push_back({std::string(name), std::vector<Partition>(count), 0});
            return TopicId{static_cast<std::uint32_t>(topics_.size() - 1)};
        }
        if (known->partitions.size() > count) return fail(Errc::invalid_input, "partitions may only grow");
        known->partitions.resize(count);
        return TopicId{static_cast<std::uint32_t>(known - topics_.begin())};
    }

    [[nodiscard]] std::vector<TopicInfo> topics() const override {
        const std::scoped_lock lock(mutex_);
        std::vector<TopicInfo> infos;
        for (std::size_t i = 0; i < topics_.size(); ++i) infos.push_back(info_of(i));
        std::ranges::sort(infos, {}, &TopicInfo::name);
        return infos;
    }

    [[nodiscard]] Result<TopicInfo> find_topic(std::string_view name) const override {
        const std::scoped_lock lock(mutex_);
        for (std::size_t i = 0; i < topics_.size(); ++i)
            if (topics_[i].name == name) return info_of(i);
        return fail(Errc::not_found, "no topic \"" + std::string(name) + "\"");
    }

    void append(std::span<const NewRecord> records, AppendDone done) override {
        if (records.empty()) return done(std::span<const RecordPlace>{});
        auto queued = prepare(records);
        if (!queued) return done(fail(std::move(queued.error())));
        queued->done = std::move(done);
        std::unique_lock lock(mutex_);
        if (stopping_) {
            lock.unlock();
            return queued->done(fail(Errc::unavailable, "the log has stopped"));
        }
        queue_.push_back(std::move(*queued));
        changed_.notify_all();
    }

    [[nodiscard]] Result<StoredBatches> read(TopicPartition at, Offset from, std::size_t max_bytes) const override {
        const std::scoped_lock lock(mutex_);
        if (damage_) return fail(*std::exchange(damage_, std::nullopt));
        const Partition* partition = find(at);
        if (partition == nullptr) return no_partition();
        if (from.value < partition->first || from.value > partition->next) return outside(from, *partition);
        StoredBatches found{{}, from, Offset{partition->next}};
        for (const auto& batch : partition->batches) {
            if (batch.next <= from.value) continue;
            if (!found.bytes.empty() && found.bytes.size() + batch.bytes.size() > max_bytes) break;
            found.bytes += batch.bytes;
            found.next_offset = Offset{batch.next};
        }
        return found;
    }

    [[nodiscard]] Result<PartitionBounds> bounds(TopicPartition at) const override {
        const std::scoped_lock lock(mutex_);
        const Partition* partition = find(at);
        if (partition == nullptr) return no_partition();
        return PartitionBounds{Offset{partition->first}, Offset{partition->next}};
    }

    [[nodiscard]] Result<std::optional<TimedOffset>> offset_for_time(TopicPartition at, UnixMillis time) const override {
        const std::scoped_lock lock(mutex_);
        const Partition* partition = find(at);
        if (partition == nullptr) return no_partition();
        const auto found = std::ranges::find_if(partition->kept_times(), [time](UnixMillis have) { return have >= time; });
        return partition->timed(found);
    }

    [[nodiscard]] Result<std::optional<TimedOffset>> newest(TopicPartition at) const override {
        const std::scoped_lock lock(mutex_);
        const Partition* partition = find(at);
        if (partition == nullptr) return no_partition();
        return partition->timed(std::ranges::max_element(partition->kept_times()));
    }

    [[nodiscard]] Result<void> remove_before(TopicPartition at, Offset first) override {
        const std::scoped_lock lock(mutex_);
        if (find(at) == nullptr) return no_partition();
        Partition& partition = get(at);
        if (first.value > partition.next) return outside(first, partition);
        partition.first = std::max(partition.first, first.value);
        std::erase_if(partition.batches, [&](const Batch& batch) { return batch.next <= partition.first; });
        return {};
    }

    [[nodiscard]] Result<std::unique_ptr<Subscription>> follow(TopicPartition at, std::function<void(Offset)> moved) override {
        {
            const std::scoped_lock lock(mutex_);
            if (find(at) == nullptr) return no_partition();
        }
        const std::scoped_lock lock(followers_mutex_);
        followers_.emplace(++last_follower_, Follower{at, std::move(moved)});
        return std::make_unique<Follow>(*this, last_follower_);
    }

    [[nodiscard]] LogState state() const noexcept override {
        const std::scoped_lock lock(mutex_);
        return stopping_ ? LogState::stopped : LogState::accepting;
    }

    Result<void> stop() override {
        {
            const std::scoped_lock lock(mutex_);
            stopping_ = true;
            held_ = false;
            changed_.notify_all();
        }
        const std::scoped_lock lock(join_mutex_);
        if (thread_.joinable()) thread_.join();
        return {};
    }

private:
    struct Batch {
        Bytes bytes;
        std::int64_t next = 0;
    };
    struct Partition {
        std::vector<Batch> batches;
        std::vector<UnixMillis> times;  // of all records there ever were
        std::int64_t first = 0;
        std::int64_t next = 0;

        [[nodiscard]] std::span<const UnixMillis> kept_times() const { return std::span(times).subspan(static_cast<std::size_t>(first)); }
        [[nodiscard]] std::optional<TimedOffset> timed(std::span<const UnixMillis>::iterator at) const {
            if (at == kept_times().end()) return std::nullopt;
            return TimedOffset{Offset{first + (at - kept_times().begin())}, *at};
        }
    };
    struct Topic {
        std::string name;
        std::vector<Partition> partitions;
        std::uint32_t spread = 0;
    };
    struct QueuedRecord {
        TopicPartition at;
        UnixMillis timestamp;
        Bytes payload;
    };
    struct Queued {
        std::vector<QueuedRecord> records;
        AppendDone done;
    };
    struct Follower {
        TopicPartition at;
        std::function<void(Offset)> moved;
    };
    class Follow final : public Subscription {
    public:
        Follow(InMemoryEventLog& log, std::uint64_t number) : log_(log), number_(number) {}
        Follow(const Follow&) = delete;
        Follow& operator=(const Follow&) = delete;
        ~Follow() override {
            const std::scoped_lock lock(log_.followers_mutex_);  // waits for a callback that runs
            log_.followers_.erase(number_);
        }

    private:
        InMemoryEventLog& log_;
        std::uint64_t number_;
    };

    [[nodiscard]] static std::unexpected<Error> no_partition() { return fail(Errc::not_found, "no such topic or partition"); }

    [[nodiscard]] static std::unexpected<Error> outside(Offset offset, const Partition& partition) {
        return fail(Errc::not_found, "offset " + std::to_string(offset.value) + " is outside " + std::to_string(partition.first) + " to " +
                                         std::to_string(partition.next));
    }

    [[nodiscard]] TopicInfo info_of(std::size_t i) const {
        return {topics_[i].name, TopicId{static_cast<std::uint32_t>(i)}, static_cast<std::int32_t>(topics_[i].partitions.size())};
    }

    [[nodiscard]] const Partition* find(TopicPartition at) const {
        if (at.topic.value >= topics_.size() || at.partition.value < 0) return nullptr;
        const auto& partitions = topics_[at.topic.value].partitions;
        const auto number = static_cast<std::size_t>(at.partition.value);
        return number < partitions.size() ? &partitions[number] : nullptr;
    }
    [[nodiscard]] Partition& get(TopicPartition at) {
        return topics_[at.topic.value].partitions[static_cast<std::size_t>(at.partition.value)];
    }

    [[nodiscard]] Result<Queued> prepare(std::span<const NewRecord> records) {
        Queued queued;
        std::size_t bytes = 0;
        const std::scoped_lock lock(mutex_);
        if (refusal_) return fail(*std::exchange(refusal_, std::nullopt));
        for (const auto& record : records) {
            if (record.topic.value >= topics_.size()) return fail(Errc::invalid_input, "no such topic");
            auto& topic = topics_[record.topic.value];
            const auto count = static_cast<std::int32_t>(topic.partitions.size());
            TopicPartition at{record.topic, {}};
            if (record.partition) {
                at.partition = *record.partition;
            } else if (record.key) {
                at.partition = partition_of_key(*record.key, count);
            } else {
                at.partition.value = static_cast<std::int32_t>(topic.spread++ % static_cast<std::uint32_t>(count));
            }
            if (find(at) == nullptr) return fail(Errc::invalid_input, "no such partition");
            QueuedRecord copy{at, record.timestamp, {}};
            encode_record_payload(copy.payload, record.key, record.value, record.headers);
            bytes += copy.payload.size();
            queued.records.push_back(std::move(copy));
        }
        if (bytes > max_append_bytes) return fail(Errc::too_large, "over " + std::to_string(max_append_bytes) + " bytes");
        return queued;
    }

    void run() {
        for (;;) {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return (!queue_.empty() && !held_) || (stopping_ && queue_.empty()); });
            if (queue_.empty()) return;
            Queued queued = std::move(queue_.front());
            queue_.pop_front();
            lock.unlock();
            commit(queued);
        }
    }

    /// As the real log: acknowledged first, readable then.
    void commit(Queued& queued) {
        std::vector<RecordPlace> places;
        std::map<TopicPartition, Partition> added;
        {
            const std::scoped_lock lock(mutex_);
            for (const auto& record : queued.records) {
                auto& more = added[record.at];
                if (more.times.empty()) more.next = get(record.at).next;
                places.push_back({record.at, Offset{more.next++}});
                more.times.push_back(record.timestamp);
            }
        }
        queued.done(std::span<const RecordPlace>(places));
        for (auto& [at, more] : added) {
            Batch batch{{}, more.next};
            RecordBatchBuilder builder(batch.bytes, Offset{more.next - static_cast<std::int64_t>(more.times.size())});
            for (const auto& record : queued.records)
                if (record.at == at) builder.add(record.timestamp, record.payload);
            builder.finish();
            const std::scoped_lock lock(mutex_);
            auto& partition = get(at);
            partition.batches.push_back(std::move(batch));
            partition.times.insert(partition.times.end(), more.times.begin(), more.times.end());
            partition.next = more.next;
        }
        const std::scoped_lock lock(followers_mutex_);
        for (const auto& [number, follower] : followers_)
            if (const auto moved = added.find(follower.at); moved != added.end()) follower.moved(Offset{moved->second.next});
    }

    mutable std::mutex mutex_;  // guards all but the followers; never held while calling out
    std::condition_variable changed_;
    std::vector<Topic> topics_;
    std::deque<Queued> queue_;
    std::optional<Error> refusal_;
    mutable std::optional<Error> damage_;
    bool held_ = false;
    bool stopping_ = false;
    std::mutex followers_mutex_;  // held while followers are called
    std::map<std::uint64_t, Follower> followers_;
    std::uint64_t last_follower_ = 0;
    std::mutex join_mutex_;
    std::thread thread_;  // last: runs on all the others
};

}  // namespace tenter::log::testing
