#pragma once
// src/envelope/cbor_reader.hpp: takes heads and content of CBOR items (RFC 8949 section 3) off the front of bytes.

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tenter/base/bytes.hpp"

namespace tenter::envelope {

/// How deep arrays, maps and tags may nest.
inline constexpr std::size_t max_cbor_depth = 512;

namespace cbor {

inline constexpr unsigned unsigned_integer = 0;
inline constexpr unsigned negative_integer = 1;
inline constexpr unsigned byte_string = 2;
inline constexpr unsigned text_string = 3;
inline constexpr unsigned array = 4;
inline constexpr unsigned map = 5;
inline constexpr unsigned tag = 6;
inline constexpr unsigned simple_or_float = 7;
inline constexpr unsigned indefinite = 31;

}  // namespace cbor

struct CborHead {
    unsigned major = 0;
    unsigned info = 0;
    std::uint64_t argument = 0;
};

class CborReader {
public:
    explicit CborReader(BytesView bytes) noexcept : rest_(bytes) {}

    [[nodiscard]] BytesView rest() const noexcept { return rest_; }

    /// Nothing where the bytes end, or the additional information is a reserved one.
    [[nodiscard]] std::optional<CborHead> read_head() noexcept {
        if (rest_.empty()) return std::nullopt;
        const auto first = static_cast<unsigned char>(rest_.front());
        CborHead head{.major = static_cast<unsigned>(first >> 5), .info = static_cast<unsigned>(first & 0x1F)};
        head.argument = head.info;
        std::size_t extra = 0;
        if (head.info >= 24 && head.info <= 27) extra = std::size_t{1} << (head.info - 24);
        if (head.info >= 28 && head.info <= 30) return std::nullopt;
        if (rest_.size() - 1 < extra) return std::nullopt;
        if (extra != 0) head.argument = 0;
        for (std::size_t i = 1; i <= extra; ++i) head.argument = (head.argument << 8) | static_cast<unsigned char>(rest_[i]);
        rest_.remove_prefix(1 + extra);
        return head;
    }

    [[nodiscard]] std::optional<BytesView> read_content(std::uint64_t count) noexcept {
        if (count > rest_.size()) return std::nullopt;
        const BytesView content = rest_.substr(0, static_cast<std::size_t>(count));
        rest_.remove_prefix(static_cast<std::size_t>(count));
        return content;
    }

    [[nodiscard]] bool skip(std::uint64_t count) noexcept { return read_content(count).has_value(); }

    [[nodiscard]] bool skip_break() noexcept {
        if (rest_.empty() || rest_.front() != '\xFF') return false;
        rest_.remove_prefix(1);
        return true;
    }

private:
    BytesView rest_;
};

}  // namespace tenter::envelope
