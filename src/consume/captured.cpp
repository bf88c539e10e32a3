// Records for scripts: made by hand, or read from what `tenter tail --json` printed.
#include <algorithm>
#include <utility>

#include <boost/json/value.hpp>

#include "tenter/base/encoding.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/exception.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/text.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/consume/scripted_consumer.hpp"
#include "tenter/envelope/envelope.hpp"
#include "tenter/event/json.hpp"
#include "tenter/event/json_value.hpp"

namespace tenter::consume {
namespace {

constexpr std::size_t max_file_size = 256 << 20;
constexpr std::string_view error_of_system_records = "a system record, not an event";  // as cli/tail_event.cpp writes it

ScriptedRecord enveloped(Method method, const HeaderList& headers, BytesView payload, Encoding encoding) {
    HeaderList lowered;
    for (const auto& [name, value] : headers) lowered.emplace_back(ascii_lowered(name), value);
    std::vector<HeaderView> views;
    for (const auto& [name, value] : lowered) views.push_back({.name = name, .value = value});
    ScriptedRecord record;
    record.value.emplace();
    envelope::encode({.method = method, .headers = views, .payload = payload, .encoding = encoding}, *record.value);
    record.headers.emplace_back(envelope::header_name, Bytes(envelope::avro_v1_header_value));
    return record;
}

/// The members of one line, each of which must be there and of its type.
class Line {
public:
    explicit Line(const boost::json::object& members) : members_(members) {}

    [[nodiscard]] bool has(std::string_view name) const { return members_.contains(name); }
    [[nodiscard]] Result<std::string> text(std::string_view name) const {
        const auto* const value = members_.if_contains(name);
        if (value == nullptr || !value->is_string()) return fail(Errc::invalid_input, std::string(name) + " must be a string");
        return std::string(value->get_string());
    }
    [[nodiscard]] Result<std::int64_t> number(std::string_view name) const {
        const auto* const value = members_.if_contains(name);
        if (value == nullptr || !value->is_int64() || value->get_int64() < 0)
            return fail(Errc::invalid_input, std::string(name) + " must be a number that is not negative");
        return value->get_int64();
    }
    /// `name` or `name_base64`; nothing where it is null.
    [[nodiscard]] Result<std::optional<Bytes>> octets(std::string_view name) const {
        const auto encoded_name = std::string(name) + "_base64";
        if (members_.contains(encoded_name)) {
            const auto encoded = text(encoded_name);
            if (!encoded) return fail(encoded.error());
            auto bytes = base64_decode(*encoded);
            if (!bytes) return fail(std::move(bytes.error()).within(encoded_name));
            return std::optional<Bytes>(std::move(*bytes));
        }
        if (const auto* const value = members_.if_contains(name); value != nullptr && value->is_null()) return std::optional<Bytes>();
        auto plain = text(name);
        if (!plain) return fail(std::move(plain.error()));
        return std::optional<Bytes>(std::move(*plain));
    }
    [[nodiscard]] Result<HeaderList> headers() const {
        const auto wrong = [] { return fail(Errc::invalid_input, "headers must be an object of lists of strings"); };
        const auto* const value = members_.if_contains("headers");
        if (value == nullptr || !value->is_object()) return wrong();
        HeaderList headers;
        for (const auto& [name, values] : value->get_object()) {
            if (!values.is_array()) return wrong();
            for (const auto& each : values.get_array()) {
                if (!each.is_string()) return wrong();
                headers.emplace_back(std::string_view(name), std::string_view(each.get_string()));
            }
        }
        return headers;
    }

private:
    const boost::json::object& members_;
};

/// The first failure of several results.
template <class... Results>
std::optional<Error> first_failure(const Results&... results) {
    std::optional<Error> failure;
    const auto look = [&](const auto& result) {
        if (!result && !failure) failure = result.error();
    };
    (look(results), ...);
    return failure;
}

/// The envelope of another program's: its payload is what the line shows as the body.
ScriptedRecord foreign_webhook(Method method, const HeaderList& headers, BytesView payload, bool has_value) {
    const bool is_cbor = has_value || !is_valid_utf8(payload);  // CBOR without a value is broken, as JSON is that is no text
    return enveloped(method, headers, payload, is_cbor ? Encoding::cbor : Encoding::json);
}

/// A record with an envelope.
Result<ScriptedRecord> read_webhook(const Line& line) {
    const auto method_name = line.text("method");
    const auto headers = line.headers();
    const auto body = line.octets("body");
    if (auto failure = first_failure(method_name, headers, body)) return fail(std::move(*failure));
    if (!*body) return fail(Errc::invalid_input, "body must not be null");
    const auto method = envelope::parse_method(*method_name);
    if (!method) return fail(Errc::invalid_input, "method \"" + *method_name + "\" is none that an envelope can hold");
    const auto id = line.text("id");
    if (id && id->empty()) return foreign_webhook(*method, *headers, **body, line.has("body_json"));
    return captured_webhook(*method, *headers, **body);
}

/// A record whose envelope could not be read. Which header `envelope` it had is not in the line, but what was wrong is: without one a
/// readable value is as wrong as it was.
Result<ScriptedRecord> read_unreadable(const Line& line) {
    auto value = line.octets("value");
    const auto error = line.text("error");
    if (auto failure = first_failure(value, error)) return fail(std::move(*failure));
    ScriptedRecord record;
    record.value = std::move(*value);
    if (*error == error_of_system_records) {
        record.headers.emplace_back(envelope::header_name, Bytes(1, '\0'));
    } else if (!record.value || !envelope::decode(*record.value)) {
        record.headers.emplace_back(envelope::header_name, Bytes(envelope::avro_v1_header_value));
    }
    return record;
}

Result<ScriptedRecord> read_line(std::string_view text) {
    const auto value = event::json_value(text);
    if (!value) return fail(value.error());
    if (!value->is_object()) return fail(Errc::invalid_input, "not a JSON object");
    const Line line(value->get_object());
    const auto source = line.text("source");
    const auto partition = line.number("partition");
    const auto offset = line.number("offset");
    const auto time_text = line.text("time");
    auto key = line.octets("key");
    if (auto failure = first_failure(source, partition, offset, time_text, key)) return fail(std::move(*failure));
    if (*partition > INT32_MAX) return fail(Errc::invalid_input, "partition is too large");
    const auto time = parse_rfc3339(*time_text);
    if (!time) return fail(Errc::invalid_input, "time: " + time.error().message);
    auto read = line.has("error") && !line.has("method") ? read_unreadable(line) : read_webhook(line);
    if (!read) return read;
    auto& record = *read;
    record.topic = *source;
    record.partition = static_cast<std::int32_t>(*partition);
    record.offset = *offset;
    record.timestamp = *time;
    record.key = std::move(*key);
    for (const auto* const name : {"id", "target", "verified"})
        if (auto about = line.text(name); about && !about->empty())
            record.headers.emplace_back("tenter-" + std::string(name), std::move(*about));
    return read;
}

}  // namespace

ScriptedRecord webhook(Method method, const HeaderList& headers, BytesView payload) {
    return enveloped(method, headers, payload, Encoding::json);
}

ScriptedRecord captured_webhook(Method method, const HeaderList& headers, BytesView body) {
    const auto type = std::ranges::find_if(headers, [](const auto& each) { return equals_ignoring_case(each.first, "content-type"); });
    const auto content_type = type == headers.end() ? std::nullopt : std::optional<std::string_view>(type->second);
    const auto choice = envelope::choose_payload(body, content_type, event::check_json(body).has_value());
    return enveloped(method, headers, choice.as_it_is ? body : BytesView(choice.wrapped), choice.encoding);
}

Result<std::vector<ScriptedRecord>> read_captured(std::string_view json_lines) {
    std::vector<ScriptedRecord> records;
    std::size_t number = 0;
    while (!json_lines.empty()) {
        ++number;
        const auto end = std::min(json_lines.find('\n'), json_lines.size());
        const auto line = json_lines.substr(0, end);
        json_lines.remove_prefix(std::min(end + 1, json_lines.size()));
        if (trim_ows(line).empty()) continue;
        auto record = read_line(line);
        if (!record) return fail(std::move(record.error()).within("line " + std::to_string(number)));
        records.push_back(std::move(*record));
    }
    return records;
}

std::vector<ScriptedRecord> captured_file(const std::string& path) {
    PosixEnv env;
    const auto text = value_or_throw(read_file(env, path, max_file_size));
    auto records = read_captured(text);
    if (!records) throw Exception(std::move(records.error()).within(path));
    return std::move(*records);
}

}  // namespace tenter::consume
