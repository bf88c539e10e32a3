#include "tenter/receive/webhook_validator.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "tenter/elytra/parse.hpp"
#include "tenter/receive/receiver.hpp"

namespace tenter::receive {
namespace {

constexpr std::string_view no_verifier = "everybody is believed only where without_authentication() says so";
/// In the order of WebhookValidator::Auth.
constexpr std::array<std::string_view, 3> auth_types{"basic", "bearer", "apikey"};

Result<std::unique_ptr<auth::Verifier>> verifier_of(WebhookValidator::Auth credential) {
    return std::visit([](auto one) { return auth::make_verifier(std::vector{std::move(one)}); }, std::move(credential));
}

Result<void> check_type(std::string_view auth_type, const WebhookValidator::Auth& credential) {
    const std::string_view its_type = auth_types[credential.index()];
    if (auth_type == its_type) return {};
    if (std::ranges::find(auth_types, auth_type) == auth_types.end())
        return fail(Errc::invalid_input, "auth_type: \"basic\", \"bearer\" or \"apikey\" expected");
    return fail(Errc::invalid_input, "auth_type: the credential given is for \"" + std::string(its_type) + "\"");
}

HttpRequestView posted(BytesView payload, HeaderViews headers) { return {"POST", "/", headers, payload, ""}; }

}  // namespace

unsigned WebhookValidationError::status() const noexcept { return http_status(code()); }

WebhookValidator::WebhookValidator(Auth auth) : verifier_(value_or_throw(verifier_of(std::move(auth)))) {}

WebhookValidator::WebhookValidator(std::string_view auth_type, Auth auth) {
    value_or_throw(check_type(auth_type, auth));
    verifier_ = value_or_throw(verifier_of(std::move(auth)));
}

WebhookValidator::WebhookValidator(std::unique_ptr<const auth::Verifier> verifier) : verifier_(std::move(verifier)) {
    if (!verifier_) throw Exception(Error{Errc::invalid_input, std::string(no_verifier), 0});
}

WebhookValidator WebhookValidator::without_authentication() { return {}; }

Result<WebhookValidator> WebhookValidator::make(Auth auth) {
    auto verifier = verifier_of(std::move(auth));
    if (!verifier) return fail(std::move(verifier.error()));
    return WebhookValidator(std::move(*verifier));
}

Result<WebhookValidator> WebhookValidator::make(std::string_view auth_type, Auth auth) {
    if (auto checked = check_type(auth_type, auth); !checked) return fail(std::move(checked.error()));
    return make(std::move(auth));
}

WebhookValidator WebhookValidator::with_clock(const Clock& clock) const {
    WebhookValidator copy = *this;
    copy.clock_ = &clock;
    return copy;
}

Result<auth::Verified> WebhookValidator::try_validate(const HttpRequestView& request) const {
    if (!verifier_) return auth::Verified{"none", {}};
    return verifier_->verify(request, clock_ != nullptr ? clock_->now() : SystemClock().now());
}

Result<auth::Verified> WebhookValidator::try_validate(BytesView payload, HeaderViews headers) const {
    return try_validate(posted(payload, headers));
}

bool WebhookValidator::validate(const HttpRequestView& request) const {
    value_or_throw<WebhookValidationError>(try_validate(request));
    return true;
}

bool WebhookValidator::validate(BytesView payload, HeaderViews headers) const { return validate(posted(payload, headers)); }

Result<elytra::CloudEvent> WebhookValidator::try_parse(BytesView payload, HeaderViews headers) {
    return elytra::try_parse_webhook_payload(payload, headers);
}

elytra::CloudEvent WebhookValidator::parse(BytesView payload, HeaderViews headers) {
    return value_or_throw<WebhookValidationError>(try_parse(payload, headers));
}

Result<elytra::CloudEvent> WebhookValidator::try_validate_and_parse(const HttpRequestView& request) const {
    if (auto verified = try_validate(request); !verified) return fail(std::move(verified.error()));
    return try_parse(request.body, request.headers);
}

Result<elytra::CloudEvent> WebhookValidator::try_validate_and_parse(BytesView payload, HeaderViews headers) const {
    return try_validate_and_parse(posted(payload, headers));
}

elytra::CloudEvent WebhookValidator::validate_and_parse(const HttpRequestView& request) const {
    return value_or_throw<WebhookValidationError>(try_validate_and_parse(request));
}

elytra::CloudEvent WebhookValidator::validate_and_parse(BytesView payload, HeaderViews headers) const {
    return validate_and_parse(posted(payload, headers));
}

Result<std::vector<elytra::CloudEvent>> WebhookValidator::try_validate_and_parse_batch(const HttpRequestView& request) const {
    if (auto verified = try_validate(request); !verified) return fail(std::move(verified.error()));
    return elytra::try_parse_webhook_batch(request.body, request.headers);
}

std::vector<elytra::CloudEvent> WebhookValidator::validate_and_parse_batch(const HttpRequestView& request) const {
    return value_or_throw<WebhookValidationError>(try_validate_and_parse_batch(request));
}

std::string_view WebhookValidator::challenge() const noexcept { return verifier_ ? verifier_->challenge() : std::string_view{}; }

}  // namespace tenter::receive
