#include "cli/tail_event.hpp"

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

Result<TailEvent> read_envelope(const log::StoredRecord& record, TailEvent event) {
    const auto kind = envelope::classify(record.header(envelope::header_name));
    if (!kind) return fail(kind.error());
    if (*kind != envelope::EnvelopeKind::avro_v1) return fail(Errc::unsupported, "a system record, not an event");
    const auto decoded = envelope::decode(record.value.value_or(BytesView{}));
    if (!decoded) return fail(decoded.error());
    auto body = envelope::original_body(*decoded);
    if (!body) return fail(std::move(body.error()));
    event.body = std::move(*body);
    event.method = envelope::to_string(decoded->method);
    decoded->headers.for_each([&](std::string_view name, std::string_view value) { event.headers.emplace_back(name, value); });
    return event;
}

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

void append_headers(std::string& out, const TailEvent& event) {
    out += R"(,"headers":{)";
    for (std::size_t i = 0; i < event.headers.size(); ++i) {
        const bool goes_on = i > 0 && event.headers[i - 1].first == event.headers[i].first;
        if (goes_on) {
            out.back() = ',';
        } else {
            if (i > 0) out += ',';
            append_json_string(out, event.headers[i].first);
            out += ":[";
        }
        append_json_string(out, event.headers[i].second);
        out += ']';
    }
    out += '}';
}

std::string shown_body(const TailEvent& event, bool colour) {
    if (event.body.empty()) return {};
    if (event::check_json(event.body)) return indented_json(event.body, colour);
    if (is_valid_utf8(event.body)) return terminal_safe(event.body) + "\n";
    return hex_dump(event.body, shown_binary_bytes);
}

}  // namespace

Result<TailEvent> read_event(const log::StoredRecord& record, std::string_view source, std::int32_t partition) {
    TailEvent event;
    event.source = source;
    event.partition = partition;
    event.offset = record.offset.value;
    event.time = record.timestamp;
    event.id = record.header("tenter-id").value_or("");
    event.target = record.header("tenter-target").value_or("");
    event.verified = record.header("tenter-verified").value_or("");
    if (record.key) event.key = std::string(*record.key);
    auto read = read_envelope(record, std::move(event));
    if (!read) {
        return fail(std::move(read.error())
                        .within(std::string(source) + " partition " + std::to_string(partition) + " offset " +
                                std::to_string(record.offset.value)));
    }
    return read;
}

std::string to_json_line(const TailEvent& event) {
    std::string out = "{\"id\":";
    append_json_string(out, event.id);
    append_member(out, "source", event.source);
    out += ",\"partition\":" + std::to_string(event.partition) + ",\"offset\":" + std::to_string(event.offset);
    append_member(out, "time", to_rfc3339(event.time));
    append_member(out, "method", event.method);
    append_member(out, "target", event.target);
    append_headers(out, event);
    append_member(out, "verified", event.verified);
    if (event.key) {
        append_octets(out, "key", *event.key);
    } else {
        out += ",\"key\":null";
    }
    append_octets(out, "body", event.body);
    return out + "}\n";
}

std::string to_pretty_text(const TailEvent& event, bool colour) {
    const Paint paint(colour);
    std::string out = paint.faint(to_rfc3339(event.time)) + "  " + paint.bold(event.method) + " " + terminal_safe(event.target) + "  " +
                      paint.faint(event.source + "/" + std::to_string(event.partition) + "@" + std::to_string(event.offset)) + "  ";
    out += event.verified == "none" ? paint.warning("not verified") : paint.good("verified by " + event.verified);
    if (event.key) out += "  key " + paint.bold(terminal_safe(is_valid_utf8(*event.key) ? *event.key : latin1_to_utf8(*event.key)));
    out += "\n";
    for (const auto& [name, value] : event.headers)
        if (!is_about_transport(name)) out += "  " + paint.name(terminal_safe(name)) + ": " + terminal_safe(value) + "\n";
    return out + shown_body(event, colour) + "\n";
}

}  // namespace tenter::cli
