#include "tenter/elytra/object.hpp"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "tenter/base/text.hpp"
#include "tenter/event/json.hpp"

namespace tenter::elytra {
namespace {

bool is_string_or_integer(BytesView json) {
    if (json.starts_with('"')) return true;
    const BytesView digits = json.substr(json.starts_with('-') ? 1 : 0);
    return !digits.empty() && std::ranges::all_of(digits, is_ascii_digit);
}

std::optional<std::string> first_of(BytesView json, std::string_view data, std::initializer_list<std::string_view> places) {
    for (const auto place : places) {
        const auto raw = event::json_pointer_raw(json, std::string(data).append(place));
        if (!raw || !*raw || !is_string_or_integer(**raw)) continue;
        if (auto text = event::json_pointer_text(**raw, ""); text && *text) return std::move(**text);
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::string> object_id(BytesView json, std::string_view data) {
    return first_of(json, data, {"/objectId", "/objectData/objectId", "/objectData/id"});
}

std::optional<std::string> object_type(BytesView json, std::string_view data) {
    return first_of(json, data, {"/objectType", "/objectData/objectType", "/objectData/type"});
}

}  // namespace tenter::elytra
