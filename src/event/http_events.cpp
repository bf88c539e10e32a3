// Whole events to and from HTTP messages, in the three modes.
#include "src/event/http_event_reader.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/cloud_event.hpp"
#include "tenter/event/http_binding.hpp"
#include "tenter/event/json.hpp"
#include "tenter/event/json_format.hpp"

namespace tenter::event {
namespace {

constexpr std::string_view structured_type = "application/cloudevents+json";
constexpr std::string_view batch_type = "application/cloudevents-batch+json";

/// Text that its type says to be UTF-8, or says nothing about.
bool is_plain_text(std::string_view content_type, BytesView body) {
    if (!media_type_essence(content_type).starts_with("text/") || !is_valid_utf8(body)) return false;
    const std::string lowered = ascii_lowered(content_type);
    const auto charset = lowered.find("charset=");
    if (charset == std::string::npos) return true;
    const std::string_view value = std::string_view(lowered).substr(charset + 8);
    return value.starts_with("utf-8") || value.starts_with("\"utf-8") || value.starts_with("us-ascii");
}

EventData binary_data(const std::optional<std::string>& content_type, BytesView body) {
    if (body.empty()) return std::monostate{};
    if (content_type && is_json_media_type(*content_type) && check_json(body)) return JsonData{Bytes(body)};
    if (content_type && is_plain_text(*content_type, body)) return TextData{std::string(body)};
    return BinaryData{Bytes(body)};
}

struct DataBytes {
    Bytes operator()(std::monostate) const { return {}; }
    Bytes operator()(const JsonData& data) const { return data.text; }
    Bytes operator()(const TextData& data) const { return data.text; }
    Bytes operator()(const BinaryData& data) const { return data.bytes; }
};

void put(std::vector<Header>& headers, std::string_view name, std::string_view value) {
    headers.push_back({"ce-" + std::string(name), encode_header_value(value)});
}

void put_optional(std::vector<Header>& headers, std::string_view name, const std::optional<std::string>& value) {
    if (value) put(headers, name, *value);
}

Result<std::vector<CloudEvent>> one_event(Result<CloudEvent> event) {
    if (!event) return fail(std::move(event.error()));
    std::vector<CloudEvent> events;
    events.push_back(std::move(*event));
    return events;
}

HttpContent message(std::string_view content_type, Bytes body) { return {{{"Content-Type", std::string(content_type)}}, std::move(body)}; }

}  // namespace

Result<EventSummary> read_binary_attributes(HeaderViews headers, AttributeCollector& attributes) {
    for (const auto& header : headers) {
        if (!starts_with_ignoring_case(header.name, "ce-")) continue;
        const std::string name = ascii_lowered(header.name.substr(3));
        if (name == "datacontenttype")
            return fail(Errc::invalid_input, "header ce-datacontenttype: the type of binary data goes in Content-Type");
        auto value = decode_header_value(header.value);
        if (!value) return fail(std::move(value.error()).within("header ce-" + name));
        if (auto added = attributes.add(name, std::move(*value)); !added) return fail(std::move(added.error()).within("header ce-" + name));
    }
    if (const auto content_type = find_header(headers, "content-type"); content_type && !content_type->empty()) {
        if (!is_valid_utf8(*content_type)) return fail(Errc::invalid_input, "attribute \"datacontenttype\": is not UTF-8");
        if (auto added = attributes.add("datacontenttype", std::string(*content_type)); !added) return fail(std::move(added.error()));
    }
    return std::move(attributes).finish();
}

Result<CloudEvent> decode_binary(HeaderViews headers, BytesView body) {
    CloudEvent event;
    AttributeCollector attributes(&event);
    if (auto read = read_binary_attributes(headers, attributes); !read) return fail(std::move(read.error()));
    event.data = binary_data(event.datacontenttype, body);
    return event;
}

Result<std::vector<CloudEvent>> decode_http(HeaderViews headers, BytesView body) {
    const std::string_view content_type = find_header(headers, "content-type").value_or("");
    const ContentMode mode = content_mode(content_type);
    if (mode == ContentMode::binary) return one_event(decode_binary(headers, body));
    if (!is_json_event_format(content_type))
        return fail(Errc::unsupported, "event format \"" + media_type_essence(content_type) + "\": only JSON is understood");
    return mode == ContentMode::batched ? decode_json_batch(body) : one_event(decode_json(body));
}

Result<HttpContent> encode_binary(const CloudEvent& event) {
    if (auto valid = event.validate(); !valid) return fail(std::move(valid.error()));
    HttpContent out;
    put(out.headers, "specversion", "1.0");
    put(out.headers, "id", event.id);
    put(out.headers, "source", event.source);
    put(out.headers, "type", event.type);
    put_optional(out.headers, "dataschema", event.dataschema);
    put_optional(out.headers, "subject", event.subject);
    if (event.time) put(out.headers, "time", event.time->text);
    for (const auto& extension : event.extensions) put(out.headers, extension.name, to_canonical_string(extension.value));
    if (event.datacontenttype) {
        out.headers.push_back({"Content-Type", *event.datacontenttype});
    } else if (std::holds_alternative<JsonData>(event.data)) {
        out.headers.push_back({"Content-Type", "application/json"});
    }
    out.body = std::visit(DataBytes{}, event.data);
    return out;
}

Result<HttpContent> encode_structured(const CloudEvent& event) {
    auto body = encode_json(event);
    if (!body) return fail(std::move(body.error()));
    return message(structured_type, std::move(*body));
}

Result<HttpContent> encode_batched(std::span<const CloudEvent> events) {
    auto body = encode_json_batch(events);
    if (!body) return fail(std::move(body.error()));
    return message(batch_type, std::move(*body));
}

}  // namespace tenter::event
