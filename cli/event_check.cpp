#include "cli/event_check.hpp"

#include <algorithm>
#include <utility>

#include "tenter/base/http_message.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/http_binding.hpp"
#include "tenter/event/json_format.hpp"

namespace tenter::cli {
namespace {

/// Valid JSON without the white space between its parts.
std::string on_one_line(BytesView json) {
    std::string line;
    line.reserve(json.size());
    bool in_string = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (c == '"') in_string = !in_string;
        if (!in_string && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) continue;
        line += c;
        if (in_string && c == '\\') line += json[++i];
    }
    return line;
}

/// Takes one line off, without its end.
std::string_view take_line(BytesView& rest) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == BytesView::npos ? BytesView{} : rest.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool is_request_line(std::string_view line) { return line.substr(0, line.find(':')).contains(' '); }

Result<event::CloudEvent> read_message(BytesView input) {
    std::vector<HeaderView> headers;
    bool ended = false;
    for (std::size_t number = 1; !input.empty() && !ended; ++number) {
        const std::string_view line = take_line(input);
        ended = line.empty();
        if (ended || (number == 1 && is_request_line(line))) continue;
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos || colon == 0)
            return fail(Errc::invalid_input, "line " + std::to_string(number) + ": \"Name: value\" expected");
        headers.push_back({line.substr(0, colon), trim_ows(line.substr(colon + 1))});
    }
    if (!ended) return fail(Errc::invalid_input, "an empty line expected between the headers and the body");
    return event::decode_binary(headers, input);
}

Result<std::vector<event::CloudEvent>> decode(EventMode mode, BytesView input) {
    if (mode == EventMode::batch) return event::decode_json_batch(input);
    auto event = mode == EventMode::structured ? event::decode_json(input) : read_message(input);
    if (!event) return fail(std::move(event.error()));
    return std::vector{std::move(*event)};
}

}  // namespace

std::optional<EventMode> parse_event_mode(std::string_view name) {
    if (name == "structured") return EventMode::structured;
    if (name == "binary") return EventMode::binary;
    if (name == "batch") return EventMode::batch;
    return std::nullopt;
}

Result<std::vector<std::string>> normalised_events(EventMode mode, BytesView input) {
    const auto events = decode(mode, input);
    if (!events) return fail(events.error());
    std::vector<std::string> lines;
    for (const auto& event : *events) {
        auto encoded = event::encode_json(event);
        if (!encoded) return fail(std::move(encoded.error()));
        lines.push_back(on_one_line(*encoded));
    }
    return lines;
}

}  // namespace tenter::cli
