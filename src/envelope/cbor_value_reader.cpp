#include "src/envelope/cbor_value_reader.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter::envelope {
namespace {

using event::ValueKind;

constexpr std::uint64_t positive_bignum = 2;
constexpr std::uint64_t negative_bignum = 3;
constexpr std::uint64_t expect_base64url = 21;
constexpr std::uint64_t expect_base64 = 22;
constexpr std::uint64_t expect_base16 = 23;

/// RFC 8949 appendix D.
double half_to_double(std::uint64_t bits) {
    const auto exponent = static_cast<int>((bits >> 10) & 0x1F);
    const auto mantissa = static_cast<double>(bits & 0x3FF);
    double value = 0;
    if (exponent == 0)
        value = std::ldexp(mantissa, -24);
    else if (exponent != 31)
        value = std::ldexp(mantissa + 1024, exponent - 25);
    else
        value = mantissa == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    return (bits & 0x8000) != 0 ? -value : value;
}

double float_of(const CborHead& head) {
    if (head.info == 25) return half_to_double(head.argument);
    if (head.info == 26) return static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(head.argument)));
    return std::bit_cast<double>(head.argument);
}

}  // namespace

bool CborValueReader::wrong(std::string_view what, std::size_t at) noexcept {
    if (fault_.empty()) {
        fault_ = what;
        fault_at_ = at;
    }
    return false;
}

bool CborValueReader::wrong_head(std::size_t at) noexcept {
    const BytesView rest = reader_.rest();
    const bool is_reserved = !rest.empty() && (static_cast<unsigned char>(rest.front()) & 0x1F) >= 28;
    return wrong(is_reserved ? "a reserved kind of head" : "the bytes end within the item", at);
}

Error CborValueReader::error(std::string_view path) const {
    std::string message = "CBOR: ";
    if (!path.empty()) message.append(path).append(": ");
    return {Errc::invalid_input, message.append(fault_).append(" at byte ").append(std::to_string(fault_at_)), 0};
}

bool CborValueReader::expect_end() { return reader_.rest().empty() || wrong("bytes after the item", at()); }

std::optional<ValueKind> CborValueReader::peek() {
    if (!has_item_) {
        item_ = Item{};
        item_.depth = depth_;
        item_.bytes_as = bytes_as_;
        if (!find_item(item_)) return std::nullopt;
        has_item_ = true;
    }
    return item_.kind;
}

bool CborValueReader::find_item(Item& item) {
    for (;;) {
        const std::size_t start = at();
        const auto head = reader_.read_head();
        if (!head) return wrong_head(start);
        switch (head->major) {
            case cbor::unsigned_integer:
            case cbor::negative_integer:
                if (head->info == cbor::indefinite) return wrong("an integer without a value", start);
                set_integer(item, head->major == cbor::negative_integer, head->argument);
                return true;
            case cbor::byte_string:
            case cbor::text_string:
                item.kind = ValueKind::string;
                item.may_be_name = true;
                item.is_bytes = head->major == cbor::byte_string;
                return read_content(*head, item.text, start);
            case cbor::array:
            case cbor::map: return read_container(*head, item, start);
            case cbor::simple_or_float: return read_simple(*head, item, start);
            default: break;
        }
        bool is_whole = false;
        if (!read_tag(*head, item, start, is_whole)) return false;
        if (is_whole) return true;
    }
}

bool CborValueReader::read_tag(const CborHead& head, Item& item, std::size_t at, bool& is_whole) {
    if (head.info == cbor::indefinite) return wrong("a tag without a number", at);
    if (item.depth == max_cbor_depth) return wrong("nested too deeply", at);
    ++item.depth;
    switch (head.argument) {
        case positive_bignum:
        case negative_bignum: is_whole = true; return read_bignum(item, head.argument == negative_bignum);
        case expect_base64url: item.bytes_as = BytesAs::base64url; break;
        case expect_base64: item.bytes_as = BytesAs::base64; break;
        case expect_base16: item.bytes_as = BytesAs::base16; break;
        default: break;
    }
    return true;
}

bool CborValueReader::read_bignum(Item& item, bool is_negative) {
    const std::size_t start = at();
    const auto head = reader_.read_head();
    if (!head) return wrong_head(start);
    if (head->major != cbor::byte_string) return wrong("a bignum that is not a byte string", start);
    std::string_view magnitude;
    if (!read_content(*head, magnitude, start)) return false;
    while (magnitude.starts_with('\0')) magnitude.remove_prefix(1);
    if (magnitude.size() > sizeof(std::uint64_t)) {
        set_large_integer(item, is_negative, magnitude);
        return true;
    }
    std::uint64_t value = 0;
    for (const char byte : magnitude) value = (value << 8) | static_cast<unsigned char>(byte);
    set_integer(item, is_negative, value);
    return true;
}

/// `magnitude`, or -1 - `magnitude`.
void CborValueReader::set_integer(Item& item, bool is_negative, std::uint64_t magnitude) {
    constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    if (is_negative && magnitude > largest) {
        std::string octets;
        for (int shift = 56; shift >= 0; shift -= 8) octets.push_back(static_cast<char>((magnitude >> shift) & 0xFF));
        set_large_integer(item, true, octets);
        return;
    }
    item.kind = ValueKind::number;
    item.may_be_name = true;
    item.scalar = magnitude > largest ? Scalar::uint64 : Scalar::int64;
    item.bits = is_negative ? ~magnitude : magnitude;  // -1 - n is ~n in two's complement
}

void CborValueReader::set_large_integer(Item& item, bool is_negative, BytesView magnitude) {
    text_ = (is_negative ? "~" : "") + base64_encode(magnitude, Base64Alphabet::url, Base64Padding::forbidden);
    item.kind = ValueKind::string;
    item.may_be_name = true;
    item.text = text_;
}

bool CborValueReader::read_simple(const CborHead& head, Item& item, std::size_t at) {
    if (head.info == cbor::indefinite) return wrong("a break where a value must be", at);
    if (head.info == 24 && head.argument < 32) return wrong("a simple value in two bytes that has a form of one", at);
    if (head.info >= 25) {
        const double value = float_of(head);
        if (!std::isfinite(value)) return true;  // null, which no name can be
        item.kind = ValueKind::number;
        item.scalar = Scalar::double_;
        item.bits = std::bit_cast<std::uint64_t>(value);
        return true;
    }
    if (head.argument == 20 || head.argument == 21) {
        item.kind = ValueKind::boolean;
        item.bits = head.argument == 21 ? 1 : 0;
    }
    item.may_be_name = head.argument >= 20 && head.argument <= 22;
    return true;
}

bool CborValueReader::read_container(const CborHead& head, Item& item, std::size_t at) {
    if (item.depth == max_cbor_depth) return wrong("nested too deeply", at);
    const std::size_t items_per_entry = head.major == cbor::map ? 2 : 1;
    if (head.info != cbor::indefinite && head.argument > reader_.rest().size() / items_per_entry)
        return wrong("a count that the bytes cannot hold", at);
    item.kind = head.major == cbor::map ? ValueKind::object : ValueKind::array;
    item.head = head;
    return true;
}

bool CborValueReader::read_chunk(unsigned major, std::uint64_t size, std::string_view& content, std::size_t at) {
    const auto chunk = reader_.read_content(size);
    if (!chunk) return wrong("the bytes end within the item", at);
    if (major == cbor::text_string && !is_valid_utf8(*chunk)) return wrong("text that is not UTF-8", at);
    content = *chunk;
    return true;
}

bool CborValueReader::read_content(const CborHead& head, std::string_view& content, std::size_t at) {
    if (head.info != cbor::indefinite) return read_chunk(head.major, head.argument, content, at);
    joined_.clear();
    while (!reader_.skip_break()) {
        const std::size_t start = this->at();
        const auto chunk = reader_.read_head();
        if (!chunk) return wrong_head(start);
        if (chunk->major != head.major || chunk->info == cbor::indefinite) return wrong("a chunk that is not a string of its kind", start);
        std::string_view octets;
        if (!read_chunk(head.major, chunk->argument, octets, start)) return false;
        joined_ += octets;
    }
    content = joined_;
    return true;
}

std::string_view CborValueReader::encoded(const Item& item) {
    if (!item.is_bytes) return item.text;
    switch (item.bytes_as) {
        case BytesAs::base64url: text_ = base64_encode(item.text, Base64Alphabet::url, Base64Padding::forbidden); break;
        case BytesAs::base64: text_ = base64_encode(item.text); break;
        case BytesAs::base16:
            text_ = hex_encode(item.text);
            for (char& digit : text_) digit = ascii_upper(digit);
            break;
    }
    return text_;
}

bool CborValueReader::read_scalar(boost::json::value& scalar) {
    const auto kind = peek();
    if (!kind || *kind >= ValueKind::string) return false;
    has_item_ = false;
    if (*kind == ValueKind::null) {
        scalar = nullptr;
        return true;
    }
    switch (item_.scalar) {
        case Scalar::int64: scalar = static_cast<std::int64_t>(item_.bits); break;
        case Scalar::uint64: scalar = item_.bits; break;
        case Scalar::double_: scalar = std::bit_cast<double>(item_.bits); break;
        case Scalar::boolean: scalar = item_.bits != 0; break;
    }
    return true;
}

bool CborValueReader::read_string(std::string_view& text) {
    if (peek() != ValueKind::string) return false;
    text = encoded(item_);
    has_item_ = false;
    return true;
}

bool CborValueReader::skip_leaf() {
    const bool is_there = peek().has_value();
    has_item_ = false;
    return is_there;
}

bool CborValueReader::open(ValueKind kind, Container& container) {
    if (peek() != kind) return false;
    container.outer_depth = depth_;
    container.outer_mode = std::to_underlying(bytes_as_);
    container.is_open_ended = item_.head.info == cbor::indefinite;
    container.left = item_.head.argument;
    depth_ = item_.depth + 1;
    bytes_as_ = item_.bytes_as;
    has_item_ = false;
    return true;
}

event::ValueReader::Step CborValueReader::leave(const Container& container) {
    depth_ = container.outer_depth;
    bytes_as_ = static_cast<BytesAs>(container.outer_mode);
    return Step::end;
}

event::ValueReader::Step CborValueReader::next_element(Container& array) {
    if (array.is_open_ended) return reader_.skip_break() ? leave(array) : Step::item;
    if (array.left == 0) return leave(array);
    --array.left;
    return Step::item;
}

event::ValueReader::Step CborValueReader::next_member(Container& object, std::string_view& name) {
    if (next_element(object) == Step::end) return Step::end;
    const std::size_t start = at();
    const auto kind = peek();
    if (!kind) return Step::fault;
    if (!item_.may_be_name) {
        wrong("a key that cannot be a name", start);
        return Step::fault;
    }
    switch (*kind) {
        case ValueKind::number:
            text_ = item_.scalar == Scalar::uint64 ? std::to_string(item_.bits) : std::to_string(static_cast<std::int64_t>(item_.bits));
            name = text_;
            break;
        case ValueKind::boolean: name = item_.bits != 0 ? "true" : "false"; break;
        case ValueKind::null: name = "null"; break;
        default: name = encoded(item_); break;
    }
    has_item_ = false;
    return Step::item;
}

}  // namespace tenter::envelope
