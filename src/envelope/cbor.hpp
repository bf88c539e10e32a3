#pragma once
// src/envelope/cbor.hpp: the little of CBOR (RFC 8949) that wrapping a body needs.
//
//   head byte = major type (3 bits) | argument (5 bits): 0-23 itself; 24, 25, 26, 27: in the next 1, 2, 4, 8 bytes; 31: indefinite length

#include <cstdint>
#include <optional>

#include "tenter/base/bytes.hpp"

namespace tenter::envelope {

enum class CborMajor : std::uint8_t { byte_string = 2, text_string = 3 };
enum class CborLength : std::uint8_t { shortest, eight_bytes };

/// `content` as one definite-length string.
[[nodiscard]] Bytes cbor_string(CborMajor major, BytesView content, CborLength length);

/// A whole input that is one definite-length text or byte string.
struct CborString {
    BytesView content;
    bool has_eight_byte_length = false;
};
[[nodiscard]] std::optional<CborString> parse_cbor_string(BytesView bytes) noexcept;

/// Tag 55799, "self-described CBOR": means nothing but that CBOR follows.
inline constexpr BytesView self_described_tag{"\xd9\xd9\xf7", 3};

}  // namespace tenter::envelope
