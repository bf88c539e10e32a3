#include "gateway/kafka_protocol/reader.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tenter::kafka_protocol {

namespace {

/// Kafka's own limit, in flexible versions too, where a length could say more.
constexpr std::int64_t longest_string = std::numeric_limits<std::int16_t>::max();

std::string wanted(std::size_t size, std::size_t left) {
    return std::to_string(size) + " bytes are wanted, " + std::to_string(left) + " are left";
}

}  // namespace

Result<void> Reader::status() const {
    if (error_) return fail(*error_);
    return {};
}

Result<void> Reader::finish() {
    if (!error_) static_cast<void>(require_end());
    return status();
}

bool Reader::require_end() { return at_ == end_ || fail_at(at_, std::to_string(left()) + " bytes are left over"); }

bool Reader::take(BytesView& taken, std::size_t size) {
    if (size > left()) return fail_at(at_, wanted(size, left()));
    taken = bytes_.substr(at_, size);
    at_ += size;
    return true;
}

bool Reader::read_integer(std::int64_t& value, std::size_t size) {
    BytesView octets;
    if (!take(octets, size)) return false;
    std::uint64_t bits = (static_cast<unsigned char>(octets[0]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
    for (const char octet : octets) bits = bits << 8U | static_cast<unsigned char>(octet);
    value = static_cast<std::int64_t>(bits);
    return true;
}

bool Reader::read_varint(std::uint32_t& value) {
    const std::size_t start = at_;
    std::uint64_t bits = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        BytesView octet;
        if (!take(octet, 1)) return false;
        const auto digit = static_cast<unsigned char>(octet[0]);
        bits |= std::uint64_t{digit & 0x7FU} << shift;
        if ((digit & 0x80U) != 0) continue;
        if (bits > std::numeric_limits<std::uint32_t>::max()) break;
        value = static_cast<std::uint32_t>(bits);
        return true;
    }
    return fail_at(start, "a varint of more than 32 bits");
}

bool Reader::read_tag(std::uint32_t& tag, std::size_t& size) {
    std::uint32_t claimed = 0;
    if (!read_varint(tag) || !read_varint(claimed)) return false;
    size = claimed;
    return size <= left() || fail_at(at_, "tagged field " + std::to_string(tag) + ": " + wanted(size, left()));
}

bool Reader::read_length(std::int64_t& length, LengthKind kind) {
    const std::size_t start = at_;
    if (kind == LengthKind::compact) {
        std::uint32_t plus_one = 0;
        if (!read_varint(plus_one)) return false;
        length = std::int64_t{plus_one} - 1;
        return true;
    }
    if (!read_integer(length, kind == LengthKind::int16 ? 2 : 4)) return false;
    return length >= -1 || fail_at(start, "a length of " + std::to_string(length));
}

bool Reader::read_count(std::size_t& count, std::size_t least_size, bool* is_null) {
    const std::size_t start = at_;
    std::int64_t claimed = 0;
    if (!read_length(claimed, is_flexible_ ? LengthKind::compact : LengthKind::int32)) return false;
    if (claimed < 0) {
        if (is_null == nullptr) return fail_at(start, "is null, which it may not be");
        *is_null = true;
        return true;
    }
    count = static_cast<std::size_t>(claimed);
    if (count > left() / std::max<std::size_t>(least_size, 1))
        return fail_at(start, std::to_string(count) + " elements are announced, and " + std::to_string(left()) + " bytes are left");
    if (count > elements_left_)
        return fail_at(start, std::to_string(count) + " elements are announced, and " + std::to_string(elements_left_) +
                                  " more are taken in one request");
    elements_left_ -= count;
    return true;
}

bool Reader::read_string(std::string& value, const Shape& shape, bool* is_null) {
    const std::size_t start = at_;
    const bool is_compact = is_flexible_ && !shape.is_never_compact;
    std::int64_t length = 0;
    if (!read_length(length, is_compact ? LengthKind::compact : shape.is_octets ? LengthKind::int32 : LengthKind::int16)) return false;
    if (length < 0) {
        if (is_null == nullptr) return fail_at(start, "is null, which it may not be");
        *is_null = true;
        return true;
    }
    if (!shape.is_octets && length > longest_string) return fail_at(start, "a string of " + std::to_string(length) + " bytes");
    BytesView octets;
    if (!take(octets, static_cast<std::size_t>(length))) return false;
    value.assign(octets);
    return true;
}

bool Reader::read_records(Records& value) {
    std::int64_t length = 0;
    if (!read_length(length, is_flexible_ ? LengthKind::compact : LengthKind::int32)) return false;
    value.is_null = length < 0;
    if (length <= 0) return true;
    BytesView octets;
    if (!take(octets, static_cast<std::size_t>(length))) return false;
    value.pieces.push_back({.bytes = octets, .owner = nullptr});
    return true;
}

bool Reader::read_uuid(Uuid& value) {
    BytesView octets;
    if (!take(octets, value.size())) return false;
    std::ranges::transform(octets, value.begin(), [](char octet) { return static_cast<std::uint8_t>(octet); });
    return true;
}

bool Reader::fail_at(std::size_t at, std::string_view what) {
    if (error_) return false;
    std::string message(message_name_);
    message += " version " + std::to_string(version_) + ": ";
    if (const std::string place = path(); !place.empty()) message += place + ", ";
    message += "byte " + std::to_string(at) + ": ";
    message += what;
    error_ = Error{.code = Errc::invalid_input, .message = std::move(message)};
    return false;
}

std::string Reader::path() const {
    std::string whole;
    for (const Place* place = place_; place != nullptr; place = place->outer) {
        std::string part(place->name);
        if (place->index >= 0) part += "[" + std::to_string(place->index) + "]";
        whole = whole.empty() ? std::move(part) : std::move(part) + "." + whole;
    }
    return whole;
}

}  // namespace tenter::kafka_protocol
