#pragma once
// src/envelope/avro.hpp: the pieces of Avro's binary encoding (specification 1.11, "Binary encoding") that the envelope needs.
//
//   long   zigzag, then 7 bits a byte, least significant first, high bit = more follows; at most 10 bytes
//   bytes  long length, then as many bytes (a string is the same, in UTF-8)
//   block  long count, items; a negative count is followed by a long byte size; count 0 ends the map or array

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::envelope {

/// The most bytes that `append_long` adds.
inline constexpr std::size_t max_long_size = 10;

void append_long(Bytes& out, std::int64_t value);
void append_bytes(Bytes& out, BytesView bytes);

/// The head of one block.
struct AvroBlock {
    static constexpr std::uint64_t unknown = ~std::uint64_t{0};
    std::uint64_t count = 0;       ///< 0: the map or array ends here.
    std::uint64_t size = unknown;  ///< Bytes of its items, where the writer said so.
};

/// Reads from the front. What is wrong is kept beside the reader and not handed through every call: reading an envelope's headers is most
/// of what a consumer pays for a record. After a failure the position is where the wrong value begins, and nothing more may be read.
class AvroReader {
public:
    explicit AvroReader(BytesView bytes) noexcept : bytes_(bytes) {}

    [[nodiscard]] std::size_t position() const noexcept { return position_; }
    [[nodiscard]] BytesView rest() const noexcept { return bytes_.substr(position_); }
    [[nodiscard]] bool at_end() const noexcept { return position_ == bytes_.size(); }

    [[nodiscard]] std::optional<std::int64_t> read_long() noexcept {
        if (position_ < bytes_.size() && static_cast<unsigned char>(bytes_[position_]) < 0x80) {  // most are: lengths, counts
            const std::int64_t bits = bytes_[position_++];
            return (bits >> 1) ^ -(bits & 1);
        }
        return read_long_of_several();
    }
    [[nodiscard]] std::optional<BytesView> read_bytes() noexcept;
    [[nodiscard]] std::optional<std::string_view> read_string() noexcept;  ///< Checks UTF-8.
    /// An enumeration's index, below `symbol_count`.
    [[nodiscard]] std::optional<std::uint8_t> read_enum(std::uint8_t symbol_count) noexcept;
    /// Refuses more items than could follow when each takes at least `smallest_item` bytes.
    [[nodiscard]] std::optional<AvroBlock> read_block(std::size_t smallest_item) noexcept;

    /// Notes that what begins at `position` is wrong; false.
    bool refuse(std::string_view what, std::size_t position) noexcept;
    /// After a failure: "what at byte N".
    [[nodiscard]] Error error() const;

private:
    [[nodiscard]] std::optional<std::int64_t> read_long_of_several() noexcept;

    BytesView bytes_;
    std::size_t position_ = 0;
    std::string_view fault_;  ///< Of static life.
    std::optional<std::int64_t> refused_symbol_;
};

}  // namespace tenter::envelope
