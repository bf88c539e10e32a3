#include "cli/tail.hpp"

#include <algorithm>
#include <charconv>
#include <deque>
#include <thread>
#include <vector>

#include "cli/tail_event.hpp"
#include "gateway/log/record_batch.hpp"
#include "tenter/base/timestamp.hpp"

namespace tenter::cli {
namespace {

constexpr std::size_t read_bytes = 1 << 20;
constexpr std::chrono::milliseconds poll_interval{10};

std::optional<std::int64_t> parse_number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty() || value < 0) return std::nullopt;
    return value;
}

std::optional<std::chrono::milliseconds> parse_ago(std::string_view text) {
    if (text.size() < 3 || text.front() != '-') return std::nullopt;
    const auto count = parse_number(text.substr(1, text.size() - 2));
    if (!count || *count > 1'000'000'000) return std::nullopt;
    switch (text.back()) {
        case 's': return std::chrono::seconds(*count);
        case 'm': return std::chrono::minutes(*count);
        case 'h': return std::chrono::hours(*count);
        case 'd': return std::chrono::days(*count);
        default: return std::nullopt;
    }
}

/// Reads one partition batch by batch and gives out its records one by one.
class PartitionCursor {
public:
    PartitionCursor(log::LogReader& reader, log::TopicPartition at, log::Offset next) : reader_(reader), at_(at), next_(next) {}

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
    [[nodiscard]] std::int32_t partition() const noexcept { return at_.partition.value; }

private:
    log::LogReader& reader_;
    log::TopicPartition at_;
    log::Offset next_;
    Bytes bytes_;  ///< What `records_` views.
    std::deque<log::StoredRecord> records_;
};

Result<log::Offset> start_offset(log::LogReader& reader, log::TopicPartition at, const StartPoint& from) {
    const auto bounds = reader.bounds(at);
    if (!bounds) return fail(bounds.error());
    if (std::holds_alternative<FromEarliest>(from)) return bounds->first;
    if (const auto* point = std::get_if<FromOffset>(&from)) return std::clamp(point->offset, bounds->first, bounds->next);
    if (const auto* point = std::get_if<FromTime>(&from)) {
        const auto offset = reader.offset_for_time(at, point->time);
        if (!offset) return fail(offset.error());
        return offset->value_or(bounds->next);
    }
    return bounds->next;
}

Result<std::vector<PartitionCursor>> open_cursors(log::LogReader& reader, const TailOptions& options) {
    const auto topic = reader.find_topic(options.source);
    if (!topic) return fail(topic.error());
    if (options.partition && options.partition->value >= topic->partition_count)
        return fail(Errc::not_found, options.source + " has partitions 0 to " + std::to_string(topic->partition_count - 1));
    std::vector<PartitionCursor> cursors;
    for (std::int32_t i = 0; i < topic->partition_count; ++i) {
        if (options.partition && options.partition->value != i) continue;
        const log::TopicPartition at{topic->id, {i}};
        const auto start = start_offset(reader, at, options.from);
        if (!start) return fail(start.error());
        cursors.emplace_back(reader, at, *start);
    }
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

/// Another process tells of new events by a counter in shared memory. Also returns after a while without a move, to look whether the output
/// is still there.
void wait_for_move(const log::LogReader& reader, std::uint64_t seen) {
    for (int i = 0; i < 100 && reader.moves() == seen; ++i) std::this_thread::sleep_for(poll_interval);
}

}  // namespace

Result<StartPoint> parse_start_point(std::string_view text, UnixMillis now) {
    if (text == "earliest") return FromEarliest{};
    if (text == "latest") return FromLatest{};
    if (text.starts_with("offset:"))
        if (const auto offset = parse_number(text.substr(7))) return FromOffset{{*offset}};
    if (text.starts_with("time:")) {
        if (const auto ago = parse_ago(text.substr(5))) return FromTime{now - *ago};
        auto time = parse_rfc3339(text.substr(5));
        if (time) return FromTime{*time};
        return fail(std::move(time.error()));
    }
    return fail(Errc::invalid_input, "expected earliest, latest, offset:N, time:2026-11-23T14:00:00Z or time:-5m");
}

Result<void> tail(log::LogReader& reader, const TailOptions& options, const TailOutput& output) {
    auto cursors = open_cursors(reader, options);
    if (!cursors) return fail(std::move(cursors.error()));
    std::uint64_t shown = 0;
    while (shown < options.limit) {
        const std::uint64_t moves = reader.moves();  // before looking: what comes while we look moves it again
        auto next = oldest(*cursors);
        if (!next) return fail(std::move(next.error()));
        if (*next == nullptr) {
            if (!options.follow || !output({})) return {};
            wait_for_move(reader, moves);
            continue;
        }
        auto event = read_event((*next)->front(), options.source, (*next)->partition());
        if (!event) return fail(std::move(event.error()));
        if (!output(options.json ? to_json_line(*event) : to_pretty_text(*event, options.colour))) return {};
        (*next)->pop();
        ++shown;
    }
    return {};
}

}  // namespace tenter::cli
