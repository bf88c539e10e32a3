#include "gateway/ingest/ordering_key.hpp"

#include <string_view>
#include <utility>
#include <variant>

#include "tenter/elytra/object.hpp"
#include "tenter/event/json.hpp"

namespace tenter::ingest {
namespace {

using MaybeKey = std::optional<std::string>;

MaybeKey text_at(BytesView body, std::string_view pointer) {
    auto text = event::json_pointer_text(body, pointer);
    return text ? std::move(*text) : std::nullopt;
}

/// Where the object stands: a structured event carries it under `data`, a binary one is it.
MaybeKey elytra_key(BytesView body) {
    auto id = elytra::object_id(body, "/data");
    if (!id) id = elytra::object_id(body);
    if (!id) return std::nullopt;
    auto type = elytra::object_type(body, "/data");
    if (!type) type = elytra::object_type(body);
    return type.value_or("") + ":" + *id;
}

struct KeyFinder {
    const HttpRequestView& request;
    const receive::ReceivedEvent& event;

    MaybeKey operator()(const config::KeyNone&) const { return std::nullopt; }
    MaybeKey operator()(const config::KeyCloudEvents&) const {
        if (!event.cloud_event) return std::nullopt;
        const auto& key = event.cloud_event->partitionkey ? event.cloud_event->partitionkey : event.cloud_event->subject;
        return key ? MaybeKey(*key) : std::nullopt;
    }
    MaybeKey operator()(const config::KeyElytra&) const { return event.is_json ? elytra_key(event.body) : std::nullopt; }
    MaybeKey operator()(const config::KeyHeader& rule) const {
        const auto value = find_header(request.headers, rule.name);
        return value ? MaybeKey(*value) : std::nullopt;
    }
    MaybeKey operator()(const config::KeyJsonPointer& rule) const {
        return event.is_json ? text_at(event.body, rule.pointer) : std::nullopt;
    }
};

}  // namespace

std::optional<std::string> ordering_key(const config::KeyRule& rule, const HttpRequestView& request, const receive::ReceivedEvent& event) {
    return std::visit(KeyFinder{request, event}, rule);
}

}  // namespace tenter::ingest
