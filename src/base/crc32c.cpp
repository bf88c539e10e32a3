#include "tenter/base/crc32c.hpp"

#include <array>
#include <cstring>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace tenter {
namespace {

constexpr std::uint32_t reflected_polynomial = 0x82F63B78;

constexpr std::array<std::uint32_t, 256> make_table() {
    std::array<std::uint32_t, 256> table{};
    for (std::uint32_t i = 0; i < 256; ++i) {
        std::uint32_t value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? reflected_polynomial : 0);
        table[i] = value;
    }
    return table;
}

constexpr std::array<std::uint32_t, 256> table = make_table();

std::uint32_t update_by_table(std::uint32_t crc, const char* data, std::size_t size) noexcept {
    for (std::size_t i = 0; i < size; ++i) crc = table[(crc ^ static_cast<unsigned char>(data[i])) & 0xFF] ^ (crc >> 8);
    return crc;
}

#if defined(__x86_64__)
/// An instruction takes three cycles and one can begin in each: so three lanes of bytes at once, whose checksums are then put together.
constexpr std::size_t lane_bytes = 512;

/// What a checksum becomes behind `lane_bytes` zero bytes, for each value of each of its four bytes: the checksum of a whole is that of its
/// first part, so moved on, XOR that of the second begun with 0.
using MovedOn = std::array<std::array<std::uint32_t, 256>, 4>;

constexpr MovedOn make_moved_on() {
    MovedOn moved{};
    for (std::size_t bit = 0; bit < 32; ++bit) {
        std::uint32_t crc = std::uint32_t{1} << bit;
        for (std::size_t i = 0; i < lane_bytes; ++i) crc = table[crc & 0xFF] ^ (crc >> 8);
        moved[bit / 8][std::size_t{1} << bit % 8] = crc;
    }
    for (auto& of_byte : moved)  // the others by their bits: all of it is linear
        for (std::size_t value = 1; value < 256; ++value) of_byte[value] = of_byte[value & (value - 1)] ^ of_byte[value & (~value + 1)];
    return moved;
}

constexpr MovedOn moved_on = make_moved_on();

std::uint64_t move_on(std::uint64_t crc) noexcept {
    return moved_on[0][crc & 0xFF] ^ moved_on[1][(crc >> 8) & 0xFF] ^ moved_on[2][(crc >> 16) & 0xFF] ^ moved_on[3][(crc >> 24) & 0xFF];
}

std::uint64_t word_at(const char* data) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, data, sizeof(word));
    return word;
}

__attribute__((target("sse4.2"))) std::uint32_t update_by_instruction(std::uint32_t crc, const char* data, std::size_t size) noexcept {
    std::uint64_t first = crc;
    for (; size >= 3 * lane_bytes; data += 3 * lane_bytes, size -= 3 * lane_bytes) {
        std::uint64_t second = 0;
        std::uint64_t third = 0;
        for (const char* word = data; word != data + lane_bytes; word += 8) {
            first = _mm_crc32_u64(first, word_at(word));
            second = _mm_crc32_u64(second, word_at(word + lane_bytes));
            third = _mm_crc32_u64(third, word_at(word + 2 * lane_bytes));
        }
        first = move_on(move_on(first) ^ second) ^ third;
    }
    for (; size >= 8; data += 8, size -= 8) first = _mm_crc32_u64(first, word_at(data));
    crc = static_cast<std::uint32_t>(first);
    for (; size > 0; ++data, --size) crc = _mm_crc32_u8(crc, static_cast<unsigned char>(*data));
    return crc;
}

const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
#endif

}  // namespace

std::uint32_t crc32c(BytesView bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
    if (has_instruction) return ~update_by_instruction(~seed, bytes.data(), bytes.size());
#endif
    return ~update_by_table(~seed, bytes.data(), bytes.size());
}

}  // namespace tenter
