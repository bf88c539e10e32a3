#include "cli/event_body.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <boost/json/value.hpp>

#include "tenter/base/json_text.hpp"
#include "tenter/envelope/payload_value.hpp"

namespace tenter::cli {
namespace {

/// Of a number the shortest digits that mean it. Boost.JSON would write 1.5 as 1.5E0.
template <class Number>
void append_number(std::string& out, Number number) {
    std::array<char, 32> digits{};
    out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
}

// As deep as the value, which cbor_value bounds.
void append_json(std::string& out, const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::null: out += "null"; return;
        case boost::json::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
        case boost::json::kind::int64: return append_number(out, value.get_int64());
        case boost::json::kind::uint64: return append_number(out, value.get_uint64());
        case boost::json::kind::double_: return append_number(out, value.get_double());
        case boost::json::kind::string: return append_json_string(out, value.get_string());
        case boost::json::kind::array: {
            char before = '[';
            for (const auto& element : value.get_array()) {
                out += std::exchange(before, ',');
                append_json(out, element);
            }
            out += value.get_array().empty() ? "[]" : "]";
            return;
        }
        case boost::json::kind::object: {
            char before = '{';
            for (const auto& [name, member] : value.get_object()) {
                out += std::exchange(before, ',');
                append_json_string(out, name);
                out += ':';
                append_json(out, member);
            }
            out += value.get_object().empty() ? "{}" : "}";
            return;
        }
    }
}

}  // namespace

EventBody event_body(const envelope::Envelope& envelope, bool by_tenter) {
    if (by_tenter)
        if (auto original = envelope::original_body(envelope)) return {.form = EventBody::Form::original, .bytes = std::move(*original)};
    const bool is_json = envelope.encoding == envelope::Encoding::json;
    return {.form = is_json ? EventBody::Form::json : EventBody::Form::cbor, .bytes = Bytes(envelope.payload)};
}

bool is_cbor_body(const envelope::Envelope& envelope, const EventBody& body) {
    if (body.form != EventBody::Form::original) return body.form == EventBody::Form::cbor;
    return envelope.encoding == envelope::Encoding::cbor && body.bytes == envelope.payload;  // else it was wrapped
}

Result<std::string> cbor_as_json(BytesView item) {
    const auto value = envelope::cbor_value(item);
    if (!value) return fail(value.error());
    std::string out;
    append_json(out, *value);
    return out;
}

}  // namespace tenter::cli
