#include "gateway/kafka_listener/answer_writer.hpp"

#include <algorithm>

#include "tenter/base/assert.hpp"

namespace tenter::kafka_listener {

void AnswerWriter::begin(kafka_protocol::Frame frame) {
    TENTER_ASSERT(done());
    frame_ = std::move(frame);
    pieces_ = frame_.pieces();
    piece_ = 0;
    offset_ = 0;
    left_ = frame_.size();
}

BytesView AnswerWriter::next(std::span<char, chunk_bytes> scratch) const {
    TENTER_ASSERT(!done());
    const BytesView first = pieces_[piece_].substr(offset_);
    if (first.size() >= chunk_bytes || piece_ + 1 == pieces_.size()) return first.substr(0, chunk_bytes);
    std::size_t filled = first.copy(scratch.data(), chunk_bytes);
    for (std::size_t i = piece_ + 1; i < pieces_.size() && filled < chunk_bytes; ++i)
        filled += pieces_[i].copy(scratch.data() + filled, chunk_bytes - filled);
    return {scratch.data(), filled};
}

void AnswerWriter::advance(std::size_t bytes) {
    while (bytes > 0) {
        TENTER_ASSERT(!done());
        const std::size_t step = std::min(bytes, pieces_[piece_].size() - offset_);
        bytes -= step;
        left_ -= step;
        offset_ += step;
        if (offset_ < pieces_[piece_].size()) continue;
        ++piece_;
        offset_ = 0;
    }
    if (!done()) return;
    pieces_ = {};
    frame_ = {};
    piece_ = 0;
}

}  // namespace tenter::kafka_listener
