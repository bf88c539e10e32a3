#include "gateway/broker/shared_reads.hpp"

namespace tenter::broker {

Result<SharedReads::Piece> SharedReads::read(log::TopicPartition at, log::Offset from, Most most) {
    const Key key(at, from);
    if (auto known = find(key); known && known->bytes->size() <= most.to_share) return std::move(*known);
    auto batches = log_.read(at, from, most.to_read);
    if (!batches) return fail(std::move(batches.error()));
    const bool is_at_the_end = batches->next_offset == batches->high_watermark;
    if (batches->bytes.capacity() > 2 * batches->bytes.size()) batches->bytes.shrink_to_fit();  // the log read into what was allowed
    const Piece piece{.bytes = std::make_shared<const Bytes>(std::move(batches->bytes)), .next = batches->next_offset};
    note(key, piece);
    if (is_at_the_end && piece.bytes->size() <= capacity_ / 4) keep(piece);
    return piece;
}

std::optional<SharedReads::Piece> SharedReads::find(const Key& key) const {
    const auto known = under_way_.find(key);
    if (known == under_way_.end()) return std::nullopt;
    auto bytes = known->second.bytes.lock();
    if (!bytes) return std::nullopt;
    return Piece{.bytes = std::move(bytes), .next = known->second.next};
}

void SharedReads::note(const Key& key, const Piece& piece) {
    if (notes_until_cleaning_-- == 0) {
        std::erase_if(under_way_, [](const auto& one) { return one.second.bytes.expired(); });
        notes_until_cleaning_ = under_way_.size() + 64;  // so that cleaning costs each note as good as nothing
    }
    under_way_.insert_or_assign(key, UnderWay{.bytes = piece.bytes, .next = piece.next});
}

void SharedReads::keep(const Piece& piece) {
    kept_.push_back(piece);
    size_ += piece.bytes->size();
    for (; size_ > capacity_; kept_.pop_front()) size_ -= kept_.front().bytes->size();
}

}  // namespace tenter::broker
