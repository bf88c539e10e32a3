#include "tenter/base/uuid.hpp"

#include <algorithm>

#include "tenter/base/encoding.hpp"

namespace tenter {
namespace {

constexpr bool is_dash_place(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

void Uuid::write_to(char* out) const noexcept {
    constexpr std::string_view digits = "0123456789abcdef";
    std::size_t at = 0;
    for (const std::uint8_t byte : bytes) {
        if (is_dash_place(at)) out[at++] = '-';
        out[at++] = digits[byte >> 4];
        out[at++] = digits[byte & 0xF];
    }
}

std::string Uuid::to_string() const {
    std::string out(36, '\0');
    write_to(out.data());
    return out;
}

UnixMillis Uuid::timestamp() const noexcept {
    std::int64_t ms = 0;
    for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | bytes[i];
    return UnixMillis(std::chrono::milliseconds(ms));
}

Result<Uuid> Uuid::parse(std::string_view text) {
    if (text.size() != 36) return fail(Errc::invalid_input, "uuid: 36 characters expected, found " + std::to_string(text.size()));
    Uuid uuid;
    std::size_t digit_count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (is_dash_place(i) ? text[i] != '-' : hex_digit(text[i]) < 0)
            return fail(Errc::invalid_input, "uuid: wrong character at byte " + std::to_string(i));
        if (is_dash_place(i)) continue;
        auto& byte = uuid.bytes[digit_count++ / 2];
        byte = static_cast<std::uint8_t>(byte << 4 | hex_digit(text[i]));
    }
    return uuid;
}

Uuid UuidV7Generator::next() {
    const std::int64_t now_ms = clock_.now().time_since_epoch().count();
    if (now_ms > last_ms_) {
        last_ms_ = now_ms;
        counter_ = 0;
    } else if (++counter_ == 0x1000) {
        ++last_ms_;
        counter_ = 0;
    }
    Uuid uuid;
    random_.fill(std::span(uuid.bytes).subspan(8));
    for (std::size_t i = 0; i < 6; ++i) uuid.bytes[i] = static_cast<std::uint8_t>(last_ms_ >> (40 - 8 * i));
    uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | counter_ >> 8);
    uuid.bytes[7] = static_cast<std::uint8_t>(counter_ & 0xFF);
    uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3F));
    return uuid;
}

}  // namespace tenter
