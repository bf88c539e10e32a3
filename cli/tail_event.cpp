#include "cli/tail_event.hpp"

#include "cli/event_body.hpp"
#include "cli/terminal_text.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/json_text.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/envelope/envelope.hpp"
#include "tenter/event/json.hpp"

namespace tenter::cli {
namespace {

constexpr std::size_t shown_binary_bytes = 1024;

/// Headers that say how the request travelled, not what it is about.
bool is_about_transport(std::string_view name) {
    for (const std::string_view noise : {"accept", "accept-encoding", "connection", "content-length", "host", "user-agent", "expect"})
        if (name == noise) return true;
    return false;
}

/// Fills in what the envelope holds. Fails where there is none that can be read.
Result<void> read_envelope(const RecordView& record, TailEvent& event) {
    const auto kind = envelope::classify(record.header(envelope::header_name));
    if (!kind) return fail(kind.error());
    if (*kind != envelope::EnvelopeKind::avro_v1) return fail(Errc::unsupported, "a system record, not an event");
    if (!record.value) return fail(Errc::invalid_input, "the record has no value");
    const auto decoded = envelope::decode(*record.value);
    if (!decoded) return fail(decoded.error());
    event.has_envelope = true;
    event.method = envelope::to_string(decoded->method);
    decoded->headers.for_each([&](std::string_view name, std::string_view value) { event.headers.emplace_back(name, value); });
    auto body = event_body(*decoded, !event.id.empty());
    if (is_cbor_body(*decoded, body)) {
        auto json = cbor_as_json(body.bytes);
        if (json) {
            event.body_json = std::move(*json);
        } else if (body.form == EventBody::Form::cbor) {  // what arrived at Tenter may be anything
            event.error = "payload: " + json.error().message;
        }
    } else if (body.form == EventBody::Form::json) {
        if (const auto checked = event::check_json(body.bytes); !checked) event.error = "payload: " + checked.error().message;
    }
    event.body = std::move(body.bytes);
    return {};
}

/// Record headers may hold any octets.
std::string as_text(BytesView bytes) { return is_valid_utf8(bytes) ? std::string(bytes) : latin1_to_utf8(bytes); }
std::string shown_text(BytesView bytes) { return terminal_safe(as_text(bytes)); }

void append_member(std::string& out, std::string_view name, std::string_view text) {
    out += ',';
    append_json_string(out, name);
    out += ':';
    append_json_string(out, text);
}

/// `"name":"text"`, or `"name_base64":"..."` where the bytes are not UTF-8.
void append_octets(std::string& out, std::string_view name, BytesView bytes) {
    if (is_valid_utf8(bytes)) return append_member(out, name, bytes);
    append_member(out, std::string(name) + "_base64", base64_encode(bytes));
}

void append_octets_or_null(std::string& out, std::string_view name, const std::optional<std::string>& octets) {
    if (octets) return append_octets(out, name, *octets);
    out += ",\"" + std::string(name) + "\":null";
}

std::string shown_body(const TailEvent& event, bool colour) {
    if (event.body.empty()) return {};
    if (event.body_json) return Paint(colour).faint("CBOR, as JSON:") + "\n" + indented_json(*event.body_json, colour);
    if (event::check_json(event.body)) return indented_json(event.body, colour);
    if (is_valid_utf8(event.body)) return terminal_safe(event.body) + "\n";
    return hex_dump(event.body, shown_binary_bytes);
}

}  // namespace

RecordView view_of(const log::StoredRecord& record, std::string_view source, std::int32_t partition) {
    return {.source = source,
            .partition = partition,
            .offset = record.offset.value,
            .time = record.timestamp,
            .key = record.key,
            .value = record.value,
            .header = [&record](std::string_view name) { return record.header(name); }};
}

TailEvent read_event(const RecordView& record) {
    TailEvent event;
    event.source = record.source;
    event.partition = record.partition;
    event.offset = record.offset;
    event.time = record.time;
    event.id = as_text(record.header("tenter-id").value_or(""));
    event.target = as_text(record.header("tenter-target").value_or(""));
    event.verified = as_text(record.header("tenter-verified").value_or(""));
    if (record.key) event.key = std::string(*record.key);
    if (const auto read = read_envelope(record, event); !read) {
        event.error = read.error().message;
        if (record.value) event.unread = Bytes(*record.value);
    }
    return event;
}

void append_headers_json(std::string& out, const std::vector<std::pair<std::string, std::string>>& headers) {
    out += '{';
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const bool goes_on = i > 0 && headers[i - 1].first == headers[i].first;
        if (goes_on) {
            out.back() = ',';
        } else {
            if (i > 0) out += ',';
            append_json_string(out, headers[i].first);
            out += ":[";
        }
        append_json_string(out, headers[i].second);
        out += ']';
    }
    out += '}';
}

std::string to_json_line(const TailEvent& event) {
    std::string out = "{\"id\":";
    append_json_string(out, event.id);
    append_member(out, "source", event.source);
    out += ",\"partition\":" + std::to_string(event.partition) + ",\"offset\":" + std::to_string(event.offset);
    append_member(out, "time", to_rfc3339(event.time));
    if (event.has_envelope) {
        append_member(out, "method", event.method);
        append_member(out, "target", event.target);
        out += ",\"headers\":";
        append_headers_json(out, event.headers);
        append_member(out, "verified", event.verified);
    }
    append_octets_or_null(out, "key", event.key);
    if (event.has_envelope) {
        append_octets(out, "body", event.body);
        if (event.body_json) out += ",\"body_json\":" + *event.body_json;
    } else {
        append_octets_or_null(out, "value", event.unread);
    }
    if (event.error) append_member(out, "error", *event.error);
    return out + "}\n";
}

std::string to_pretty_text(const TailEvent& event, bool colour) {
    const Paint paint(colour);
    std::string out = paint.faint(to_rfc3339(event.time)) + "  ";
    if (event.has_envelope) out += paint.bold(event.method) + " " + terminal_safe(event.target) + "  ";
    out += paint.faint(event.source + "/" + std::to_string(event.partition) + "@" + std::to_string(event.offset));
    if (event.verified == "none") {
        out += "  " + paint.warning("not verified");
    } else if (!event.verified.empty()) {
        out += "  " + paint.good("verified by " + terminal_safe(event.verified));
    }
    if (event.key) out += "  key " + paint.bold(shown_text(*event.key));
    out += "\n";
    if (event.error) out += paint.warning("! " + terminal_safe(*event.error)) + "\n";
    for (const auto& [name, value] : event.headers)
        if (!is_about_transport(name)) out += "  " + paint.name(terminal_safe(name)) + ": " + terminal_safe(value) + "\n";
    if (event.unread) out += hex_dump(*event.unread, shown_binary_bytes);
    return out + shown_body(event, colour) + "\n";
}

}  // namespace tenter::cli
