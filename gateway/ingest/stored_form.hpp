#pragma once
// gateway/ingest/stored_form.hpp: what an event is in the log (design.md): one Kafka record whose value is the Avro envelope.
//
//   record headers   envelope = 0x80 | tenter-id | tenter-target | tenter-peer | tenter-verified | tenter-batch (batches only)
//   value            method, headers, payload, encoding
//
// Credentials are never stored: `authorization`, `proxy-authorization`, `cookie` and whatever carried the verifier's own password, token or
// key read "[redacted]", in `tenter-target` too. Signatures stay: a signed event can be verified again later.

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/log/event_log.hpp"
#include "tenter/auth/verifier.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/uuid.hpp"
#include "tenter/envelope/envelope.hpp"
#include "tenter/receive/receiver.hpp"

namespace tenter::ingest {

inline constexpr std::string_view redacted = "[redacted]";

/// The part of a request that all its events share, ready to be stored: lower-case header names, values in UTF-8 (what is not reads as
/// Latin-1), nothing secret. Views into the request and into its own memory; neither copied nor moved.
class StoredRequest {
public:
    StoredRequest(const HttpRequestView& request, const auth::CredentialPlaces& credentials, bool is_event_json);
    StoredRequest(const StoredRequest&) = delete;
    StoredRequest& operator=(const StoredRequest&) = delete;
    ~StoredRequest() = default;

    [[nodiscard]] envelope::Method method() const noexcept { return method_; }
    /// With `is_event_json` (an element of a batch, Elytra's plain form) the content type is that of an event in JSON, and Content-Length,
    /// which was the request's, is left out.
    [[nodiscard]] HeaderViews headers() const noexcept { return headers_; }
    [[nodiscard]] const std::string& target() const noexcept { return target_; }
    [[nodiscard]] std::optional<std::string_view> content_type() const noexcept { return content_type_; }

private:
    envelope::Method method_;
    std::string names_;                ///< All lower-case names, back to back; reserved at once, so that views into it stay.
    std::vector<std::string> values_;  ///< Values that had to be rewritten; reserved at once.
    std::vector<HeaderView> headers_;
    std::string target_;
    std::optional<std::string_view> content_type_;
};

/// The target with the values of those query parameters replaced by "[redacted]".
[[nodiscard]] std::string redact_query(std::string_view target, const std::vector<std::string>& parameters);

/// One event as a record: owns what `log::NewRecord` views.
class StoredEvent {
public:
    struct Place {
        std::size_t index = 0;
        std::size_t count = 0;
    };

    StoredEvent(const StoredRequest& request, const receive::ReceivedEvent& event, const Uuid& id, std::optional<std::string> key,
                std::string_view peer, std::string_view verified_by);
    /// Says that the event is one of a batch. Before `record`.
    void set_batch(const Uuid& batch_id, Place place);

    /// Views into this object and the request: valid while both stay where they are.
    [[nodiscard]] log::NewRecord record(log::TopicId topic, UnixMillis received_at) const;

private:
    static constexpr std::size_t max_headers = 6;

    std::array<char, 36> id_;
    std::optional<std::string> key_;
    Bytes value_;
    std::string batch_;
    mutable std::array<log::RecordHeaderView, max_headers> headers_;
    std::string_view target_;
    std::string_view peer_;
    std::string_view verified_by_;
};

}  // namespace tenter::ingest
