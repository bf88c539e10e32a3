#include "tenter/event/json_format.hpp"

#include "src/event/json_event_reader.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/json_text.hpp"

namespace tenter::event {
namespace {

/// Names need no escapes: they are checked attribute names or our own.
void append_name(Bytes& out, std::string_view name) { out.append(out.ends_with('{') ? "\"" : ",\"").append(name).append("\":"); }

void append_text(Bytes& out, std::string_view name, std::string_view text) {
    append_name(out, name);
    append_json_string(out, text);
}

void append_optional(Bytes& out, std::string_view name, const std::optional<std::string>& text) {
    if (text) append_text(out, name, *text);
}

void append_extension(Bytes& out, const Extension& extension) {
    const AttributeType type = type_of(extension.value);
    const std::string text = to_canonical_string(extension.value);
    if (type != AttributeType::boolean && type != AttributeType::integer) return append_text(out, extension.name, text);
    append_name(out, extension.name);
    out.append(text);
}

void append_data(Bytes& out, const EventData& data) {
    if (const auto* json = std::get_if<JsonData>(&data)) {
        append_name(out, "data");
        out.append(json->text);
    } else if (const auto* text = std::get_if<TextData>(&data)) {
        append_text(out, "data", text->text);
    } else if (const auto* binary = std::get_if<BinaryData>(&data)) {
        append_text(out, "data_base64", base64_encode(binary->bytes));
    }
}

/// The event must be valid.
void append_event(Bytes& out, const CloudEvent& event) {
    out.push_back('{');
    append_text(out, "specversion", "1.0");
    append_text(out, "id", event.id);
    append_text(out, "source", event.source);
    append_text(out, "type", event.type);
    append_optional(out, "datacontenttype", event.datacontenttype);
    append_optional(out, "dataschema", event.dataschema);
    append_optional(out, "subject", event.subject);
    if (event.time) append_text(out, "time", event.time->text);
    for (const auto& extension : event.extensions) append_extension(out, extension);
    append_data(out, event.data);
    out.push_back('}');
}

}  // namespace

Result<CloudEvent> decode_json(BytesView body) {
    CloudEvent event;
    if (auto read = read_json_event(body, &event); !read) return fail(std::move(read.error()));
    return event;
}

Result<std::vector<CloudEvent>> decode_json_batch(BytesView body) {
    std::vector<CloudEvent> events;
    auto read = read_json_batch(body, [&](JsonReader& reader) -> Result<void> {
        auto one = JsonEventReader(reader, body, &events.emplace_back()).read();
        return one ? Result<void>{} : fail(std::move(one.error()));
    });
    if (!read) return fail(std::move(read.error()));
    return events;
}

Result<Bytes> encode_json(const CloudEvent& event) {
    if (auto valid = event.validate(); !valid) return fail(std::move(valid.error()));
    Bytes out;
    append_event(out, event);
    return out;
}

Result<Bytes> encode_json_batch(std::span<const CloudEvent> events) {
    Bytes out = "[";
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (auto valid = events[i].validate(); !valid) return fail(std::move(valid.error()).within("event " + std::to_string(i)));
        if (i > 0) out.push_back(',');
        append_event(out, events[i]);
    }
    out.push_back(']');
    return out;
}

}  // namespace tenter::event
