// src/elytra/plain_form.cpp: what Elytra sends where it is not told to send CloudEvents.

#include <algorithm>
#include <array>
#include <utility>

#include "tenter/elytra/parse.hpp"
#include "tenter/event/json.hpp"

namespace tenter::elytra {
namespace {

constexpr std::array<std::string_view, 5> known_members{"type", "operation", "objectId", "objectType", "objectData"};

std::unexpected<Error> wrong(std::string_view member, std::string_view what) {
    return fail(Errc::invalid_input, std::string(member).append(": ").append(what));
}

/// Checked: each of the known ones at most once, and no other.
Result<std::vector<event::JsonMember>> read_members(BytesView body) {
    auto members = event::json_members(body);
    if (!members) return members;
    for (auto it = members->begin(); it != members->end(); ++it) {
        if (std::ranges::find(known_members, it->name) == known_members.end())
            return wrong(it->name,
                         "neither a CloudEvent (it has no specversion) nor of Elytra's type, operation, objectId, objectType, objectData");
        if (std::any_of(members->begin(), it, [&](const auto& before) { return before.name == it->name; }))
            return wrong(it->name, "stands there twice");
    }
    return members;
}

const event::JsonMember* find(const std::vector<event::JsonMember>& members, std::string_view name) {
    const auto found = std::ranges::find(members, name, &event::JsonMember::name);
    return found == members.end() ? nullptr : &*found;
}

Result<std::string> required_text(const std::vector<event::JsonMember>& members, std::string_view name) {
    const auto* const member = find(members, name);
    if (member == nullptr) return wrong(name, "missing");
    if (!member->value.starts_with('"')) return wrong(name, "expected a text that is not empty");
    auto text = event::json_pointer_text(member->value, "");
    if (!text || !*text || (*text)->empty()) return wrong(name, "expected a text that is not empty");
    return std::move(**text);
}

/// The object of what is neither type nor operation, each value as it was sent.
Result<Bytes> object_of(const std::vector<event::JsonMember>& members) {
    const auto* const object_data = find(members, "objectData");
    if (object_data == nullptr && find(members, "objectId") == nullptr) return wrong("objectData", "missing, and no objectId either");
    if (object_data != nullptr && !object_data->value.starts_with('{')) return wrong("objectData", "expected an object");
    Bytes object = "{";
    for (const auto& member : members) {
        if (member.name == "type" || member.name == "operation") continue;
        if (object.size() > 1) object += ',';
        object.append("\"").append(member.name).append("\":").append(member.value);
    }
    return object + "}";
}

}  // namespace

Result<CloudEvent> from_plain_form(BytesView body, const PlainFormOptions& options) {
    const auto members = read_members(body);
    if (!members) return fail(members.error());
    auto event_type = required_text(*members, "type");
    if (!event_type) return fail(std::move(event_type.error()));
    auto operation = required_text(*members, "operation");
    if (!operation) return fail(std::move(operation.error()));
    auto object = object_of(*members);
    if (!object) return fail(std::move(object.error()));

    CloudEvent event;
    event.id = options.id;
    event.source = options.source;
    event.type = cloud_event_type(EventType(std::string_view(*event_type)), options.type_prefix);
    event.datacontenttype = "application/json";
    event.time = options.time;
    event.extensions = {{"eventtype", std::move(*event_type)}, {"operation", std::move(*operation)}};
    event.data = event::JsonData{std::move(*object)};
    if (auto valid = event.validate(); !valid) return fail(std::move(valid.error()));
    return event;
}

}  // namespace tenter::elytra
