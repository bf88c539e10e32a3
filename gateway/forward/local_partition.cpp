#include "gateway/forward/local_partition.hpp"

#include <algorithm>

namespace tenter::forward {

Result<Piece> read_piece(const log::EventLog& log, log::TopicPartition at, log::Offset from, std::size_t max_bytes) {
    auto stored = log.read(at, from, max_bytes);
    if (!stored) return fail(std::move(stored.error()));
    // The views point into `bytes`: it is moved to its place first. (A short string would move its bytes; a batch never is one.)
    Piece piece{std::move(stored->bytes), {}, stored->next_offset, 0};
    auto records = log::decode_batches(piece.bytes);
    if (!records) return fail(std::move(records.error()));
    const auto first = std::ranges::find_if(*records, [from](const auto& record) { return record.offset >= from; });
    const auto skipped = static_cast<std::size_t>(first - records->begin());
    piece.stored_bytes = records->empty() ? 0 : piece.bytes.size() * (records->size() - skipped) / records->size();
    records->erase(records->begin(), first);
    piece.records = std::move(*records);
    return piece;
}

Result<Piece> read_record(const log::EventLog& log, log::TopicPartition at, log::Offset offset) {
    auto piece = read_piece(log, at, offset, 1);
    if (!piece) return piece;
    if (piece->records.empty()) return fail(Errc::not_found, "no record at offset " + std::to_string(offset.value));
    piece->records.resize(1);
    return piece;
}

}  // namespace tenter::forward
