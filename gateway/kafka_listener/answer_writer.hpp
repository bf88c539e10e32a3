#pragma once
// gateway/kafka_listener/answer_writer.hpp: an answer on its way out, cut into what is written at once. Private to this room.
//
//   pieces:  | head | records, shared with the log ............ | head | records ... |
//   chunks:  | head + records   | records | records | rest + head + records  | ...       each up to a TLS record: the first and those
//                                                                                        over a seam are gathered, the others lie as they
//                                                                                        are

#include <cstddef>
#include <span>
#include <vector>

#include "gateway/kafka_protocol/frame.hpp"
#include "tenter/base/bytes.hpp"

namespace tenter::kafka_listener {

/// Keeps the answer, and with it the log's bytes, alive until the last one is written. Does neither copy nor move.
class AnswerWriter {
public:
    static constexpr std::size_t chunk_bytes = 16 * 1024;  ///< A TLS record's most.

    AnswerWriter() = default;
    AnswerWriter(const AnswerWriter&) = delete;
    AnswerWriter& operator=(const AnswerWriter&) = delete;

    /// Only when `done`.
    void begin(kafka_protocol::Frame frame);
    [[nodiscard]] bool done() const noexcept { return piece_ == pieces_.size(); }
    /// What to write next, at least a byte: the same bytes until `advance`, in `scratch` or elsewhere. Not when `done`.
    [[nodiscard]] BytesView next(std::span<char, chunk_bytes> scratch) const;
    /// Whether there is more than these.
    [[nodiscard]] bool goes_on_behind(BytesView chunk) const noexcept { return left_ > chunk.size(); }
    /// So many of them have been written.
    void advance(std::size_t bytes);

private:
    kafka_protocol::Frame frame_;
    std::vector<BytesView> pieces_;
    std::size_t piece_ = 0;   ///< The first that is not written whole.
    std::size_t offset_ = 0;  ///< How much of that is.
    std::size_t left_ = 0;    ///< Bytes that are not written, in all.
};

}  // namespace tenter::kafka_listener
