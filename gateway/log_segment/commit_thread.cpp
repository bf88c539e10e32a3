#include "gateway/log_segment/commit_thread.hpp"

#include <algorithm>
#include <utility>

#include "gateway/log/record_batch.hpp"

namespace tenter::log {
namespace {

constexpr std::chrono::milliseconds idle_interval{1000};
constexpr std::size_t no_item = SIZE_MAX;

UnixMillis to_time(std::int64_t milliseconds) { return UnixMillis(std::chrono::milliseconds(milliseconds)); }

}  // namespace

CommitThread::CommitThread(std::unique_ptr<LogFolder> folder, LogObserver observer)
    : folder_(std::move(folder)),
      observer_(std::move(observer)),
      options_(folder_->options),
      queue_(options_.queue_bytes),
      gauge_(folder_->env, folder_->clock, options_, observer_.on_notice) {
    const std::uint64_t half = std::min(folder_->journal->half_size(), options_.journal_bytes / 2 / frame_alignment * frame_alignment);
    max_request_weight_ = static_cast<std::size_t>(half - frame_overhead);
    checkpointer_ = std::make_unique<Checkpointer>(
        folder_->env, folder_->layout, *folder_->on_file_system, folder_->breakers, options_.retry_interval,
        Checkpointer::Events{[this](const Error& why) { fail_log(why); }, [this] { checkpoint_lacks_room_ = true; },
                             [this](const Error& why) {
                                 if (observer_.on_notice) observer_.on_notice("segments could not be removed: " + why.message);
                             }});
    thread_ = std::thread([this] { run(); });
}

CommitThread::~CommitThread() { static_cast<void>(stop()); }

void CommitThread::run() {
    bool sound = recover();
    if (sound) {
        gauge_.check();
        set_phase(Phase::running);
    }
    for (bool open = true; open;) {
        const auto timeout = gauge_.room() == DiskGauge::Room::for_all ? idle_interval : options_.retry_interval;
        open = queue_.take(taken_, timeout);
        gauge_.check_now_and_then();
        const std::uint64_t asked = checkpoints_asked();
        queue_.take_now(taken_);  // what was appended before that checkpoint was asked for
        commit_taken();
        serve_checkpoint_request(asked);
    }
    if (phase_ == Phase::running && !segments_behind_) final_checkpoint();
    if (phase_ != Phase::failed) set_phase(Phase::stopped);
}

bool CommitThread::recover() {
    for (;;) {
        const auto done = folder_->finish_recovery();
        if (done) break;
        if (done.error().code != Errc::overloaded) {
            fail_log(done.error());
            return false;
        }
        set_phase(Phase::waiting_for_room);
        if (!wait_for_room()) return false;
    }
    is_recovered_ = true;
    const std::lock_guard lock(mutex_);
    report_ = folder_->report;
    id_ = folder_->id;
    return true;
}

void CommitThread::commit_taken() {
    for (std::size_t at = 0; at < taken_.size();) {
        gauge_.check_now_and_then();
        if (phase_ != Phase::running || segments_behind_) {
            refuse(taken_, at, taken_.size() - at, why_refused());
            break;
        }
        if (gauge_.room() != DiskGauge::Room::for_all) refuse_for_lack_of_room(at);
        if (at == taken_.size()) break;
        std::size_t weight = 0;
        const std::size_t count = count_for_one_commit(at, weight);
        if (!commit(at, count, weight)) {
            if (phase_ != Phase::running || segments_behind_ || gauge_.room() != DiskGauge::Room::for_none) continue;
            // No half of the journal is free, nor will one be before there is room: whoever waits for this commit must not wait for that.
            refuse(taken_, at, taken_.size() - at, Error{Errc::overloaded, "the disk is full", 0});
            break;
        }
        at += count;
    }
    taken_.clear();
}

/// Keeps, of taken_[from..], what may still be appended.
void CommitThread::refuse_for_lack_of_room(std::size_t from) {
    const auto first_refused = std::stable_partition(taken_.begin() + static_cast<std::ptrdiff_t>(from), taken_.end(),
                                                     [this](const auto& request) { return may_append(request->internal); });
    const auto kept = static_cast<std::size_t>(first_refused - taken_.begin());
    refuse(taken_, kept, taken_.size() - kept, Error{Errc::overloaded, "the disk is full", 0});
    taken_.resize(kept);
}

std::size_t CommitThread::count_for_one_commit(std::size_t from, std::size_t& weight) const {
    const std::size_t limit = std::min<std::uint64_t>(options_.max_commit_bytes, max_request_weight_);
    weight = taken_[from]->weight;
    std::size_t count = 1;
    while (from + count < taken_.size() && weight + taken_[from + count]->weight <= limit) {
        weight += taken_[from + count]->weight;
        ++count;
    }
    return count;
}

bool CommitThread::commit(std::size_t from, std::size_t count, std::size_t weight) {
    if (!make_half_ready(weight)) return false;
    link_items(from, count);
    FrameBuilder frame(frame_);
    for (auto& touched : touched_) build_entry(frame, touched);
    if (auto durable = write_journal(frame, from, count); !durable) {
        fail_log(durable.error());
        if (!folder_->breakers.acknowledge_before_sync) return false;
        finish(taken_, from, count);
        return true;
    }
    if (!folder_->breakers.acknowledge_before_sync) complete(from, count);
    finish(taken_, from, count);
    gauge_.wrote(frame_.size() * 2);
    if (write_segments()) {
        publish();
    } else {
        segments_behind_ = true;
    }
    return true;
}

/// Frames do not cross halves. The other half may be used only if the last checkpoint, which covers it, is durable.
bool CommitThread::make_half_ready(std::size_t weight) {
    Journal& journal = *folder_->journal;
    if (journal.fits(padded_frame_size(weight))) return true;
    while (checkpointer_->wait_idle(options_.retry_interval) == Checkpointer::Wait::timeout) {
        if (!checkpoint_lacks_room_) continue;
        if (!wait_for_room()) segments_behind_ = true;  // told to stop while no checkpoint can be written: the journal has everything
        return false;
    }
    if (!wait_checkpointer()) return false;
    journal.switch_half();
    begin_checkpoint(false);
    return true;
}

bool CommitThread::wait_checkpointer() {
    for (;;) {
        switch (checkpointer_->wait_idle(options_.retry_interval)) {
            case Checkpointer::Wait::idle: checkpoint_lacks_room_ = false; return true;
            case Checkpointer::Wait::failed: return false;
            case Checkpointer::Wait::timeout: break;
        }
        if (!checkpoint_lacks_room_) continue;
        if (!wait_for_room()) {
            segments_behind_ = true;  // told to stop while no checkpoint can be written: the journal has everything
            return false;
        }
    }
}

void CommitThread::begin_checkpoint(bool clean) {
    UnsyncedSegments unsynced = folder_->take_unsynced();
    auto removals = folder_->take_removals();
    Bytes checkpoint = folder_->encode_checkpoint(clean, folder_->journal->cursor());
    checkpointer_->begin({std::move(unsynced), std::move(checkpoint), std::move(removals)});
}

void CommitThread::link_items(std::size_t from, std::size_t count) {
    items_.clear();
    touched_.clear();
    batches_.clear();
    for (std::size_t r = from; r < from + count; ++r) {
        const AppendRequest& request = *taken_[r];
        for (const auto& item : request.items) {
            Partition& partition = *item.partition;
            const std::size_t index = items_.size();
            items_.push_back({BytesView(request.payloads).substr(item.at, item.size), item.timestamp, no_item});
            if (partition.in_commit) {
                items_[partition.last_item].next = index;
            } else {
                partition.in_commit = true;
                partition.first_item = index;
                touched_.push_back({&partition, 0, 0});
            }
            partition.last_item = index;
        }
    }
    places_.resize(items_.size());
}

void CommitThread::build_entry(FrameBuilder& frame, TouchedPartition& touched) {
    Partition& partition = *touched.partition;
    partition.in_commit = false;
    touched.first_batch = batches_.size();
    frame.begin_entry(partition.topic.name, partition.at.partition.value);
    for (std::size_t i = partition.first_item; i != no_item;) {
        PlacedBatch placed{frame_.size(), 0, partition.next_offset, 0, items_[i].timestamp};
        RecordBatchBuilder batch(frame_, Offset{partition.next_offset});
        do {
            batch.add(to_time(items_[i].timestamp), items_[i].payload);
            placed.max_timestamp = std::max(placed.max_timestamp, items_[i].timestamp);
            places_[i] = {partition.at, Offset{partition.next_offset++}};
            i = items_[i].next;
        } while (i != no_item && batch.size() + encoded_record_size_bound(items_[i].payload.size()) <= options_.max_batch_bytes);
        batch.finish();
        placed.size = frame_.size() - placed.at;
        placed.last_offset = partition.next_offset - 1;
        batches_.push_back(placed);
    }
    frame.end_entry();
    touched.batch_count = batches_.size() - touched.first_batch;
}

Result<void> CommitThread::write_journal(FrameBuilder& frame, std::size_t from, std::size_t count) {
    if (auto written = folder_->journal->write(frame, frame_); !written) return written;
    if (folder_->breakers.acknowledge_before_sync) complete(from, count);
    return folder_->journal->sync();
}

bool CommitThread::write_segments() {
    return std::ranges::all_of(touched_, [this](const auto& touched) { return write_segment(touched); });
}

/// A lack of room loses nothing: the journal has it, and no checkpoint frees that half before this is done.
bool CommitThread::write_segment(const TouchedPartition& touched) {
    const std::span<const PlacedBatch> batches(batches_.data() + touched.first_batch, touched.batch_count);
    for (std::size_t done = 0; done < batches.size();) {
        const auto written = touched.partition->writer.write(folder_->files, frame_, batches, done);
        if (written) continue;
        if (written.error().code != Errc::overloaded) {
            fail_log(written.error());
            return false;
        }
        if (!wait_for_room()) return false;
    }
    return true;
}

void CommitThread::publish() {
    for (const auto& touched : touched_) touched.partition->publish();
    if (folder_->watermarks) folder_->watermarks->moved();
    for (const auto& touched : touched_) touched.partition->followers.notify(Offset{touched.partition->writer.next_offset()});
}

void CommitThread::complete(std::size_t from, std::size_t count) {
    std::size_t first = 0;
    for (std::size_t r = from; r < from + count; ++r) {
        AppendRequest& request = *taken_[r];
        std::exchange(request.done, nullptr)(std::span<const RecordPlace>(places_.data() + first, request.items.size()));
        first += request.items.size();
    }
}

void CommitThread::refuse(AppendRequests& requests, std::size_t from, std::size_t count, const Error& why) {
    for (std::size_t r = from; r < from + count; ++r) std::exchange(requests[r]->done, nullptr)(fail(why));
    finish(requests, from, count);
}

void CommitThread::finish(AppendRequests& requests, std::size_t from, std::size_t count) {
    const auto first = requests.begin() + static_cast<std::ptrdiff_t>(from);
    finished_.insert(finished_.end(), std::make_move_iterator(first), std::make_move_iterator(first + static_cast<std::ptrdiff_t>(count)));
    queue_.recycle(finished_);
}

bool CommitThread::wait_for_room() {
    gauge_.ran_out();
    {
        const std::lock_guard lock(mutex_);
        checkpoints_refused_ = checkpoints_asked_;
    }
    changed_.notify_all();
    AppendRequests newcomers;
    queue_.take_now(newcomers);
    refuse(newcomers, 0, newcomers.size(), Error{Errc::overloaded, "the disk is full", 0});
    return queue_.pause(options_.retry_interval);
}

std::uint64_t CommitThread::checkpoints_asked() const {
    const std::lock_guard lock(mutex_);
    return checkpoints_asked_;
}

void CommitThread::serve_checkpoint_request(std::uint64_t asked) {
    {
        const std::lock_guard lock(mutex_);
        if (asked == checkpoints_made_) return;
    }
    // Where it cannot be made the log is about to fail or to stop, which whoever waits is told then.
    if (phase_ != Phase::running || segments_behind_ || !wait_checkpointer()) return;
    begin_checkpoint(false);
    if (!wait_checkpointer()) return;
    const std::lock_guard lock(mutex_);
    checkpoints_made_ = asked;
    changed_.notify_all();
}

/// So that the next start has nothing to replay.
void CommitThread::final_checkpoint() {
    if (!wait_checkpointer()) return;
    begin_checkpoint(true);
    static_cast<void>(wait_checkpointer());
}

Error CommitThread::why_refused() const {
    const std::lock_guard lock(mutex_);
    if (failure_) return Error{Errc::unavailable, "the log has failed: " + failure_->message, failure_->os_error};
    return Error{Errc::unavailable, "the log is stopping", 0};
}

void CommitThread::fail_log(const Error& why) {
    bool tell = false;
    {
        const std::lock_guard lock(mutex_);
        if (failure_) return;
        failure_ = why;
        tell = phase_ != Phase::recovering;  // else `open` tells
        phase_ = Phase::failed;
    }
    changed_.notify_all();
    queue_.close();
    if (tell && observer_.on_failed) observer_.on_failed(why);
}

void CommitThread::set_phase(Phase phase) {
    {
        const std::lock_guard lock(mutex_);
        if (failure_) return;
        phase_ = phase;
    }
    changed_.notify_all();
}

Result<void> CommitThread::wait_recovered() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return phase_ != Phase::recovering; });
    if (failure_) return fail(*failure_);
    return {};
}

Result<void> CommitThread::stop() {
    const std::lock_guard only_one(stopping_);
    queue_.close();
    if (thread_.joinable()) thread_.join();
    checkpointer_.reset();
    folder_->unlock();
    const std::lock_guard lock(mutex_);
    if (failure_) return fail(*failure_);
    return {};
}

Result<void> CommitThread::checkpoint() {
    std::unique_lock lock(mutex_);
    const std::uint64_t mine = ++checkpoints_asked_;
    lock.unlock();
    queue_.wake();
    lock.lock();
    const auto settled = [&] { return checkpoints_made_ >= mine || checkpoints_refused_ >= mine; };
    changed_.wait(lock, [&] { return settled() || phase_ == Phase::failed || phase_ == Phase::stopped; });
    if (failure_) return fail(*failure_);
    if (checkpoints_made_ < mine && checkpoints_refused_ >= mine) return fail(Errc::overloaded, "the disk is full");
    if (checkpoints_made_ < mine) return fail(Errc::unavailable, "the log has stopped");
    return {};
}

LogState CommitThread::state() const noexcept {
    switch (phase_.load()) {
        case Phase::failed: return LogState::failed;
        case Phase::stopped: return LogState::stopped;
        case Phase::running: return gauge_.room() == DiskGauge::Room::for_all ? LogState::accepting : LogState::disk_full;
        case Phase::recovering:
        case Phase::waiting_for_room: break;
    }
    return LogState::disk_full;
}

bool CommitThread::may_append(bool internal) const noexcept {
    if (phase_ != Phase::running) return false;
    const auto room = gauge_.room();
    return room == DiskGauge::Room::for_all || (internal && room == DiskGauge::Room::for_internal);
}

Error CommitThread::refusal() const {
    switch (state()) {
        case LogState::failed:
        case LogState::stopped: return why_refused();
        case LogState::accepting:
        case LogState::unreachable:
        case LogState::disk_full: break;
    }
    return Error{Errc::overloaded, "the disk is full", 0};
}

std::optional<Uuid> CommitThread::id() const {
    const std::lock_guard lock(mutex_);
    return id_;
}

RecoveryReport CommitThread::recovery_report() const {
    const std::lock_guard lock(mutex_);
    return report_;
}

}  // namespace tenter::log
