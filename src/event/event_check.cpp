#include "tenter/event/event_check.hpp"

#include "src/event/attribute_rules.hpp"
#include "src/event/json_reader.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/http_binding.hpp"

namespace tenter::event {
namespace {

/// An Integer attribute: signed, 32 bits, no fraction and no exponent ("integer part only").
bool is_int32(std::string_view number) {
    const bool negative = number.starts_with('-');
    const std::string_view digits = number.substr(negative ? 1 : 0);
    if (digits.empty() || digits.size() > 10) return false;
    std::int64_t value = 0;
    for (const char c : digits) {
        if (!is_ascii_digit(c)) return false;
        value = value * 10 + (c - '0');
    }
    return value <= (negative ? 2'147'483'648LL : 2'147'483'647LL);
}

/// Reads the members of one event, the reader standing before its '{'.
class JsonEventReader {
public:
    JsonEventReader(JsonReader& reader, BytesView text) : reader_(reader), text_(text) {}

    Result<EventSummary> read() {
        const bool read = reader_.peek() == JsonKind::object ? reader_.read_object([&](const JsonString& name) { return member(name); })
                                                             : reader_.wrong("an object expected");
        if (!read) return fail(fault_ ? std::move(*fault_) : reader_.error());
        if (has_data_ && has_base64_) return fail(Errc::invalid_input, "\"data\" and \"data_base64\" exclude each other");
        return std::move(attributes_).finish();
    }

private:
    bool member(const JsonString& name) {
        const std::size_t at = reader_.at();
        auto decoded = name.decoded();
        if (!decoded) return stop(std::move(decoded.error()), at);
        if (*decoded == "data") return once(has_data_, "data", at) && reader_.skip_value();
        if (*decoded == "data_base64") return base64(at);
        return attribute(*decoded, at);
    }

    bool attribute(const std::string& name, std::size_t at) {
        const auto kind = reader_.peek();
        if (kind == JsonKind::string) {
            JsonString string;
            if (!reader_.read_string(string)) return false;
            auto text = string.decoded();
            return text ? taken(attributes_.add(name, std::move(*text)), at) : stop(std::move(text.error()).within(name), at);
        }
        if (!reader_.skip_value()) return false;
        if (kind == JsonKind::null) return taken(attributes_.add_unset(name), at);
        const std::string_view text = text_.substr(at, reader_.at() - at);
        const bool is_core = find_core_attribute(name).has_value();
        if (!is_core && (kind == JsonKind::true_ || kind == JsonKind::false_)) return taken(attributes_.add(name, std::string(text)), at);
        if (!is_core && kind == JsonKind::number && is_int32(text)) return taken(attributes_.add(name, std::string(text)), at);
        return stop(
            {Errc::invalid_input,
             "attribute \"" + name + "\": " + (is_core ? "must be a string" : "must be a string, a boolean or a 32-bit integer"), 0},
            at);
    }

    bool base64(std::size_t at) {
        if (!once(seen_base64_, "data_base64", at)) return false;
        const auto kind = reader_.peek();
        if (kind == JsonKind::null) return reader_.skip_value();
        JsonString string;
        if (kind != JsonKind::string) return stop({Errc::invalid_input, "\"data_base64\": must be a string", 0}, at);
        if (!reader_.read_string(string)) return false;
        has_base64_ = true;
        const auto text = string.decoded();
        const auto bytes = text ? base64_decode(*text) : Result<Bytes>(fail(text.error()));
        return bytes ? true : stop(Error(bytes.error()).within("\"data_base64\""), at);
    }

    bool once(bool& seen, std::string_view name, std::size_t at) {
        if (!std::exchange(seen, true)) return true;
        return stop({Errc::invalid_input, "\"" + std::string(name) + "\" stands there twice", 0}, at);
    }
    bool taken(Result<void> result, std::size_t at) { return result ? true : stop(std::move(result.error()), at); }
    bool stop(Error error, std::size_t at) {
        error.message += " (byte " + std::to_string(at) + ")";
        fault_ = std::move(error);
        return false;
    }

    JsonReader& reader_;
    BytesView text_;
    AttributeCollector attributes_;
    std::optional<Error> fault_;
    bool has_data_ = false;
    bool seen_base64_ = false;
    bool has_base64_ = false;
};

std::unexpected<Error> not_utf8() { return fail(Errc::invalid_input, "JSON: not UTF-8"); }

}  // namespace

Result<EventSummary> check_json_event(BytesView body) {
    if (!is_valid_utf8(body)) return not_utf8();
    JsonReader reader(body);
    reader.skip_space();
    auto summary = JsonEventReader(reader, body).read();
    if (!summary) return summary;
    if (!reader.expect_end()) return fail(reader.error());
    return summary;
}

Result<std::vector<BatchElement>> check_json_batch(BytesView body) {
    if (!is_valid_utf8(body)) return not_utf8();
    JsonReader reader(body);
    reader.skip_space();
    std::vector<BatchElement> elements;
    std::optional<Error> fault;
    const bool read = reader.peek() == JsonKind::array ? reader.read_array([&] {
        const std::size_t start = reader.at();
        auto summary = JsonEventReader(reader, body).read();
        if (!summary) {
            fault = std::move(summary.error()).within("event " + std::to_string(elements.size()));
            return false;
        }
        elements.push_back({body.substr(start, reader.at() - start), std::move(*summary)});
        return true;
    })
                                                       : reader.wrong("an array expected");
    if (!read || !reader.expect_end()) return fail(fault ? std::move(*fault) : reader.error());
    return elements;
}

Result<EventSummary> check_binary_event(HeaderViews headers, BytesView body) {
    static_cast<void>(body);  // data of any kind
    AttributeCollector attributes;
    for (const auto& header : headers) {
        if (!starts_with_ignoring_case(header.name, "ce-")) continue;
        const std::string name = ascii_lowered(header.name.substr(3));
        if (name == "datacontenttype")
            return fail(Errc::invalid_input, "header ce-datacontenttype: the type of binary data goes in Content-Type");
        auto value = decode_header_value(header.value);
        if (!value) return fail(std::move(value.error()).within("header ce-" + name));
        if (auto added = attributes.add(name, std::move(*value)); !added) return fail(std::move(added.error()).within("header ce-" + name));
    }
    if (const auto content_type = find_header(headers, "content-type"); content_type && !content_type->empty())
        if (auto checked = check_core_attribute(CoreAttribute::datacontenttype, *content_type); !checked) return fail(checked.error());
    return std::move(attributes).finish();
}

}  // namespace tenter::event
