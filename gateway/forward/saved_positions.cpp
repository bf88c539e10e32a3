#include "gateway/forward/saved_positions.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "gateway/forward/local_partition.hpp"

namespace tenter::forward {
namespace {

constexpr std::int64_t notes_to_look_at = 1'000;  // when others' are between
constexpr std::size_t read_bytes = 1 << 20;

/// Takes what is before the next `end` off the front; nothing if there is none.
std::optional<std::string_view> take_until(std::string_view& text, char end) {
    const auto at = text.find(end);
    if (at == std::string_view::npos) return std::nullopt;
    const auto part = text.substr(0, at);
    text.remove_prefix(at + 1);
    return part;
}

std::optional<std::int64_t> number(std::optional<std::string_view> text) {
    std::int64_t value = -1;
    if (!text) return std::nullopt;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    const bool whole = error == std::errc{} && end == text->data() + text->size() && value >= 0;
    return whole ? std::optional(value) : std::nullopt;
}

}  // namespace

Bytes encode_positions(std::string_view whose, const SavedPositions& positions) {
    Bytes out(whose);
    out += '\n';
    for (const auto& [at, position] : positions) {
        out += at.first + ' ' + std::to_string(at.second) + ' ' + std::to_string(position.local_offset) + ' ' +
               std::to_string(position.kafka_offset) + '\n';
    }
    return out;
}

Result<SavedPositions> decode_positions(BytesView bytes, std::string_view whose) {
    const auto id = take_until(bytes, '\n');
    if (!id) return fail(Errc::corrupt, "a note of positions that says not whose");
    SavedPositions positions;
    if (*id != whose) return positions;
    while (!bytes.empty()) {
        const auto topic = take_until(bytes, ' ');
        const auto partition = number(take_until(bytes, ' '));
        const auto local = number(take_until(bytes, ' '));
        const auto kafka = number(take_until(bytes, '\n'));
        if (!topic || !partition || !local || !kafka) return fail(Errc::corrupt, "a note of positions that is cut off");
        positions[{std::string(*topic), static_cast<std::int32_t>(*partition)}] = {*local, *kafka};
    }
    return positions;
}

Result<SavedPositions> load_positions(const log::EventLog& log, std::string_view whose) {
    const auto topic = log.find_topic(positions_topic);
    if (!topic) return topic.error().code == Errc::not_found ? Result<SavedPositions>{} : fail(topic.error());
    const log::TopicPartition at{topic->id, log::PartitionId{0}};
    const auto bounds = log.bounds(at);
    if (!bounds) return fail(bounds.error());
    SavedPositions found;
    std::int64_t from = std::max(bounds->first.value, bounds->next.value - notes_to_look_at);
    while (from < bounds->next.value) {
        const auto piece = read_piece(log, at, log::Offset{from}, read_bytes);
        if (!piece) return fail(piece.error());
        if (piece->records.empty()) break;
        for (const auto& record : piece->records) {
            auto positions = decode_positions(record.value.value_or(BytesView{}), whose);
            if (!positions) return fail(std::move(positions.error()).within(std::string(positions_topic)));
            if (!positions->empty()) found = std::move(*positions);
        }
        from = piece->next_offset.value;
    }
    return found;
}

void save_positions(log::EventLog& log, std::string_view whose, const SavedPositions& positions, UnixMillis now) {
    const auto topic = log.ensure_topic(positions_topic, 1);
    if (!topic) return;
    const Bytes value = encode_positions(whose, positions);
    const log::NewRecord record{*topic, log::PartitionId{0}, std::nullopt, BytesView(value), {}, now};
    log.append({&record, 1}, [](log::AppendResult) {});
}

}  // namespace tenter::forward
