#include "gateway/ingest/ordering_key.hpp"

#include <initializer_list>
#include <string_view>
#include <utility>
#include <variant>

#include "tenter/event/json.hpp"

namespace tenter::ingest {
namespace {

using MaybeKey = std::optional<std::string>;

MaybeKey first_at(const receive::ReceivedEvent& event, std::initializer_list<std::string_view> pointers) {
    for (const auto pointer : pointers)
        if (auto text = event::json_pointer_text(event.body, pointer); text && *text) return std::move(**text);
    return std::nullopt;
}

/// Where the object stands: a structured event carries it under `data`, a binary one is it.
MaybeKey elytra_key(const receive::ReceivedEvent& event) {
    const auto type = first_at(event, {"/data/objectType", "/data/objectData/objectType", "/data/objectData/type", "/objectType",
                                       "/objectData/objectType", "/objectData/type"});
    auto id = first_at(event, {"/data/objectId", "/data/objectData/objectId", "/data/objectData/id", "/objectId", "/objectData/objectId",
                               "/objectData/id"});
    if (!id) return std::nullopt;
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
    MaybeKey operator()(const config::KeyElytra&) const { return event.is_json ? elytra_key(event) : std::nullopt; }
    MaybeKey operator()(const config::KeyHeader& rule) const {
        const auto value = find_header(request.headers, rule.name);
        return value ? MaybeKey(*value) : std::nullopt;
    }
    MaybeKey operator()(const config::KeyJsonPointer& rule) const { return event.is_json ? first_at(event, {rule.pointer}) : std::nullopt; }
};

}  // namespace

std::optional<std::string> ordering_key(const config::KeyRule& rule, const HttpRequestView& request, const receive::ReceivedEvent& event) {
    return std::visit(KeyFinder{request, event}, rule);
}

}  // namespace tenter::ingest
