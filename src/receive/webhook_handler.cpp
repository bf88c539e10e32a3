#include "tenter/receive/webhook_handler.hpp"

#include <string_view>
#include <utility>

#include "tenter/receive/receiver.hpp"

namespace tenter::receive {
namespace {

const Header allowed{"Allow", "POST, OPTIONS"};

HttpReply json_reply(unsigned status, std::string body) { return {status, {{"Content-Type", "application/json"}}, std::move(body)}; }

}  // namespace

WebhookHandler::WebhookHandler(WebhookValidator validator, Take take) : validator_(std::move(validator)), take_(std::move(take)) {}

Result<void> WebhookHandler::take_all(const HttpRequestView& request) const {
    auto events = validator_.try_validate_and_parse_batch(request);
    if (!events) return fail(std::move(events.error()));
    for (const auto& event : *events)
        if (auto taken = take_(event); !taken) return taken;
    return {};
}

HttpReply WebhookHandler::handle_request(const HttpRequestView& request) const try {
    if (request.method == "OPTIONS") return {204, {allowed}, ""};
    if (request.method != "POST") {
        auto reply = json_reply(405, error_body("method_not_allowed", "only POST is taken here"));
        reply.headers.push_back(allowed);
        return reply;
    }
    const auto taken = take_all(request);
    if (taken) return json_reply(200, R"({"status":"ok"})");
    auto reply = json_reply(http_status(taken.error().code), error_body(to_string(taken.error().code), taken.error().message));
    if (reply.status == 401 && !validator_.challenge().empty())
        reply.headers.push_back({"WWW-Authenticate", std::string(validator_.challenge())});
    if (reply.status == 503) reply.headers.push_back({"Retry-After", "1"});
    return reply;
} catch (...) {  // whatever the function threw is not for the sender
    return json_reply(500, error_body("internal", "the event could not be handled"));
}

HttpReply WebhookHandler::handle_request(BytesView body, HeaderViews headers) const {
    return handle_request({"POST", "/", headers, body, ""});
}

}  // namespace tenter::receive
