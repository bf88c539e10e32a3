#include "gateway/kafka_protocol/writer.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace tenter::kafka_protocol {

namespace {

constexpr std::size_t longest_string = std::numeric_limits<std::int16_t>::max();  // compact ones too: Kafka reads no longer ones
constexpr std::size_t longest_array = std::numeric_limits<std::int32_t>::max();

}  // namespace

Result<void> Writer::status() const {
    if (error_) return fail(*error_);
    return {};
}

void Writer::write_integer(std::int64_t value, std::size_t size) {
    const auto bits = static_cast<std::uint64_t>(value);
    std::array<char, sizeof(bits)> octets{};
    for (std::size_t i = 0; i < size; ++i) octets[i] = static_cast<char>(bits >> (8 * (size - 1 - i)));
    frame_.own().append(octets.data(), size);
}

void Writer::write_varint(std::uint32_t value) {
    for (; value >= 0x80; value >>= 7U) frame_.own().push_back(static_cast<char>(value | 0x80U));
    frame_.own().push_back(static_cast<char>(value));
}

void Writer::write_length(std::size_t length, LengthKind kind) {
    require_at_most(longest_array, length);
    if (kind == LengthKind::compact) return write_varint(static_cast<std::uint32_t>(length + 1));
    write_integer(static_cast<std::int64_t>(length), kind == LengthKind::int16 ? 2 : 4);
}

void Writer::require_at_most(std::size_t longest, std::size_t length) {
    if (length <= longest || error_) return;
    error_ = Error{.code = Errc::too_large,
                   .message = std::string(message_name_) + " version " + std::to_string(version_) + ": " + std::string(field_name_) +
                              ": a length of " + std::to_string(length) + ", at most " + std::to_string(longest)};
}

void Writer::write_null(LengthKind kind) {
    if (kind == LengthKind::compact) return write_varint(0);
    write_integer(-1, kind == LengthKind::int16 ? 2 : 4);
}

void Writer::write_absent(bool is_array, const Shape& shape) {
    const LengthKind kind = !is_array ? kind_of_string(shape) : is_flexible_ ? LengthKind::compact : LengthKind::int32;
    if (shape.nullable.contains(version_)) return write_null(kind);
    write_length(0, kind);
}

Writer::LengthKind Writer::kind_of_string(const Shape& shape) const noexcept {
    if (is_flexible_ && !shape.is_never_compact) return LengthKind::compact;
    return shape.is_octets ? LengthKind::int32 : LengthKind::int16;
}

void Writer::write_string(BytesView value, const Shape& shape) {
    if (!shape.is_octets) require_at_most(longest_string, value.size());
    write_length(value.size(), kind_of_string(shape));
    frame_.own() += value;
}

void Writer::write_records(const Records& value) {
    const LengthKind kind = is_flexible_ ? LengthKind::compact : LengthKind::int32;
    if (value.is_null) return write_null(kind);
    write_length(value.size(), kind);
    for (const auto& piece : value.pieces) frame_.append(piece);
}

void Writer::write_tags(std::vector<std::pair<std::uint32_t, Bytes>> present) {
    std::ranges::sort(present, {}, &std::pair<std::uint32_t, Bytes>::first);
    write_varint(static_cast<std::uint32_t>(present.size()));
    for (const auto& [tag, content] : present) {
        write_varint(tag);
        write_varint(static_cast<std::uint32_t>(content.size()));
        frame_.own() += content;
    }
}

}  // namespace tenter::kafka_protocol
