#include "tenter/elytra/parse.hpp"

#include <cmath>
#include <string>
#include <utility>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tenter/base/exception.hpp"
#include "tenter/event/http_binding.hpp"
#include "tenter/event/json_format.hpp"

namespace tenter::elytra {
namespace {

CloudEvent with_content_type(event::CloudEvent event) {
    if (!event.datacontenttype && std::holds_alternative<event::JsonData>(event.data)) event.datacontenttype = "application/json";
    return CloudEvent(std::move(event));
}

Result<CloudEvent> parse_json(BytesView body) {
    auto event = event::decode_json(body);
    if (!event) return fail(std::move(event.error()));
    return with_content_type(std::move(*event));
}

/// Neither the content type nor a header says that it is one of CloudEvents' modes.
bool is_bare(HeaderViews headers) {
    return event::content_mode(find_header(headers, "content-type").value_or("")) == event::ContentMode::binary &&
           !find_header(headers, "ce-specversion");
}

/// A path into `value` at which a number is not finite, or nothing.
std::optional<std::string> find_infinite(const boost::json::value& value, const std::string& path) {
    if (const auto* const number = value.if_double()) return std::isfinite(*number) ? std::nullopt : std::optional(path);
    if (const auto* const array = value.if_array()) {
        for (std::size_t i = 0; i < array->size(); ++i)
            if (auto found = find_infinite((*array)[i], path + "[" + std::to_string(i) + "]")) return found;
    }
    if (const auto* const object = value.if_object()) {
        for (const auto& [name, member] : *object)
            if (auto found = find_infinite(member, path.empty() ? std::string(name) : path + "." + std::string(name))) return found;
    }
    return std::nullopt;
}

}  // namespace

Result<std::vector<CloudEvent>> try_parse_webhook_batch(BytesView body, HeaderViews headers) {
    std::vector<CloudEvent> events;
    if (is_bare(headers)) {
        auto event = parse_json(body);
        if (!event) return fail(std::move(event.error()));
        events.push_back(std::move(*event));
        return events;
    }
    auto decoded = event::decode_http(headers, body);
    if (!decoded) return fail(std::move(decoded.error()));
    events.reserve(decoded->size());
    for (auto& event : *decoded) events.push_back(with_content_type(std::move(event)));
    return events;
}

Result<CloudEvent> try_parse_webhook_payload(BytesView body, HeaderViews headers) {
    if (is_bare(headers)) return parse_json(body);
    auto events = try_parse_webhook_batch(body, headers);
    if (!events) return fail(std::move(events.error()));
    if (events->size() != 1)
        return fail(Errc::invalid_input, "a batch of " + std::to_string(events->size()) + " events where one is expected");
    return std::move(events->front());
}

Result<CloudEvent> try_parse_webhook_value(const boost::json::value& payload) {
    if (const auto path = find_infinite(payload, "")) return fail(Errc::invalid_input, *path + ": a number that is not finite");
    return parse_json(boost::json::serialize(payload));
}

CloudEvent parse_webhook_payload(BytesView body, HeaderViews headers) { return value_or_throw(try_parse_webhook_payload(body, headers)); }

CloudEvent parse_webhook_value(const boost::json::value& payload) { return value_or_throw(try_parse_webhook_value(payload)); }

std::vector<CloudEvent> parse_webhook_batch(BytesView body, HeaderViews headers) {
    return value_or_throw(try_parse_webhook_batch(body, headers));
}

}  // namespace tenter::elytra
