#include "cli/event_filter.hpp"

#include <algorithm>
#include <utility>

#include "tenter/base/text.hpp"
#include "tenter/event/json.hpp"

namespace tenter::cli {

EventFilter::Condition EventFilter::split(std::string_view text) {
    const auto equals = text.find('=');
    if (equals == std::string_view::npos) return {.at = std::string(text), .value = std::nullopt};
    return {.at = std::string(text.substr(0, equals)), .value = std::string(text.substr(equals + 1))};
}

Result<void> EventFilter::add_header(std::string_view text) {
    auto condition = split(text);
    if (condition.at.empty()) return fail(Errc::invalid_input, "expected NAME or NAME=VALUE");
    headers_.push_back(std::move(condition));
    return {};
}

Result<void> EventFilter::add_pointer(std::string_view text) {
    auto condition = split(text);
    if (auto checked = event::check_json_pointer(condition.at); !checked) return checked;
    pointers_.push_back(std::move(condition));
    return {};
}

bool EventFilter::has_header(const TailEvent& event, const Condition& condition) {
    return std::ranges::any_of(event.headers, [&](const auto& header) {
        return equals_ignoring_case(header.first, condition.at) && (!condition.value || header.second == *condition.value);
    });
}

bool EventFilter::has_place(std::string_view json, const Condition& condition) {
    const auto raw = event::json_pointer_raw(json, condition.at);
    if (!raw || !*raw) return false;
    if (!condition.value || **raw == *condition.value) return true;
    const auto text = event::json_pointer_text(json, condition.at);
    return text && *text && **text == *condition.value;
}

bool EventFilter::matches(const TailEvent& event) const {
    if (headers_.empty() && pointers_.empty()) return true;
    if (!event.has_envelope) return false;
    const bool has_headers = std::ranges::all_of(headers_, [&](const auto& condition) { return has_header(event, condition); });
    if (!has_headers || pointers_.empty()) return has_headers;
    const std::string_view json = event.body_json ? *event.body_json : event.body;
    return event::check_json(json) && std::ranges::all_of(pointers_, [&](const auto& condition) { return has_place(json, condition); });
}

}  // namespace tenter::cli
