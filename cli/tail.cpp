#include "cli/tail.hpp"

#include <algorithm>
#include <deque>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "cli/tail_event.hpp"
#include "gateway/log/record_batch.hpp"

namespace tenter::cli {
namespace {

constexpr std::size_t read_bytes = 1 << 20;
constexpr std::chrono::milliseconds poll_interval{10};

/// Reads one partition batch by batch and gives out its records one by one.
class PartitionCursor {
public:
    PartitionCursor(log::LogReader& reader, std::string_view source, log::TopicPartition at, log::Offset next)
        : reader_(reader), source_(source), at_(at), next_(next) {}

    /// Makes `front` valid if there is a record.
    Result<void> fill() {
        while (records_.empty()) {
            auto batches = reader_.read(at_, next_, read_bytes);
            if (!batches) return fail(std::move(batches.error()));
            if (batches->bytes.empty()) return {};
            bytes_ = std::move(batches->bytes);
            auto decoded = log::decode_batches(bytes_);
            if (!decoded) return fail(std::move(decoded.error()));
            for (auto& record : *decoded)
                if (record.offset >= next_) records_.push_back(std::move(record));
            next_ = batches->next_offset;
        }
        return {};
    }
    [[nodiscard]] bool empty() const noexcept { return records_.empty(); }
    [[nodiscard]] const log::StoredRecord& front() const { return records_.front(); }
    void pop() { records_.pop_front(); }
    [[nodiscard]] std::string_view source() const noexcept { return source_; }
    [[nodiscard]] std::int32_t partition() const noexcept { return at_.partition.value; }

private:
    log::LogReader& reader_;
    std::string_view source_;
    log::TopicPartition at_;
    log::Offset next_;
    Bytes bytes_;  ///< What `records_` views.
    std::deque<log::StoredRecord> records_;
};

Result<log::Offset> start_offset(log::LogReader& reader, log::TopicPartition at, const StartPoint& from) {
    const auto bounds = reader.bounds(at);
    if (!bounds) return fail(bounds.error());
    if (std::holds_alternative<FromEarliest>(from)) return bounds->first;
    if (const auto* point = std::get_if<FromOffset>(&from)) return std::clamp(log::Offset{point->offset}, bounds->first, bounds->next);
    if (const auto* point = std::get_if<FromTime>(&from)) {
        const auto offset = reader.offset_for_time(at, point->time);
        if (!offset) return fail(offset.error());
        return *offset ? (*offset)->offset : bounds->next;
    }
    return bounds->next;
}

Result<void> open_source(log::LogReader& reader, const TailOptions& options, const std::string& source,
                         std::vector<PartitionCursor>& cursors) {
    const auto topic = reader.find_topic(source);
    if (!topic) return fail(topic.error());
    if (options.partition && options.partition->value >= topic->partition_count)
        return fail(Errc::not_found, source + " has partitions 0 to " + std::to_string(topic->partition_count - 1));
    for (std::int32_t i = 0; i < topic->partition_count; ++i) {
        if (options.partition && options.partition->value != i) continue;
        const log::TopicPartition at{topic->id, {i}};
        const auto start = start_offset(reader, at, options.from);
        if (!start) return fail(start.error());
        cursors.emplace_back(reader, source, at, *start);
    }
    return {};
}

/// They view the names in `options`.
Result<std::vector<PartitionCursor>> open_cursors(log::LogReader& reader, const TailOptions& options) {
    std::vector<PartitionCursor> cursors;
    for (const auto& source : options.sources)
        if (auto opened = open_source(reader, options, source, cursors); !opened) return fail(std::move(opened.error()));
    return cursors;
}

/// The cursor whose next record is oldest, or null when none has one.
Result<PartitionCursor*> oldest(std::vector<PartitionCursor>& cursors) {
    PartitionCursor* found = nullptr;
    for (auto& cursor : cursors) {
        if (auto filled = cursor.fill(); !filled) return fail(std::move(filled.error()));
        if (!cursor.empty() && (found == nullptr || cursor.front().timestamp < found->front().timestamp)) found = &cursor;
    }
    return found;
}

/// Another process tells of new events by a counter in shared memory.
void wait_for_move(const log::LogReader& reader, std::uint64_t seen, const std::stop_token& stop) {
    while (reader.moves() == seen && !stop.stop_requested()) std::this_thread::sleep_for(poll_interval);
}

}  // namespace

Result<void> tail(log::LogReader& reader, const TailOptions& options, TailView& view, const std::stop_token& stop) {
    auto cursors = open_cursors(reader, options);
    if (!cursors) return fail(std::move(cursors.error()));
    while (!view.has_ended() && !stop.stop_requested()) {
        const std::uint64_t moves = reader.moves();  // before looking: what comes while we look moves it again
        auto next = oldest(*cursors);
        if (!next) return fail(std::move(next.error()));
        if (*next == nullptr) {
            if (!options.follow) return {};
            wait_for_move(reader, moves, stop);
            continue;
        }
        auto& cursor = **next;
        if (!view.show(read_event(view_of(cursor.front(), cursor.source(), cursor.partition())))) return {};
        cursor.pop();
    }
    return {};
}

}  // namespace tenter::cli
