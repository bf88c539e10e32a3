#include "tenter/elytra/cloud_event.hpp"

#include <variant>

#include <boost/json/value.hpp>

#include "tenter/base/exception.hpp"
#include "tenter/elytra/object.hpp"
#include "tenter/event/json_value.hpp"

namespace tenter::elytra {
namespace {

std::optional<std::string> text_extension(const event::CloudEvent& event, std::string_view name) {
    const auto* const value = event.extension(name);
    const auto* const text = value != nullptr ? std::get_if<std::string>(value) : nullptr;
    return text != nullptr ? std::optional(*text) : std::nullopt;
}

}  // namespace

std::optional<EventType> CloudEvent::get_event_type(std::string_view type_prefix) const {
    if (const auto name = text_extension(*this, "eventtype")) return EventType(std::string_view(*name));
    return event_type_of(type, type_prefix);
}

std::optional<Operation> CloudEvent::get_operation() const {
    const auto name = text_extension(*this, "operation");
    return name ? std::optional(Operation(std::string_view(*name))) : std::nullopt;
}

std::optional<std::string> CloudEvent::get_object_id() const {
    const auto* const json = std::get_if<event::JsonData>(&data);
    return json != nullptr ? object_id(json->text) : std::nullopt;
}

std::optional<std::string> CloudEvent::get_object_type() const {
    const auto* const json = std::get_if<event::JsonData>(&data);
    return json != nullptr ? object_type(json->text) : std::nullopt;
}

BytesView CloudEvent::raw_data() const noexcept {
    if (const auto* const json = std::get_if<event::JsonData>(&data)) return json->text;
    if (const auto* const text = std::get_if<event::TextData>(&data)) return text->text;
    if (const auto* const binary = std::get_if<event::BinaryData>(&data)) return binary->bytes;
    return {};
}

Result<boost::json::value> CloudEvent::try_get_data() const {
    const auto* const json = std::get_if<event::JsonData>(&data);
    return json != nullptr ? event::json_value(json->text, "data") : boost::json::value();
}

boost::json::value CloudEvent::get_data() const { return value_or_throw(try_get_data()); }

Result<boost::json::value> CloudEvent::try_get_object_data() const {
    auto value = try_get_data();
    if (!value) return value;
    auto* const object = value->if_object();
    auto* const found = object != nullptr ? object->if_contains("objectData") : nullptr;
    return found != nullptr ? std::move(*found) : boost::json::value();
}

boost::json::value CloudEvent::get_object_data() const { return value_or_throw(try_get_object_data()); }

}  // namespace tenter::elytra
