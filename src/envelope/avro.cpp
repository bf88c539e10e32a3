#include "src/envelope/avro.hpp"

#include <limits>
#include <string>

#include "tenter/base/encoding.hpp"

namespace tenter::envelope {

void append_long(Bytes& out, std::int64_t value) {
    auto bits = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    for (; bits >= 0x80; bits >>= 7) out.push_back(static_cast<char>((bits & 0x7F) | 0x80));
    out.push_back(static_cast<char>(bits));
}

void append_bytes(Bytes& out, BytesView bytes) {
    append_long(out, static_cast<std::int64_t>(bytes.size()));
    out.append(bytes);
}

bool AvroReader::refuse(std::string_view what, std::size_t position) noexcept {
    fault_ = what;
    position_ = position;
    return false;
}

Error AvroReader::error() const {
    return {Errc::invalid_input,
            std::string(fault_) + (refused_symbol_ ? std::to_string(*refused_symbol_) : "") + " at byte " + std::to_string(position_)};
}

std::optional<std::int64_t> AvroReader::read_long_of_several() noexcept {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < max_long_size; ++i) {
        if (position_ + i == bytes_.size()) {
            refuse("a number is cut off", position_);
            return std::nullopt;
        }
        const auto byte = static_cast<unsigned char>(bytes_[position_ + i]);
        if (i + 1 == max_long_size && byte > 1) break;  // over 64 bits
        bits |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            position_ += i + 1;
            return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
        }
    }
    refuse("a number of more than 64 bits", position_);
    return std::nullopt;
}

std::optional<BytesView> AvroReader::read_bytes() noexcept {
    const std::size_t start = position_;
    const auto length = read_long();
    if (!length) return std::nullopt;
    if (*length < 0 || static_cast<std::uint64_t>(*length) > bytes_.size() - position_) {
        refuse(*length < 0 ? "a negative length" : "a length beyond the end", start);
        return std::nullopt;
    }
    const BytesView value(bytes_.data() + position_, static_cast<std::size_t>(*length));
    position_ += value.size();
    return value;
}

std::optional<std::string_view> AvroReader::read_string() noexcept {
    const std::size_t start = position_;
    const auto text = read_bytes();
    if (text && !is_valid_utf8(*text)) {
        refuse("text that is not UTF-8", start);
        return std::nullopt;
    }
    return text;
}

std::optional<std::uint8_t> AvroReader::read_enum(std::uint8_t symbol_count) noexcept {
    const std::size_t start = position_;
    const auto index = read_long();
    if (!index) return std::nullopt;
    if (*index < 0 || *index >= symbol_count) {
        refuse("no such symbol: ", start);
        refused_symbol_ = index;
        return std::nullopt;
    }
    return static_cast<std::uint8_t>(*index);
}

std::optional<AvroBlock> AvroReader::read_block(std::size_t smallest_item) noexcept {
    const std::size_t start = position_;
    const auto refused = [&](std::string_view what) {
        refuse(what, start);
        return std::nullopt;
    };
    const auto count = read_long();
    if (!count) return std::nullopt;
    if (*count == std::numeric_limits<std::int64_t>::min()) return refused("a block count out of range");
    AvroBlock block{.count = static_cast<std::uint64_t>(*count < 0 ? -*count : *count)};
    if (*count < 0) {
        const auto size = read_long();
        if (!size) return std::nullopt;
        if (*size < 0 || static_cast<std::uint64_t>(*size) > rest().size()) return refused("a block size beyond the end");
        block.size = static_cast<std::uint64_t>(*size);
    }
    if (block.count > rest().size() / smallest_item) return refused("more items than the bytes can hold");
    return block;
}

}  // namespace tenter::envelope
