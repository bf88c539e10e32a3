#include "cli/event_environment.hpp"

#include <string_view>
#include <utility>

#include <unistd.h>

#include "cli/event_body.hpp"
#include "cli/tail_event.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/timestamp.hpp"

namespace tenter::cli {
namespace {

class Variables {
public:
    void add(std::string name, BytesView value) {
        if (!is_valid_utf8(value) || value.find('\0') != BytesView::npos) return add(name + "_BASE64", base64_encode(value));
        if (value.size() > max_variable) {
            omitted_ += (omitted_.empty() ? "" : " ") + name;
            return;
        }
        lines_.push_back(std::move(name) + "=" + std::string(value));
    }
    void add_if(const std::string& name, const std::optional<BytesView>& value) {
        if (value) add(name, *value);
    }
    std::vector<std::string> take() {
        if (!omitted_.empty()) lines_.push_back("TENTER_OMITTED=" + omitted_);
        return std::move(lines_);
    }

private:
    std::vector<std::string> lines_;
    std::string omitted_;
};

EventBody body_of(const consume::WebhookEvent& event) {
    return event_body(event.as_envelope(), event.record_headers.find("tenter-id").has_value());
}

std::string_view name_of(EventBody::Form form) {
    switch (form) {
        case EventBody::Form::json: return "json";
        case EventBody::Form::cbor: return "cbor";
        case EventBody::Form::original: break;
    }
    return "original";
}

std::string headers_of(const consume::WebhookEvent& event) {
    std::vector<std::pair<std::string, std::string>> headers;
    event.headers.for_each([&](std::string_view name, std::string_view value) { headers.emplace_back(name, value); });
    std::string json;
    append_headers_json(json, headers);
    return json;
}

}  // namespace

std::vector<std::string> event_variables(const consume::WebhookEvent& event) {
    Variables variables;
    variables.add("TENTER_TOPIC", event.topic);
    variables.add("TENTER_PARTITION", std::to_string(event.partition));
    variables.add("TENTER_OFFSET", std::to_string(event.offset));
    variables.add("TENTER_METHOD", envelope::to_string(event.method));
    variables.add("TENTER_TIMESTAMP", to_rfc3339(event.timestamp));
    variables.add("TENTER_ATTEMPT", std::to_string(event.attempt + 1));
    variables.add("TENTER_HEADERS", headers_of(event));
    variables.add("TENTER_PAYLOAD", name_of(body_of(event).form));
    variables.add_if("TENTER_KEY", event.key);
    variables.add_if("TENTER_ID", event.record_headers.find("tenter-id"));
    variables.add_if("TENTER_TARGET", event.record_headers.find("tenter-target"));
    variables.add_if("TENTER_VERIFIED", event.record_headers.find("tenter-verified"));
    variables.add_if("TENTER_CONTENT_TYPE", event.headers.find("content-type"));
    return variables.take();
}

std::vector<std::string> environment_with(std::vector<std::string> variables) {
    for (char** line = environ; line != nullptr && *line != nullptr; ++line)
        if (!std::string_view(*line).starts_with("TENTER_")) variables.emplace_back(*line);
    return variables;
}

Bytes event_input(const consume::WebhookEvent& event) { return body_of(event).bytes; }

}  // namespace tenter::cli
