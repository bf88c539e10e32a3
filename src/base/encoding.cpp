#include "tenter/base/encoding.hpp"

#include <array>
#include <cstdint>
#include <cstring>

#include <simdjson.h>

namespace tenter {
namespace {

constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> make_values(std::string_view alphabet) {
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (std::size_t i = 0; i < alphabet.size(); ++i) values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
    return values;
}

constexpr auto standard_values = make_values(standard_alphabet);
constexpr auto url_values = make_values(url_alphabet);

std::unexpected<Error> bad_base64(std::string_view what, std::size_t offset) {
    return fail(Errc::invalid_input, "base64: " + std::string(what) + " at byte " + std::to_string(offset));
}

/// Length of `text` without its padding, or why the padding is wrong.
Result<std::size_t> unpadded_length(std::string_view text, Base64Padding padding) {
    std::size_t length = text.size();
    while (length > 0 && text[length - 1] == '=' && text.size() - length < 2) --length;
    const std::size_t pads = text.size() - length;
    if (length % 4 == 1) return bad_base64("a group of one character", length);
    const std::size_t wanted = (4 - length % 4) % 4;
    if (padding == Base64Padding::forbidden && pads != 0) return bad_base64("unexpected padding", length);
    if (padding == Base64Padding::required && pads != wanted) return bad_base64("wrong padding", length);
    if (padding == Base64Padding::optional && pads != 0 && pads != wanted) return bad_base64("wrong padding", length);
    return length;
}

/// Most names and values are, and for them a check of UTF-8 is a long way round.
bool is_short_ascii(BytesView text) noexcept {
    constexpr std::size_t longest_short = 64;
    if (text.size() > longest_short) return false;
    std::uint64_t all = 0;
    std::size_t at = 0;
    for (std::uint64_t word = 0; at + sizeof(word) <= text.size(); at += sizeof(word)) {
        std::memcpy(&word, text.data() + at, sizeof(word));
        all |= word;
    }
    for (; at < text.size(); ++at) all |= static_cast<unsigned char>(text[at]);
    return (all & 0x8080'8080'8080'8080) == 0;
}

}  // namespace

std::string base64_encode(BytesView bytes, Base64Alphabet alphabet, Base64Padding padding) {
    const std::string_view digits = alphabet == Base64Alphabet::standard ? standard_alphabet : url_alphabet;
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (const char byte : bytes) {
        bits = (bits << 8) | static_cast<unsigned char>(byte);
        bit_count += 8;
        while (bit_count >= 6) {
            bit_count -= 6;
            out.push_back(digits[(bits >> bit_count) & 0x3F]);
        }
    }
    if (bit_count > 0) out.push_back(digits[(bits << (6 - bit_count)) & 0x3F]);
    if (padding != Base64Padding::forbidden) out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

Result<Bytes> base64_decode(std::string_view text, Base64Alphabet alphabet, Base64Padding padding) {
    const auto length = unpadded_length(text, padding);
    if (!length) return fail(length.error());
    const auto& values = alphabet == Base64Alphabet::standard ? standard_values : url_values;
    Bytes out;
    out.reserve(*length * 3 / 4);
    std::uint32_t bits = 0;
    int bit_count = 0;
    for (std::size_t i = 0; i < *length; ++i) {
        const int value = values[static_cast<unsigned char>(text[i])];
        if (value < 0) return bad_base64("a character outside the alphabet", i);
        bits = (bits << 6) | static_cast<std::uint32_t>(value);
        bit_count += 6;
        if (bit_count >= 8) {
            bit_count -= 8;
            out.push_back(static_cast<char>((bits >> bit_count) & 0xFF));
        }
    }
    if ((bits & ((1U << bit_count) - 1)) != 0) return bad_base64("left-over bits that are not zero", *length);
    return out;
}

std::string hex_encode(BytesView bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char byte : bytes) {
        out.push_back(digits[static_cast<unsigned char>(byte) >> 4]);
        out.push_back(digits[static_cast<unsigned char>(byte) & 0xF]);
    }
    return out;
}

Result<Bytes> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return fail(Errc::invalid_input, "hex: odd number of digits");
    Bytes out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_digit(text[i]);
        const int low = hex_digit(text[i + 1]);
        if (high < 0 || low < 0) return fail(Errc::invalid_input, "hex: not a digit at byte " + std::to_string(high < 0 ? i : i + 1));
        out.push_back(static_cast<char>(high * 16 + low));
    }
    return out;
}

bool is_valid_utf8(BytesView bytes) noexcept { return is_short_ascii(bytes) || simdjson::validate_utf8(bytes.data(), bytes.size()); }

std::string latin1_to_utf8(BytesView bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 4);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80) {
            out.push_back(c);
        } else {
            out.push_back(static_cast<char>(0xC0 | (byte >> 6)));
            out.push_back(static_cast<char>(0x80 | (byte & 0x3F)));
        }
    }
    return out;
}

}  // namespace tenter
