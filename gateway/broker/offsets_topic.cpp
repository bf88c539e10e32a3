#include "gateway/broker/offsets_topic.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <utility>

#include "gateway/log/record_batch.hpp"

namespace tenter::broker {
namespace {

using groups::StoredRecord;

constexpr std::size_t read_bytes = 1 << 20;

std::size_t size_of(const StoredRecord& record) noexcept { return record.key.size() + (record.value ? record.value->size() : 0); }

/// What the log said of an append: behind its last record, or nothing.
struct Outcome {
    std::optional<log::Offset> first;
    std::optional<log::Offset> end;
};

Outcome outcome_of(const log::AppendResult& result) {
    if (!result || result->empty()) return {};
    return {result->front().offset, log::Offset{result->back().offset.value + 1}};
}

/// A snapshot whose appends are not all durable yet. (Not within `Core`: clang would not let an optional of it be made there.)
struct Snapshot {
    std::size_t appends_left = 0;
    std::optional<log::Offset> first;
    bool failed = false;
    std::size_t bytes = 0;
    std::uint64_t stored_before = 0;
};

}  // namespace

/// Lives on in the callbacks that the log still holds; its thread only posts and looks at `wants_growth`.
struct OffsetsTopic::Core : std::enable_shared_from_this<Core> {
    struct Waiting {
        Done done;
        std::size_t bytes = 0;
        bool is_known = false;
        Outcome outcome;
    };

    Core(OffsetsTopicOptions its_options, log::EventLog& its_log, Executor& its_executor, const Clock& its_clock,
         std::function<void(std::string_view)> its_notice, log::TopicPartition its_place)
        : options(std::move(its_options)),
          event_log(its_log),
          executor(its_executor),
          clock(its_clock),
          notice(std::move(its_notice)),
          place(its_place) {}

    void store(std::vector<StoredRecord> records, Done done);
    void append(std::span<const StoredRecord> records, std::function<void(Core&, const Outcome&)> then);
    void complete_in_order();
    void compact_if_due();
    void begin_snapshot(std::span<const StoredRecord> records);
    void snapshot_append_done(const Outcome& outcome);
    void end_snapshot();
    void remove_when_readable();
    void grown();

    const OffsetsTopicOptions options;
    log::EventLog& event_log;
    Executor& executor;
    const Clock& clock;
    const std::function<void(std::string_view)> notice;
    const log::TopicPartition place;
    bool is_open = true;
    std::function<std::vector<StoredRecord>()> take_snapshot;
    std::deque<Waiting> waiting;      // in the order of the calls
    std::uint64_t first_waiting = 0;  // number of the front one
    std::uint64_t stored_bytes = 0;   // since the beginning, of all that is durable
    std::uint64_t covered_bytes = 0;  // of these, what the last snapshot stands for
    std::size_t snapshot_bytes = 0;
    log::Offset end;  // behind everything that was stored
    std::optional<Snapshot> snapshot;
    std::optional<log::Offset> removal;  // everything before it, as soon as it can be read: that is a moment after it is durable
    std::atomic<bool> wants_growth{false};
};

/// The log refuses at once, on this thread, or answers on its own; both go through the executor, so that nothing is called from within.
void OffsetsTopic::Core::append(std::span<const StoredRecord> records, std::function<void(Core&, const Outcome&)> then) {
    std::vector<log::NewRecord> to_append;
    to_append.reserve(records.size());
    const UnixMillis now = clock.now();
    for (const auto& record : records) {
        to_append.push_back({place.topic,
                             place.partition,
                             BytesView(record.key),
                             record.value ? std::optional<BytesView>(*record.value) : std::nullopt,
                             {},
                             now});
    }
    event_log.append(to_append, [core = shared_from_this(), then = std::move(then)](log::AppendResult result) mutable {
        Executor& its_executor = core->executor;
        its_executor.post([core = std::move(core), then = std::move(then), outcome = outcome_of(result)] {
            if (core->is_open) then(*core, outcome);
        });
    });
}

void OffsetsTopic::Core::store(std::vector<StoredRecord> records, Done done) {
    const std::uint64_t number = first_waiting + waiting.size();
    Waiting& mine = waiting.emplace_back();
    mine.done = std::move(done);
    for (const auto& record : records) mine.bytes += size_of(record);
    if (records.empty()) {  // durable as soon as what came before is settled
        mine.outcome = {log::Offset{}, log::Offset{}};
        mine.is_known = true;
        if (waiting.size() > 1) return;
        executor.post([core = shared_from_this()] {
            if (core->is_open) core->complete_in_order();
        });
        return;
    }
    append(records, [number](Core& core, const Outcome& outcome) {
        Waiting& its_own = core.waiting[static_cast<std::size_t>(number - core.first_waiting)];
        its_own.outcome = outcome;
        its_own.is_known = true;
        core.complete_in_order();
    });
}

/// A refusal overtakes what is still being made durable; whoever stored must not see that.
void OffsetsTopic::Core::complete_in_order() {
    while (is_open && !waiting.empty() && waiting.front().is_known) {
        Waiting first = std::move(waiting.front());
        waiting.pop_front();
        ++first_waiting;
        const bool is_durable = first.outcome.end.has_value();
        if (is_durable) {
            end = std::max(end, *first.outcome.end);
            stored_bytes += first.bytes;
        }
        first.done(is_durable);  // may store more
    }
    if (is_open) compact_if_due();
}

void OffsetsTopic::Core::compact_if_due() {
    const std::uint64_t since = stored_bytes - covered_bytes;
    if (!take_snapshot || snapshot || since <= std::max(options.snapshot_at_least, options.snapshot_factor * snapshot_bytes)) return;
    const auto records = take_snapshot();
    if (!records.empty()) return begin_snapshot(records);
    if (!waiting.empty()) return;  // where it will be is not known yet
    covered_bytes = stored_bytes;
    snapshot_bytes = 0;
    removal = end;
    remove_when_readable();
}

void OffsetsTopic::Core::begin_snapshot(std::span<const StoredRecord> records) {
    std::vector<std::span<const StoredRecord>> appends;
    snapshot.emplace();
    snapshot->stored_before = stored_bytes;
    while (!records.empty()) {
        std::size_t bytes = size_of(records.front());
        std::size_t count = 1;
        while (count < records.size() && bytes + size_of(records[count]) <= options.append_bytes) bytes += size_of(records[count++]);
        appends.push_back(records.first(count));
        snapshot->bytes += bytes;
        records = records.subspan(count);
    }
    snapshot->appends_left = appends.size();
    for (const auto& one : appends) append(one, [](Core& core, const Outcome& outcome) { core.snapshot_append_done(outcome); });
}

void OffsetsTopic::Core::snapshot_append_done(const Outcome& outcome) {
    if (!outcome.end) {
        snapshot->failed = true;
    } else if (!snapshot->first || *outcome.first < *snapshot->first) {
        snapshot->first = outcome.first;
    }
    if (outcome.end) end = std::max(end, *outcome.end);
    if (--snapshot->appends_left == 0) end_snapshot();
}

void OffsetsTopic::Core::end_snapshot() {
    const Snapshot ended = *std::exchange(snapshot, std::nullopt);
    // Also after a failure: the next one is tried when as much was stored again.
    covered_bytes = ended.stored_before;
    snapshot_bytes = ended.bytes;
    if (ended.failed) return notice(options.topic + ": a snapshot could not be stored; the records before it are kept");
    removal = ended.first;
    remove_when_readable();
}

/// On the log's thread.
void OffsetsTopic::Core::grown() {
    if (!wants_growth.exchange(false)) return;
    executor.post([core = shared_from_this()] {
        if (core->is_open) core->remove_when_readable();
    });
}

void OffsetsTopic::Core::remove_when_readable() {
    if (!removal) return;
    wants_growth = true;  // before the look, so that no growth is missed
    const auto bounds = event_log.bounds(place);
    if (bounds && bounds->next < *removal) return;
    wants_growth = false;
    const auto removed = bounds ? event_log.remove_before(place, *removal) : Result<void>(fail(bounds.error()));
    removal.reset();
    if (!removed) notice(options.topic + ": records before a snapshot could not be removed: " + removed.error().message);
}

Result<std::unique_ptr<OffsetsTopic>> OffsetsTopic::open(OffsetsTopicOptions options, log::EventLog& event_log, Executor& executor,
                                                         const Clock& clock, std::function<void(std::string_view)> notice) {
    const log::Capabilities can = event_log.capabilities();
    if (!can.removes_records || !can.atomic_over_partitions)
        return fail(Errc::unsupported, options.topic + ": this log cannot keep the offsets of consumer groups");
    const auto topic = event_log.ensure_topic(options.topic, 1);
    if (!topic) return fail(topic.error());
    const log::TopicPartition place{*topic, log::PartitionId{0}};
    auto core = std::make_shared<Core>(std::move(options), event_log, executor, clock, std::move(notice), place);
    auto growth = event_log.follow(place, [followed = core.get()](log::Offset) { followed->grown(); });
    if (!growth) return fail(std::move(growth.error()));
    return std::unique_ptr<OffsetsTopic>(new OffsetsTopic(std::move(core), std::move(*growth)));
}

OffsetsTopic::OffsetsTopic(std::shared_ptr<Core> core, std::unique_ptr<log::Subscription> growth)
    : core_(std::move(core)), growth_(std::move(growth)) {}

OffsetsTopic::~OffsetsTopic() {
    growth_.reset();
    core_->is_open = false;
    core_->take_snapshot = nullptr;
    core_->waiting.clear();
}

Result<void> OffsetsTopic::replay(const std::function<Result<void>(const StoredRecord&)>& take) {
    const std::string& name = core_->options.topic;
    const auto bounds = core_->event_log.bounds(core_->place);
    if (!bounds) return fail(Error(bounds.error()).within(name));
    core_->end = bounds->next;
    for (log::Offset next = bounds->first; next < bounds->next;) {
        const auto batches = core_->event_log.read(core_->place, next, read_bytes);
        if (!batches) return fail(Error(batches.error()).within(name));
        const auto records = log::decode_batches(batches->bytes);
        if (!records) return fail(Error(records.error()).within(name + ": behind offset " + std::to_string(next.value)));
        for (const auto& record : *records) {
            if (record.offset < next) continue;
            const std::string place = name + ": offset " + std::to_string(record.offset.value);
            if (!record.key) return fail(Errc::corrupt, place + ": a record without a key");
            StoredRecord stored{Bytes(*record.key), record.value ? std::optional<Bytes>(*record.value) : std::nullopt};
            core_->stored_bytes += size_of(stored);
            if (auto taken = take(stored); !taken) return fail(std::move(taken.error()).within(place));
        }
        next = batches->next_offset;
    }
    return {};
}

void OffsetsTopic::start_snapshots(std::function<std::vector<StoredRecord>()> snapshot) {
    core_->take_snapshot = std::move(snapshot);
    core_->executor.post([core = core_] {
        if (core->is_open) core->compact_if_due();
    });
}

void OffsetsTopic::stop_snapshots() { core_->take_snapshot = nullptr; }

void OffsetsTopic::store(std::vector<StoredRecord> records, Done done) { core_->store(std::move(records), std::move(done)); }

}  // namespace tenter::broker
