// The poll thread's half of the engine.
#include <algorithm>
#include <string_view>
#include <utility>

#include "src/consume/engine.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::consume {
namespace {

constexpr std::size_t max_batch = 512;
constexpr std::size_t first_batch = 16;  ///< Before we know how large the records are.
constexpr std::chrono::milliseconds max_wait{100};
constexpr std::chrono::milliseconds pause_after_failed_commit{250};

std::size_t bytes_of(const Record& record) { return (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0); }

}  // namespace

void Engine::poll_until_stopped() {
    try {
        next_commit_ = time_.now() + options_.commit.interval;
        next_lag_ = time_.now() + options_.lag_interval;
        tell({.kind = Notice::Kind::connected});
        while (!stopping()) poll_once();
    } catch (...) {
        fail(std::current_exception());
    }
    try {
        close();
    } catch (...) {
        fail(std::current_exception());
    }
}

void Engine::poll_once() {
    if (stop_()) return begin_stop();
    bool idle = false;
    {
        const Lock lock(mutex_);
        idle = std::ranges::all_of(partitions_, [](const auto& partition) { return partition->outstanding.empty(); });
    }
    auto wait = max_wait;
    if (more_to_take_) {
        wait = std::chrono::milliseconds(0);
    } else if (commits_) {
        wait = std::clamp(std::chrono::duration_cast<std::chrono::milliseconds>(next_commit_ - time_.now()), std::chrono::milliseconds(1),
                          wait);
    }
    source_.poll(wait, idle);
    if (stopping()) return;
    take_records();
    commit_if_due();
    tell_progress();
}

void Engine::take_records() {
    more_to_take_ = false;
    const auto partitions = partitions_;  // only this thread changes which there are
    for (const auto& partition : partitions) more_to_take_ = take_from(partition) || more_to_take_;
}

std::size_t Engine::room_of(const OwnedPartition& partition, std::size_t partitions) const {
    const auto most = std::max<std::size_t>(1, options_.max_buffered_events / partitions);
    const auto most_bytes = std::max<std::size_t>(1, options_.max_buffered_bytes / partitions);
    if (partition.buffered >= most || partition.buffered_bytes >= most_bytes) return 0;
    const auto by_count = std::min(most - partition.buffered, max_batch);
    if (partition.average_bytes == 0) return std::min(by_count, first_batch);
    return std::clamp<std::size_t>((most_bytes - partition.buffered_bytes) / partition.average_bytes, 1, by_count);
}

/// Whether there may be more at once.
bool Engine::take_from(const std::shared_ptr<OwnedPartition>& partition) {
    std::size_t room = 0;
    {
        const Lock lock(mutex_);
        room = room_of(*partition, partitions_.size());
    }
    if (room == 0) return false;
    const auto taken = partition->source->take(room);
    if (!taken.records || taken.records->size() == 0) {
        const Lock lock(mutex_);
        partition->at_end = partition->at_end || taken.at_end;
        return false;
    }
    const Lock lock(mutex_);
    partition->at_end = taken.at_end;
    told_caught_up_ = false;
    deal_out(partition, taken.records);
    return taken.records->size() >= room;
}

void Engine::deal_out(const std::shared_ptr<OwnedPartition>& partition, const std::shared_ptr<RecordBatch>& records) {
    const auto count = records->size();
    std::vector<std::shared_ptr<LaneBatch>> parts(lanes_.size());
    const auto part_of = [&](std::size_t lane, std::int64_t offset) -> LaneBatch& {
        if (!parts[lane]) {
            parts[lane] = std::make_shared<LaneBatch>();
            parts[lane]->partition = partition;
            parts[lane]->records = records;
            parts[lane]->first_undone.store(offset, std::memory_order_relaxed);
        }
        return *parts[lane];
    };
    const auto without_key = std::hash<std::string_view>()(partition->id.topic) + static_cast<std::size_t>(partition->id.partition);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const auto record = records->record(i);
        const auto size = bytes_of(record);
        bytes += size;
        std::size_t lane = 0;
        if (lanes_.size() > 1) lane = (record.key ? std::hash<std::string_view>()(*record.key) : without_key) % lanes_.size();
        auto& part = part_of(lane, record.offset);
        if (lanes_.size() > 1) part.indices.push_back(static_cast<std::uint32_t>(i));
        ++part.count;
        part.bytes += size;
        part.last = record.offset;
    }
    if (partition->taken_end < 0) partition->committed = records->record(0).offset;
    partition->taken_end = records->record(count - 1).offset + 1;
    partition->average_bytes = std::max<std::size_t>(1, bytes / count);
    for (std::size_t lane = 0; lane < parts.size(); ++lane)
        if (parts[lane]) push(*lanes_[lane], std::move(parts[lane]));
}

void Engine::push(Lane& lane, std::shared_ptr<LaneBatch> batch) {
    auto& partition = *batch->partition;
    partition.buffered += batch->count;
    partition.buffered_bytes += batch->bytes;
    partition.outstanding.push_back(batch);
    lane.slot_of(batch->partition).batches.push_back(std::move(batch));
    lane.ready.notify_one();
}

void Engine::commit_if_due() {
    if (!commits_ || committing_ || holds_commits_) return;
    const auto now = time_.now();
    if (now < no_commit_before_) return time_.skip_to(no_commit_before_);
    if (!commit_wanted_.exchange(false) && now < next_commit_) return;
    next_commit_ = now + options_.commit.interval;
    std::vector<OffsetToCommit> offsets;
    {
        const Lock lock(mutex_);
        handled_at_commit_ = handled_.load();
        offsets = offsets_to_commit(partitions_);
    }
    if (offsets.empty()) return note_committed(true);
    committing_ = true;
    source_.commit_later(offsets);
}

std::vector<OffsetToCommit> Engine::offsets_to_commit(std::span<const std::shared_ptr<OwnedPartition>> partitions) {
    std::vector<OffsetToCommit> offsets;
    for (const auto& partition : partitions) {
        const auto processed = partition->processed();
        if (processed <= partition->committed) continue;
        partition->being_committed = processed;
        offsets.push_back({.id = partition->id, .offset = processed});
    }
    return offsets;
}

void Engine::note_committed(bool succeeded) {
    const Lock lock(mutex_);
    for (const auto& partition : partitions_) {
        if (succeeded) partition->committed = std::max(partition->committed, partition->being_committed);
        partition->being_committed = -1;
    }
    if (succeeded) safe_.store(handled_at_commit_);
    settled_.notify_all();
}

void Engine::on_committed(Result<void> result) {
    committing_ = false;
    note_committed(result.has_value());
    if (result) return;
    no_commit_before_ = time_.now() + pause_after_failed_commit;
    commit_wanted_.store(true);
    on_notice({.kind = Notice::Kind::error, .message = std::move(result.error().message)});
}

/// What could not be committed; empty when all was.
std::string Engine::commit_and_wait(std::span<const std::shared_ptr<OwnedPartition>> partitions, std::chrono::milliseconds timeout) {
    std::vector<OffsetToCommit> offsets;
    {
        const Lock lock(mutex_);
        offsets = offsets_to_commit(partitions);
    }
    if (!commits_ || (offsets.empty() && !committing_)) return {};
    const auto result = source_.commit_now(offsets, timeout);
    committing_ = false;
    const Lock lock(mutex_);
    for (const auto& offset : offsets) {
        const auto partition = std::ranges::find(partitions, offset.id, [](const auto& owned) { return owned->id; });
        if (result) (*partition)->committed = offset.offset;
        (*partition)->being_committed = -1;
    }
    return result ? std::string() : result.error().message;
}

void Engine::tell_progress() {
    bool caught_up = false;
    std::int64_t lag = 0;
    {
        const Lock lock(mutex_);
        caught_up = !partitions_.empty() && std::ranges::all_of(partitions_, [](const auto& partition) {
            return partition->at_end && partition->outstanding.empty();
        });
        if (options_.lag_interval.count() > 0) {
            for (const auto& partition : partitions_) {
                const auto end = partition->source->end();
                const auto processed = partition->processed();
                if (end && processed >= 0) lag += std::max<std::int64_t>(0, *end - processed);
            }
        }
    }
    if (caught_up && !told_caught_up_) {
        told_caught_up_ = true;
        tell({.kind = Notice::Kind::caught_up});
    }
    if (options_.lag_interval.count() > 0 && time_.now() >= next_lag_) {
        next_lag_ = time_.now() + options_.lag_interval;
        tell({.kind = Notice::Kind::lag, .lag = lag});
    }
}

/// Callbacks that have begun are waited for; those that are still to begin have their time.
void Engine::finish_callbacks() {
    const auto deadline = std::chrono::steady_clock::now() + options_.drain_timeout;
    while (true) {
        {
            const Lock lock(mutex_);
            if (busy_workers_ == 0) return;
            if (std::chrono::steady_clock::now() >= deadline) {
                for (const auto& partition : partitions_) partition->lower(0);
                notify_all_locked();
            }
        }
        source_.poll(max_wait, false);  // the membership is kept however long the callbacks under way take
        commit_if_due();
    }
}

void Engine::close() {
    finish_callbacks();
    const auto partitions = partitions_;
    const auto fault = commit_and_wait(partitions, options_.close_timeout);
    {
        const Lock lock(mutex_);
        for (const auto& lane : lanes_) lane->slots.clear();
        for (const auto& partition : partitions) {
            partition->outstanding.clear();
            partition->source.reset();
        }
        partitions_.clear();
    }
    source_.stop(options_.close_timeout);
    if (!fault.empty()) tell({.kind = Notice::Kind::error, .message = "what was processed last is not committed: " + fault});
}

void Engine::on_assigned(std::vector<AssignedPartition> partitions) {
    Notice notice{.kind = Notice::Kind::assigned};
    {
        const Lock lock(mutex_);
        for (auto& assigned : partitions) {
            notice.partitions.push_back(assigned.id);
            auto owned = std::make_shared<OwnedPartition>();
            owned->id = std::move(assigned.id);
            owned->source = std::move(assigned.source);
            if (stopping()) owned->lower(0);
            partitions_.push_back(std::move(owned));
        }
        told_caught_up_ = false;
    }
    more_to_take_ = true;
    holds_commits_ = false;
    on_notice(std::move(notice));
}

void Engine::on_revoked(const std::vector<Notice::Partition>& revoked, bool lost) {
    std::vector<std::shared_ptr<OwnedPartition>> leaving;
    Notice notice{.kind = Notice::Kind::revoked, .partitions = revoked};
    {
        Lock lock(mutex_);
        std::erase_if(partitions_, [&](const auto& partition) {
            if (std::ranges::find(revoked, partition->id) == revoked.end()) return false;
            leaving.push_back(partition);
            return true;
        });
        if (leaving.empty()) return;
        holds_commits_ = !partitions_.empty();
        for (const auto& partition : leaving) {
            drain_locked(*partition);
            if (lost) partition->lower(0);
        }
        is_revoking_.store(true);
        notify_all_locked();
        const auto drained = [&] { return std::ranges::all_of(leaving, [](const auto& partition) { return partition->is_drained(); }); };
        if (!settled_.wait_for(lock, options_.revoke_timeout, drained))
            notice.message = "callbacks did not return within " + std::to_string(options_.revoke_timeout.count()) +
                             " ms: their events are not committed, another member gets them too";
        is_revoking_.store(false);
        for (const auto& partition : leaving) {
            partition->lower(0);
            partition->revoked = true;
        }
        for (const auto& lane : lanes_) std::erase_if(lane->slots, [](const auto& slot) { return slot.partition->revoked; });
        notify_all_locked();
    }
    if (lost) {
        notice.message = "lost: what was processed since the last commit comes again";
    } else if (const auto fault = commit_and_wait(leaving, options_.revoke_timeout); !fault.empty()) {
        notice.message = "what was processed last is not committed: " + fault;
    }
    {
        const Lock lock(mutex_);
        for (const auto& partition : leaving) {
            partition->outstanding.clear();
            partition->source.reset();
        }
    }
    on_notice(std::move(notice));
}

void Engine::on_notice(Notice notice) {
    try {
        tell(notice);
    } catch (...) {
        fail(std::current_exception());  // may be called through frames of C
    }
}

void Engine::on_failed(Error error) {
    {
        const Lock lock(mutex_);
        for (const auto& partition : partitions_) partition->lower(0);  // what is done from now on may be for nothing
    }
    fail(std::make_exception_ptr(Exception(std::move(error))));
}

void Engine::on_exhausted() { begin_stop(); }

}  // namespace tenter::consume
