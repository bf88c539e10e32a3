#pragma once
// tenter/receive/webhook_validator.hpp: who sent this webhook, and which event is it? With the names of `elytra_client.webhooks`.
//
//   const WebhookValidator validator(BasicAuth{"elytra", Secret(password)});
//   const elytra::CloudEvent event = validator.validate_and_parse(body, headers);      // throws WebhookValidationError
//   const auto event = validator.try_validate_and_parse(body, headers);                // Result<elytra::CloudEvent>
//
// Nothing of a body is looked into before its sender is proven.

#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "tenter/auth/credentials.hpp"
#include "tenter/auth/verifier.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/exception.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"
#include "tenter/elytra/cloud_event.hpp"

namespace tenter::receive {

/// What the throwing members throw. `what()` is fit for the sender and holds no secret.
class WebhookValidationError : public Exception {
public:
    using Exception::Exception;

    /// True: the sender is not proven (401). False: the sender is, and what it sent is wrong (400, or 415 for a format not understood).
    [[nodiscard]] bool is_unauthenticated() const noexcept { return code() == Errc::unauthenticated; }
    /// The HTTP status to answer with.
    [[nodiscard]] unsigned status() const noexcept;
};

/// Proves senders and reads their events. Cheap to copy. Immutable: all members may be called from any thread at once.
class WebhookValidator {
public:
    using Auth = std::variant<auth::BasicAuth, auth::BearerAuth, auth::ApiKeyAuth>;

    /// One credential. Throws Exception where `auth::make_verifier` fails: an empty secret, a user name with a colon ...
    explicit WebhookValidator(Auth auth);
    /// As in Python: "basic", "bearer" or "apikey", and the credential. Throws Exception also where the two do not belong together.
    WebhookValidator(std::string_view auth_type, Auth auth);
    /// Any other proof: several credentials at once (`auth::make_verifier`), a signature (`auth::make_signature_verifier`), your own.
    /// Throws Exception for nullptr: who wants to believe everybody says so with `without_authentication`.
    explicit WebhookValidator(std::unique_ptr<const auth::Verifier> verifier);

    /// Every sender is believed.
    [[nodiscard]] static WebhookValidator without_authentication();
    [[nodiscard]] static Result<WebhookValidator> make(Auth auth);
    [[nodiscard]] static Result<WebhookValidator> make(std::string_view auth_type, Auth auth);

    /// Signed timestamps are compared with this clock instead of the machine's. It must outlive the validator and its copies.
    [[nodiscard]] WebhookValidator with_clock(const Clock& clock) const;

    /// Proves the sender only: true, or throws. With `payload` and `headers` alone the request counts as POST to "/"; schemes that sign the
    /// URL or take a query parameter need the whole request.
    bool validate(BytesView payload, HeaderViews headers = {}) const;
    bool validate(const HttpRequestView& request) const;
    [[nodiscard]] Result<auth::Verified> try_validate(BytesView payload, HeaderViews headers = {}) const;
    [[nodiscard]] Result<auth::Verified> try_validate(const HttpRequestView& request) const;

    /// Reads only, proves nothing: `elytra::parse_webhook_payload`. Throws WebhookValidationError.
    [[nodiscard]] static elytra::CloudEvent parse(BytesView payload, HeaderViews headers = {});
    [[nodiscard]] static Result<elytra::CloudEvent> try_parse(BytesView payload, HeaderViews headers = {});

    /// Both. One event: a batch is refused.
    [[nodiscard]] elytra::CloudEvent validate_and_parse(BytesView payload, HeaderViews headers = {}) const;
    [[nodiscard]] elytra::CloudEvent validate_and_parse(const HttpRequestView& request) const;
    [[nodiscard]] Result<elytra::CloudEvent> try_validate_and_parse(BytesView payload, HeaderViews headers = {}) const;
    [[nodiscard]] Result<elytra::CloudEvent> try_validate_and_parse(const HttpRequestView& request) const;

    /// Both, for any mode: one event in binary and structured mode, any number in batched mode.
    [[nodiscard]] std::vector<elytra::CloudEvent> validate_and_parse_batch(const HttpRequestView& request) const;
    [[nodiscard]] Result<std::vector<elytra::CloudEvent>> try_validate_and_parse_batch(const HttpRequestView& request) const;

    /// For `WWW-Authenticate` with a 401; empty where the scheme has no challenge.
    [[nodiscard]] std::string_view challenge() const noexcept;

private:
    WebhookValidator() = default;

    std::shared_ptr<const auth::Verifier> verifier_;  ///< nullptr: everybody is believed.
    const Clock* clock_ = nullptr;                    ///< nullptr: the machine's.
};

}  // namespace tenter::receive
