#pragma once
// tenter/receive/receiver.hpp: from a request to a verified, checked event, or to a refusal with its status.
//
//   method ----> verifier -----> content check ------> Received: one event, or those of a CloudEvents batch
//     | 405        | 401           | 400, 415
//
// The order is on purpose: nothing of a body is looked into before its sender is proven. Framework-neutral: whoever has the raw request can
// use it.

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/auth/verifier.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"
#include "tenter/elytra/cloud_event.hpp"
#include "tenter/event/event_check.hpp"

namespace tenter::receive {

/// What a body must be.
enum class Content : std::uint8_t {
    any,          ///< Everything is taken as it comes.
    json,         ///< Valid RFC 8259 in UTF-8, whatever its content type says; else 400.
    cloudevents,  ///< A CloudEvent in binary or structured mode, or a batch, JSON format; else 400, or 415 for another event format.
    elytra,       ///< As cloudevents; also a CloudEvent in JSON under any JSON content type, and Elytra's plain form.
};

struct ReceiverOptions {
    std::vector<std::string> methods{"POST"};
    Content content = Content::any;
    std::string elytra_source = "elytra-pim";       ///< `source` of the CloudEvents made of Elytra's plain form.
    std::string elytra_type_prefix = "com.elytra";  ///< Their `type` is this, a dot and the event type.
};

/// Why a request was not taken, ready to be answered.
struct Refusal {
    unsigned status = 400;
    std::string code;             ///< "invalid_input", "unauthenticated", "method_not_allowed", "unsupported"
    std::string message;          ///< For people; never a secret.
    std::vector<Header> headers;  ///< Allow with 405, WWW-Authenticate with 401.
};

/// One event; views into the request.
struct ReceivedEvent {
    BytesView body;                                    ///< The request's body, or one element of a batch, byte for byte.
    bool is_json = false;                              ///< Valid JSON in UTF-8 under a JSON content type, or under none.
    std::optional<event::EventSummary> cloud_event{};  ///< Of a CloudEvent that came as one.
    /// Elytra's plain form `{type, operation, objectData, ...}` as the CloudEvent that Elytra would send; `body` is the plain form. Its
    /// `id` is left empty: who stores the event gives it one.
    std::optional<elytra::CloudEvent> converted{};
};

struct Received {
    std::string_view verified_by = "none";  ///< The scheme; "none" where the source verifies nothing.
    bool is_batch = false;                  ///< A CloudEvents batch, which may be empty.
    bool is_event_json = false;             ///< Each event is one in CloudEvents' JSON format, whatever the request's content type was.
    std::vector<ReceivedEvent> events;
};

/// Checks the requests of one source. Immutable: `receive` may be called from any thread.
class Receiver {
public:
    /// Without a verifier every sender is believed: only for a source that says `verify = "none"`.
    Receiver(ReceiverOptions options, std::unique_ptr<const auth::Verifier> verifier);

    [[nodiscard]] std::expected<Received, Refusal> receive(const HttpRequestView& request, UnixMillis now) const;

    /// Where requests carry credentials that must never be stored.
    [[nodiscard]] const auth::CredentialPlaces& credential_places() const noexcept { return credential_places_; }
    /// "POST, OPTIONS": for Allow.
    [[nodiscard]] const std::string& allowed_methods() const noexcept { return allowed_methods_; }

private:
    [[nodiscard]] bool allows(std::string_view method) const noexcept;
    [[nodiscard]] Result<std::vector<ReceivedEvent>> check(const HttpRequestView& request, UnixMillis now, Received& received) const;

    ReceiverOptions options_;
    std::unique_ptr<const auth::Verifier> verifier_;
    auth::CredentialPlaces credential_places_;
    std::string allowed_methods_;
};

/// HTTP status for a failure, as every part of the gateway answers it.
[[nodiscard]] unsigned http_status(Errc code) noexcept;

/// `{"status":"error","code":"...","message":"..."}`
[[nodiscard]] std::string error_body(std::string_view code, std::string_view message);

}  // namespace tenter::receive
