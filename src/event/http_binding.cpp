#include "tenter/event/http_binding.hpp"

#include "tenter/base/encoding.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/text.hpp"

namespace tenter::event {
namespace {

/// Takes the quotes off every quoted-string of the value and undoes its backslashes (RFC 7230 3.2.6); the rest stays.
Result<std::string> unquoted(std::string_view value) {
    std::string out;
    out.reserve(value.size());
    bool in_quotes = false;
    for (std::size_t i = 0; i < value.size(); ++i) {
        if (value[i] == '"') {
            in_quotes = !in_quotes;
        } else if (value[i] == '\\' && in_quotes) {
            if (++i == value.size()) return fail(Errc::invalid_input, "the value ends within an escape");
            out.push_back(value[i]);
        } else {
            out.push_back(value[i]);
        }
    }
    if (in_quotes) return fail(Errc::invalid_input, "the value ends within a quoted string");
    return out;
}

bool travels_as_it_is(char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '%'; }

}  // namespace

ContentMode content_mode(std::string_view content_type) noexcept {
    if (starts_with_ignoring_case(content_type, "application/cloudevents-batch")) return ContentMode::batched;
    if (starts_with_ignoring_case(content_type, "application/cloudevents")) return ContentMode::structured;
    return ContentMode::binary;
}

bool is_json_event_format(std::string_view content_type) {
    const std::string_view essence = trim_ows(content_type.substr(0, content_type.find(';')));
    return equals_ignoring_case(essence, "application/cloudevents+json") ||
           equals_ignoring_case(essence, "application/cloudevents-batch+json");
}

Result<std::string> decode_header_value(std::string_view value) {
    auto plain = unquoted(value);
    if (!plain) return plain;
    auto decoded = percent_decode(*plain);
    if (!decoded) return fail(Errc::invalid_input, "'%' without two hexadecimal digits");
    if (!is_valid_utf8(*decoded)) return fail(Errc::invalid_input, "not UTF-8");
    return std::move(*decoded);
}

std::string encode_header_value(std::string_view utf8) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out;
    out.reserve(utf8.size());
    for (const char c : utf8) {
        if (travels_as_it_is(c)) {
            out.push_back(c);
            continue;
        }
        const auto byte = static_cast<unsigned char>(c);
        out.push_back('%');
        out.push_back(digits[byte >> 4]);
        out.push_back(digits[byte & 0xF]);
    }
    return out;
}

}  // namespace tenter::event
