#include "gateway/broker/shared_reads.hpp"

namespace tenter::broker {

Result<SharedReads::Piece> SharedReads::read(log::TopicPartition at, log::Offset from, Most most) {
    const Key key(at, from);
    if (const auto known = by_key_.find(key); known != by_key_.end() && known->second->piece.bytes->size() <= most.to_share)
        return known->second->piece;
    auto batches = log_.read(at, from, most.to_read);
    if (!batches) return fail(std::move(batches.error()));
    const bool is_at_the_end = batches->next_offset == batches->high_watermark;
    if (batches->bytes.capacity() > 2 * batches->bytes.size()) batches->bytes.shrink_to_fit();  // the log read into what was allowed
    const Piece piece{.bytes = std::make_shared<const Bytes>(std::move(batches->bytes)), .next = batches->next_offset};
    // Those that read what is older are seldom at the same place, and would push out what many wait for.
    if (is_at_the_end && piece.bytes->size() <= capacity_ / 4) keep(key, piece);
    return piece;
}

void SharedReads::keep(Key key, const Piece& piece) {
    if (const auto known = by_key_.find(key); known != by_key_.end()) {
        size_ -= known->second->piece.bytes->size();
        kept_.erase(known->second);
        by_key_.erase(known);
    }
    while (!kept_.empty() && size_ + piece.bytes->size() > capacity_) drop_oldest();
    kept_.push_back({.key = key, .piece = piece});
    by_key_.emplace(key, std::prev(kept_.end()));
    size_ += piece.bytes->size();
}

void SharedReads::drop_oldest() {
    size_ -= kept_.front().piece.bytes->size();
    by_key_.erase(kept_.front().key);
    kept_.pop_front();
}

}  // namespace tenter::broker
