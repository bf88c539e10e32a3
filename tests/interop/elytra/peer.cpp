// Answers what our library makes of a request: one JSON object a line on standard input, {"auth","headers":[[name,value]...],"body" in
// base64}, and one on standard output, in the words of oracle.py.
#include <iostream>
#include <string>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "tenter/base/encoding.hpp"
#include "tenter/receive/webhook_validator.hpp"

namespace {

namespace json = boost::json;
using namespace tenter;

std::string text_of(const json::value& value) { return std::string(value.as_string()); }

receive::WebhookValidator validator_of(const json::object& auth) {
    const auto type = text_of(auth.at("type"));
    const auto text = [&](const char* name) { return text_of(auth.at(name)); };
    if (type == "basic") return receive::WebhookValidator(auth::BasicAuth{text("username"), Secret(text("password"))});
    if (type == "bearer") return receive::WebhookValidator(auth::BearerAuth{Secret(text("token"))});
    return receive::WebhookValidator(auth::ApiKeyAuth{Secret(text("api_key")), text("header_name")});
}

json::value or_null(const std::optional<std::string>& text) { return text ? json::value(*text) : json::value(); }

template <class Enumeration>
json::value or_null(const std::optional<Enumeration>& value) {
    return value ? json::value(value->value()) : json::value();
}

json::object answer(const json::object& request) {
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& header : request.at("headers").as_array()) headers.emplace_back(text_of(header.at(0)), text_of(header.at(1)));
    std::vector<HeaderView> views;
    for (const auto& [name, value] : headers) views.push_back({name, value});
    const auto body = base64_decode(text_of(request.at("body")));
    const auto event = validator_of(request.at("auth").as_object()).try_validate_and_parse(*body, views);
    if (!event) return {{"status", receive::WebhookValidationError(event.error()).status()}};
    const auto data = event->try_get_object_data();
    return {{"status", 200},
            {"id", event->id},
            {"source", event->source},
            {"type", event->type},
            {"subject", or_null(event->subject)},
            {"dataschema", or_null(event->dataschema)},
            {"datacontenttype", event->datacontenttype.value_or("application/json")},
            {"event_type", or_null(event->get_event_type())},
            {"operation", or_null(event->get_operation())},
            {"object_data", data ? *data : json::value("no value: " + data.error().message)},
            {"object_id", or_null(event->get_object_id())},
            {"object_type", or_null(event->get_object_type())}};
}

}  // namespace

int main() {
    std::ios::sync_with_stdio(false);
    for (std::string line; std::getline(std::cin, line);) std::cout << json::serialize(answer(json::parse(line).as_object())) << '\n';
}
