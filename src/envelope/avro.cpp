#include "src/envelope/avro.hpp"

#include <limits>
#include <string>

#include "tenter/base/encoding.hpp"

namespace tenter::envelope {

std::unexpected<Error> avro_error(std::string_view what, std::size_t position) {
    return fail(Errc::invalid_input, std::string(what) + " at byte " + std::to_string(position));
}

void append_long(Bytes& out, std::int64_t value) {
    auto bits = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
    for (; bits >= 0x80; bits >>= 7) out.push_back(static_cast<char>((bits & 0x7F) | 0x80));
    out.push_back(static_cast<char>(bits));
}

void append_bytes(Bytes& out, BytesView bytes) {
    append_long(out, static_cast<std::int64_t>(bytes.size()));
    out.append(bytes);
}

Result<std::int64_t> AvroReader::read_long() {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < max_long_size; ++i) {
        if (position_ + i == bytes_.size()) return avro_error("a number is cut off", position_);
        const auto byte = static_cast<unsigned char>(bytes_[position_ + i]);
        if (i + 1 == max_long_size && byte > 1) break;  // over 64 bits
        bits |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
        if (byte < 0x80) {
            position_ += i + 1;
            return static_cast<std::int64_t>((bits >> 1) ^ (~(bits & 1) + 1));
        }
    }
    return avro_error("a number of more than 64 bits", position_);
}

Result<BytesView> AvroReader::read_bytes() {
    const std::size_t start = position_;
    const auto length = read_long();
    if (!length) return fail(length.error());
    if (*length < 0 || static_cast<std::uint64_t>(*length) > bytes_.size() - position_) {
        position_ = start;
        return avro_error(*length < 0 ? "a negative length" : "a length beyond the end", start);
    }
    const BytesView value = bytes_.substr(position_, static_cast<std::size_t>(*length));
    position_ += value.size();
    return value;
}

Result<std::string_view> AvroReader::read_string() {
    const std::size_t start = position_;
    auto text = read_bytes();
    if (text && !is_valid_utf8(*text)) {
        position_ = start;
        return avro_error("text that is not UTF-8", start);
    }
    return text;
}

Result<std::uint8_t> AvroReader::read_enum(std::uint8_t symbol_count) {
    const std::size_t start = position_;
    const auto index = read_long();
    if (!index) return fail(index.error());
    if (*index < 0 || *index >= symbol_count) {
        position_ = start;
        return avro_error("no such symbol: " + std::to_string(*index), start);
    }
    return static_cast<std::uint8_t>(*index);
}

Result<AvroBlock> AvroReader::read_block(std::size_t smallest_item) {
    const std::size_t start = position_;
    const auto refuse = [&](std::string_view what) {
        position_ = start;
        return avro_error(what, start);
    };
    const auto count = read_long();
    if (!count) return fail(count.error());
    if (*count == std::numeric_limits<std::int64_t>::min()) return refuse("a block count out of range");
    AvroBlock block{.count = static_cast<std::uint64_t>(*count < 0 ? -*count : *count)};
    if (*count < 0) {
        const auto size = read_long();
        if (!size) return fail(size.error());
        if (*size < 0 || static_cast<std::uint64_t>(*size) > rest().size()) return refuse("a block size beyond the end");
        block.size = static_cast<std::uint64_t>(*size);
    }
    if (block.count > rest().size() / smallest_item) return refuse("more items than the bytes can hold");
    return block;
}

}  // namespace tenter::envelope
