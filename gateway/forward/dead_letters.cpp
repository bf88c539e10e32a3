#include "gateway/forward/dead_letters.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <future>
#include <memory>
#include <optional>
#include <vector>

#include "gateway/forward/local_partition.hpp"

namespace tenter::forward {
namespace {

constexpr std::size_t read_bytes = 1 << 20;
constexpr std::int64_t first_window = 64;
constexpr std::chrono::seconds append_patience{30};

std::optional<std::int64_t> number_in(const log::StoredRecord& record, std::string_view header) {
    const auto text = record.header(header);
    if (!text) return std::nullopt;
    std::int64_t number = -1;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    return error == std::errc{} && end == text->data() + text->size() ? std::optional(number) : std::nullopt;
}

/// Offset of the last letter of that partition of the source in [from, to) of the dead topic.
Result<std::optional<std::int64_t>> last_letter_in(const log::EventLog& log, log::TopicPartition at, const DeadLetter& letter,
                                                   std::int64_t from, std::int64_t to) {
    std::optional<std::int64_t> last;
    while (from < to) {
        const auto piece = read_piece(log, at, log::Offset{from}, read_bytes);
        if (!piece) return fail(piece.error());
        if (piece->records.empty()) break;
        for (const auto& record : piece->records) {
            if (record.offset.value >= to || record.header(dead_source_header) != letter.source) continue;
            if (number_in(record, dead_partition_header) != letter.partition) continue;
            if (const auto offset = number_in(record, dead_offset_header)) last = offset;
        }
        from = piece->next_offset.value;
    }
    return last;
}

Result<std::optional<std::int64_t>> last_letter(const log::EventLog& log, log::TopicPartition at, const DeadLetter& letter) {
    const auto bounds = log.bounds(at);
    if (!bounds) return fail(bounds.error());
    std::int64_t to = bounds->next.value;
    for (std::int64_t size = first_window; to > bounds->first.value; size *= 4) {
        const std::int64_t from = std::max(bounds->first.value, to - size);
        auto found = last_letter_in(log, at, letter, from, to);
        if (!found || *found) return found;
        to = from;
    }
    return std::optional<std::int64_t>{};
}

Result<void> append_and_wait(log::EventLog& log, const log::NewRecord& record) {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    auto outcome = promise->get_future();
    log.append({&record, 1}, [promise](log::AppendResult result) { promise->set_value(result ? Result<void>{} : fail(result.error())); });
    if (outcome.wait_for(append_patience) != std::future_status::ready)
        return fail(Errc::unavailable, "the log does not say that a dead letter is durable");
    return outcome.get();
}

}  // namespace

Result<void> put_dead_letter(log::EventLog& log, const DeadLetter& letter) {
    const auto topic = log.ensure_topic(std::string(letter.source) + ".dead", letter.partition_count);
    if (!topic) return fail(topic.error());
    const log::TopicPartition at{*topic, log::PartitionId{letter.partition}};
    const auto& record = *letter.record;
    const auto last = last_letter(log, at, letter);
    if (!last) return fail(last.error());
    if (*last && **last >= record.offset.value) return {};
    std::vector<log::RecordHeaderView> headers;
    for (const auto& header : record.headers) headers.push_back({header.key, header.value});
    const std::string partition = std::to_string(letter.partition);
    const std::string offset = std::to_string(record.offset.value);
    headers.push_back({dead_source_header, letter.source});
    headers.push_back({dead_partition_header, BytesView(partition)});
    headers.push_back({dead_offset_header, BytesView(offset)});
    headers.push_back({dead_reason_header, letter.reason});
    return append_and_wait(log, {at.topic, at.partition, record.key, record.value, headers, record.timestamp});
}

}  // namespace tenter::forward
