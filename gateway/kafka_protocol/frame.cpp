#include "gateway/kafka_protocol/frame.hpp"

#include <utility>

namespace tenter::kafka_protocol {

SharedBytes share(Bytes bytes) {
    auto owner = std::make_shared<const Bytes>(std::move(bytes));
    const BytesView view = *owner;
    return {.bytes = view, .owner = std::move(owner)};
}

std::size_t Records::size() const noexcept {
    std::size_t total = 0;
    for (const auto& piece : pieces) total += piece.bytes.size();
    return total;
}

void Frame::append(SharedBytes bytes) {
    if (bytes.bytes.empty()) return;
    shared_size_ += bytes.bytes.size();
    inserts_.push_back({.before = own_.size(), .shared = std::move(bytes)});
}

std::vector<BytesView> Frame::pieces() const {
    std::vector<BytesView> found;
    found.reserve(2 * inserts_.size() + 1);
    std::size_t at = 0;
    const auto take_own = [&](std::size_t end) {
        if (end > at) found.push_back(BytesView(own_).substr(at, end - at));
        at = end;
    };
    for (const auto& insert : inserts_) {
        take_own(insert.before);
        found.push_back(insert.shared.bytes);
    }
    take_own(own_.size());
    return found;
}

Bytes Frame::joined() const {
    Bytes all;
    all.reserve(size());
    for (const auto piece : pieces()) all += piece;
    return all;
}

}  // namespace tenter::kafka_protocol
