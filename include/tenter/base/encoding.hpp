#pragma once
// tenter/base/encoding.hpp: base64 (RFC 4648 sections 4 and 5), hexadecimal, UTF-8 checks and percent-decoding.
// Decoders are strict: one wrong character is `invalid_input` with its offset, never a guess.

#include <cstdint>
#include <string>
#include <string_view>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter {

enum class Base64Alphabet : std::uint8_t { standard, url };
enum class Base64Padding : std::uint8_t {
    required,   ///< '=' must fill the last group
    forbidden,  ///< no '=' at all
    optional,   ///< either (only whole padding or none)
};

/// Unpadded when `padding` is `forbidden`, else padded.
[[nodiscard]] std::string base64_encode(BytesView bytes, Base64Alphabet alphabet = Base64Alphabet::standard,
                                        Base64Padding padding = Base64Padding::required);
/// Refuses characters outside the alphabet, white space, wrong padding and non-zero left-over bits, naming the offset.
[[nodiscard]] Result<Bytes> base64_decode(std::string_view text, Base64Alphabet alphabet = Base64Alphabet::standard,
                                          Base64Padding padding = Base64Padding::required);

/// Lower-case.
[[nodiscard]] std::string hex_encode(BytesView bytes);
/// Either case; an odd length is `invalid_input`.
[[nodiscard]] Result<Bytes> hex_decode(std::string_view text);

/// Value of one hexadecimal digit in either case, or -1.
[[nodiscard]] constexpr int hex_digit(char digit) noexcept {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

/// Well-formed UTF-8 (RFC 3629): no surrogates, no overlong forms, nothing above U+10FFFF.
[[nodiscard]] bool is_valid_utf8(BytesView bytes) noexcept;

/// The UTF-8 text of bytes read as Latin-1 (ISO 8859-1): each byte becomes the code point of its value.
[[nodiscard]] std::string latin1_to_utf8(BytesView bytes);

}  // namespace tenter
