#include "tenter/receive/receiver.hpp"

#include <algorithm>
#include <utility>

#include "tenter/base/json_text.hpp"
#include "tenter/base/text.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/elytra/parse.hpp"
#include "tenter/event/http_binding.hpp"
#include "tenter/event/json.hpp"

namespace tenter::receive {
namespace {

using Checked = Result<std::vector<ReceivedEvent>>;

std::unexpected<Refusal> refuse(Error error) {
    return std::unexpected(Refusal{http_status(error.code), std::string(to_string(error.code)), std::move(error.message), {}});
}

/// A body under a coding that we do not undo cannot be looked into (RFC 9110 8.4.1).
bool is_encoded(HeaderViews headers) {
    const auto coding = find_header(headers, "content-encoding");
    return coding && !coding->empty() && !equals_ignoring_case(*coding, "identity");
}

bool calls_itself_json(HeaderViews headers) {
    const auto content_type = find_header(headers, "content-type");
    return !content_type || content_type->empty() || is_json_media_type(*content_type);
}

Checked check_any(const HttpRequestView& request) {
    const bool is_json = calls_itself_json(request.headers) && event::check_json(request.body).has_value();
    return std::vector{ReceivedEvent{request.body, is_json, std::nullopt}};
}

Checked check_json(const HttpRequestView& request) {
    if (is_encoded(request.headers)) return fail(Errc::unsupported, "Content-Encoding: send the body as it is");
    if (auto valid = event::check_json(request.body); !valid) return fail(std::move(valid.error()).within("body"));
    return std::vector{ReceivedEvent{request.body, calls_itself_json(request.headers), std::nullopt}};
}

Checked check_structured(const HttpRequestView& request) {
    auto summary = event::check_json_event(request.body);
    if (!summary) return fail(std::move(summary.error()));
    return std::vector{ReceivedEvent{request.body, true, std::move(*summary)}};
}

Checked check_batched(const HttpRequestView& request) {
    auto elements = event::check_json_batch(request.body);
    if (!elements) return fail(std::move(elements.error()));
    std::vector<ReceivedEvent> events;
    events.reserve(elements->size());
    for (auto& element : *elements) events.push_back({element.bytes, true, std::move(element.summary)});
    return events;
}

Checked check_binary(const HttpRequestView& request) {
    auto summary = event::check_binary_event(request.headers, request.body);
    if (!summary) return fail(std::move(summary.error()));
    const bool is_json = calls_itself_json(request.headers) && event::check_json(request.body).has_value();
    return std::vector{ReceivedEvent{request.body, is_json, std::move(*summary)}};
}

Checked check_cloudevents(const HttpRequestView& request, event::ContentMode mode) {
    if (is_encoded(request.headers)) return fail(Errc::unsupported, "Content-Encoding: send the body as it is");
    if (mode == event::ContentMode::binary) return check_binary(request);
    if (!event::is_json_event_format(find_header(request.headers, "content-type").value_or("")))
        return fail(Errc::unsupported, "Content-Type: only the JSON event format is understood (application/cloudevents+json)");
    return mode == event::ContentMode::batched ? check_batched(request) : check_structured(request);
}

/// Neither an event format nor binary mode: the body alone says what it is.
bool is_plain(const HttpRequestView& request, event::ContentMode mode) {
    return mode == event::ContentMode::binary && std::ranges::none_of(request.headers, [](const HeaderView& header) {
               return equals_ignoring_case(header.name, "ce-specversion");
           });
}

/// A JSON body without CloudEvents' headers: a CloudEvent where it says `specversion`, else Elytra's plain form.
Checked check_plain_elytra(const HttpRequestView& request, const ReceiverOptions& options, UnixMillis now) {
    if (is_encoded(request.headers)) return fail(Errc::unsupported, "Content-Encoding: send the body as it is");
    if (!calls_itself_json(request.headers)) return fail(Errc::unsupported, "Content-Type: JSON expected");
    if (event::json_pointer_text(request.body, "/specversion").value_or(std::nullopt)) return check_structured(request);
    auto converted = elytra::from_plain_form(
        request.body, {options.elytra_source, options.elytra_type_prefix, "placeholder", event::Timestamp{to_rfc3339(now), now}});
    if (!converted) return fail(std::move(converted.error()));
    converted->id.clear();
    return std::vector{ReceivedEvent{request.body, true, std::nullopt, std::move(*converted)}};
}

}  // namespace

unsigned http_status(Errc code) noexcept {
    switch (code) {
        case Errc::invalid_input: return 400;
        case Errc::unauthenticated: return 401;
        case Errc::not_found: return 404;
        case Errc::too_large: return 413;
        case Errc::unavailable:
        case Errc::overloaded: return 503;
        case Errc::corrupt: return 500;
        case Errc::unsupported: return 415;
    }
    return 500;
}

std::string error_body(std::string_view code, std::string_view message) {
    std::string body = R"({"status":"error","code":)";
    append_json_string(body, code);
    body += R"(,"message":)";
    append_json_string(body, message);
    body += '}';
    return body;
}

Receiver::Receiver(ReceiverOptions options, std::unique_ptr<const auth::Verifier> verifier)
    : options_(std::move(options)), verifier_(std::move(verifier)) {
    if (verifier_) credential_places_ = verifier_->credential_places();
    for (const auto& method : options_.methods) allowed_methods_ += method + ", ";
    allowed_methods_ += "OPTIONS";
}

bool Receiver::allows(std::string_view method) const noexcept {
    return std::ranges::find(options_.methods, method) != options_.methods.end();
}

Result<std::vector<ReceivedEvent>> Receiver::check(const HttpRequestView& request, UnixMillis now, Received& received) const {
    if (options_.content == Content::any) return check_any(request);
    if (options_.content == Content::json) return check_json(request);
    const auto mode = event::content_mode(find_header(request.headers, "content-type").value_or(""));
    const bool is_plain_elytra = options_.content == Content::elytra && is_plain(request, mode);
    received.is_batch = mode == event::ContentMode::batched;
    received.is_event_json = received.is_batch || is_plain_elytra;
    return is_plain_elytra ? check_plain_elytra(request, options_, now) : check_cloudevents(request, mode);
}

std::expected<Received, Refusal> Receiver::receive(const HttpRequestView& request, UnixMillis now) const {
    if (!allows(request.method)) {
        return std::unexpected(Refusal{405, "method_not_allowed", "this source takes " + allowed_methods_, {{"Allow", allowed_methods_}}});
    }
    Received received;
    if (verifier_) {
        auto verified = verifier_->verify(request, now);
        if (!verified) {
            auto refusal = refuse(std::move(verified.error()));
            if (refusal.error().status == 401 && !verifier_->challenge().empty())
                refusal.error().headers.push_back({"WWW-Authenticate", std::string(verifier_->challenge())});
            return refusal;
        }
        received.verified_by = verified->scheme;
    }
    auto events = check(request, now, received);
    if (!events) return refuse(std::move(events.error()));
    received.events = std::move(*events);
    return received;
}

}  // namespace tenter::receive
