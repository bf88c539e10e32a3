#include "src/event/json_reader.hpp"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/json.hpp"

namespace tenter::event {
namespace {

/// First byte from `at` on that ends or bends a string: '"', '\' or a control character.
std::size_t find_string_stop(BytesView text, std::size_t at) noexcept {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"');
    const __m128i backslash = _mm_set1_epi8('\\');
    const __m128i last_control = _mm_set1_epi8(0x1F);
    for (; at + 16 <= text.size(); at += 16) {
        const __m128i chunk = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
        const __m128i control = _mm_cmpeq_epi8(_mm_max_epu8(chunk, last_control), last_control);
        const __m128i stop = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(chunk, quote), _mm_cmpeq_epi8(chunk, backslash)), control);
        const int mask = _mm_movemask_epi8(stop);
        if (mask != 0) return at + static_cast<std::size_t>(__builtin_ctz(static_cast<unsigned>(mask)));
    }
#endif
    while (at < text.size() && text[at] != '"' && text[at] != '\\' && static_cast<unsigned char>(text[at]) >= 0x20) ++at;
    return at;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
    const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (code_point < 0x80) {
        put(code_point);
    } else if (code_point < 0x800) {
        put(0xC0 | code_point >> 6);
        put(0x80 | (code_point & 0x3F));
    } else if (code_point < 0x10000) {
        put(0xE0 | code_point >> 12);
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    } else {
        put(0xF0 | code_point >> 18);
        put(0x80 | (code_point >> 12 & 0x3F));
        put(0x80 | (code_point >> 6 & 0x3F));
        put(0x80 | (code_point & 0x3F));
    }
}

std::uint32_t hex4(std::string_view digits) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 4 | static_cast<std::uint32_t>(hex_digit(digits[i]));
    return value;
}

char simple_escape(char c) {
    switch (c) {
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return c;
    }
}

bool is_high_surrogate(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low_surrogate(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

Result<std::string> JsonString::decoded() const {
    if (!has_escapes) return std::string(raw);
    std::string out;
    out.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\') {
            out.push_back(raw[i]);
            continue;
        }
        if (raw[++i] != 'u') {
            out.push_back(simple_escape(raw[i]));
            continue;
        }
        std::uint32_t unit = hex4(raw.substr(i + 1));
        i += 4;
        if (is_high_surrogate(unit) && raw.substr(i + 1, 2) == "\\u" && is_low_surrogate(hex4(raw.substr(i + 3)))) {
            unit = 0x10000 + ((unit - 0xD800) << 10) + (hex4(raw.substr(i + 3)) - 0xDC00);
            i += 6;
        } else if (is_high_surrogate(unit) || is_low_surrogate(unit)) {
            return fail(Errc::invalid_input, "a lone surrogate, which is no character");
        }
        append_utf8(out, unit);
    }
    return out;
}

bool JsonString::means(std::string_view text) const {
    if (!has_escapes) return raw == text;
    const auto own = decoded();
    return own && *own == text;
}

bool JsonReader::wrong(std::string_view what) noexcept {
    if (fault_.empty()) {
        fault_ = what;
        fault_at_ = at_;
    }
    return false;
}

Error JsonReader::error() const {
    return {Errc::invalid_input, "JSON: " + std::string(fault_) + " at byte " + std::to_string(fault_at_), 0};
}

bool JsonReader::skip_escape() {
    ++at_;
    const char c = current();
    if (c == 'u') {
        for (std::size_t i = 1; i <= 4; ++i)
            if (at_ + i >= text_.size() || hex_digit(text_[at_ + i]) < 0) return wrong("four hexadecimal digits expected after \\u");
        at_ += 5;
        return true;
    }
    if (c == '\0' || std::string_view("\"\\/bfnrt").find(c) == std::string_view::npos) return wrong("unknown escape");
    ++at_;
    return true;
}

bool JsonReader::read_string(JsonString& string) {
    if (!take('"')) return wrong("'\"' expected");
    const std::size_t start = at_;
    string.has_escapes = false;
    while (true) {
        at_ = find_string_stop(text_, at_);
        if (at_ >= text_.size()) return wrong("the text ends within a string");
        if (text_[at_] == '"') break;
        if (text_[at_] != '\\') return wrong("control character in a string");
        string.has_escapes = true;
        if (!skip_escape()) return false;
    }
    string.raw = text_.substr(start, at_ - start);
    ++at_;
    return true;
}

bool JsonReader::read_number(std::string_view& number) {
    const std::size_t start = at_;
    const auto digits = [&] {
        const std::size_t from = at_;
        while (is_ascii_digit(current())) ++at_;
        return at_ > from;
    };
    take('-');
    if (!take('0') && !digits()) return wrong("a digit expected");
    if (take('.') && !digits()) return wrong("a digit expected after '.'");
    if (current() == 'e' || current() == 'E') {
        ++at_;
        if (current() == '+' || current() == '-') ++at_;
        if (!digits()) return wrong("a digit expected in the exponent");
    }
    number = text_.substr(start, at_ - start);
    return true;
}

bool JsonReader::skip_word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return wrong("a value expected");
    at_ += word.size();
    return true;
}

bool JsonReader::skip_scalar(JsonKind kind) {
    JsonString string;
    std::string_view number;
    switch (kind) {
        case JsonKind::string: return read_string(string);
        case JsonKind::number: return read_number(number);
        case JsonKind::true_: return skip_word("true");
        case JsonKind::false_: return skip_word("false");
        case JsonKind::null: return skip_word("null");
        case JsonKind::object:
        case JsonKind::array: break;
    }
    return wrong("a value expected");
}

/// At the first character of a value: reads a scalar, or the opening of a container. `value_follows` unless it was empty.
bool JsonReader::skip_opening(OpenContainers& open, bool& value_follows) {
    const auto kind = peek();
    value_follows = false;
    if (!kind) return wrong("a value expected");
    if (*kind != JsonKind::object && *kind != JsonKind::array) return skip_scalar(*kind);
    if (open.depth == max_json_depth) return wrong("nested too deep");
    const bool is_object = *kind == JsonKind::object;
    ++at_;
    skip_space();
    if (take(is_object ? '}' : ']')) return true;
    open.is_object[open.depth++] = is_object;
    value_follows = true;
    JsonString name;
    return !is_object || read_member_name(name);
}

/// Behind a value: closes what ends here, or goes on to the next value.
bool JsonReader::skip_closing(OpenContainers& open, bool& value_follows) {
    value_follows = false;
    while (open.depth > 0) {
        const bool is_object = open.is_object[open.depth - 1];
        skip_space();
        if (take(is_object ? '}' : ']')) {
            --open.depth;
            continue;
        }
        if (!take(',')) return wrong(is_object ? "',' or '}' expected" : "',' or ']' expected");
        skip_space();
        value_follows = true;
        JsonString name;
        return !is_object || read_member_name(name);
    }
    return true;
}

bool JsonReader::skip_value() {
    OpenContainers open;
    bool value_follows = true;
    while (value_follows) {
        if (!skip_opening(open, value_follows)) return false;
        if (!value_follows && !skip_closing(open, value_follows)) return false;
    }
    return true;
}

bool JsonReader::expect_end() {
    skip_space();
    return at_end() || wrong("text after the value");
}

}  // namespace tenter::event
