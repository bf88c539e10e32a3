#pragma once
// tenter/consume/webhook_event.hpp: one webhook, as a consumer's callback gets it.
//
//   Kafka record: key, headers, timestamp          topic, partition, offset
//     `- value: Avro envelope --> method, headers, payload (JSON or CBOR)
//
// Views into the record: nothing is copied, nothing is decoded before it is asked for. They are good until the callback returns.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/fwd.hpp>

#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"
#include "tenter/consume/errors.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::consume {

using envelope::Encoding;
using envelope::Method;

/// The header lines of the webhook's request, in their order. Names are lower-case; each may have several values. A view.
class Headers {
public:
    explicit Headers(envelope::EncodedHeaders encoded = envelope::EncodedHeaders{}) noexcept : encoded_(encoded) {}

    /// The first value of that name, compared without case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const { return encoded_.find(name); }
    [[nodiscard]] bool contains(std::string_view name) const { return find(name).has_value(); }
    /// All values of that name, compared without case, in their order.
    [[nodiscard]] std::vector<std::string_view> values(std::string_view name) const;
    /// Calls `visit(name, value)` for each value of each header. A header with an empty list is not visited.
    template <class Visit>
    void for_each(Visit visit) const {
        encoded_.for_each(std::move(visit));
    }
    /// A copy that outlives the event: names with their lists, in order.
    [[nodiscard]] std::vector<std::pair<std::string, std::vector<std::string>>> to_lists() const;
    [[nodiscard]] envelope::EncodedHeaders encoded() const noexcept { return encoded_; }

private:
    envelope::EncodedHeaders encoded_;
};

class RecordBatch;

/// The headers of the Kafka record: `envelope`, and what the sender's gateway adds (`tenter-id`, `tenter-target`, ...). A view.
class RecordHeaders {
public:
    struct Entry {
        std::string_view name;
        std::optional<BytesView> value;  ///< Nothing: null.
    };

    RecordHeaders() = default;
    RecordHeaders(const RecordBatch& batch, std::size_t index) noexcept : batch_(&batch), index_(index) {}

    /// The first of exactly that name; nothing where there is none, or it is null.
    [[nodiscard]] std::optional<BytesView> find(std::string_view name) const;
    /// That of the number, from 0; nothing behind the last.
    [[nodiscard]] std::optional<Entry> at(std::size_t number) const;
    template <class Visit>
    void for_each(Visit visit) const {
        for (std::size_t number = 0;; ++number) {
            const auto entry = at(number);
            if (!entry) return;
            visit(entry->name, entry->value);
        }
    }

private:
    const RecordBatch* batch_ = nullptr;
    std::size_t index_ = 0;
};

namespace detail {
/// Complete once you include tenter/consume/payload_as.hpp, which `payload_as` needs.
struct IncludePayloadAs;
}  // namespace detail

/// A webhook. `method`, `timestamp`, `headers` and `payload` are those of the Python package.
struct WebhookEvent {
    Method method = Method::post;
    UnixMillis timestamp;  ///< When it was received.
    Headers headers;
    Encoding encoding = Encoding::json;
    BytesView payload_bytes;  ///< As it is in the envelope: one JSON text, or one CBOR item.

    std::optional<BytesView> key;  ///< Nothing: null.
    std::string_view topic;
    std::int32_t partition = 0;
    std::int64_t offset = 0;
    RecordHeaders record_headers;
    BytesView raw;              ///< The record's value: the whole envelope.
    std::uint32_t attempt = 0;  ///< How often the callback has failed for this event since it was fetched (ConsumerOptions::retry).

    /// The payload as a value (tenter/envelope/payload_value.hpp says how CBOR becomes JSON). Include <boost/json/value.hpp> to use it.
    /// Throws PayloadDecodeError.
    [[nodiscard]] boost::json::value payload() const;
    /// The same; the Error's message begins with the place, like that of a PayloadDecodeError.
    [[nodiscard]] Result<boost::json::value> try_payload() const;

    /// The payload as your described struct, straight from its bytes. Include tenter/consume/payload_as.hpp to use it. Throws
    /// PayloadDecodeError.
    template <class T, class Reader = detail::IncludePayloadAs>
    [[nodiscard]] T payload_as() const {
        return Reader::template payload_as<T>(*this);
    }
    template <class T, class Reader = detail::IncludePayloadAs>
    [[nodiscard]] Result<T> try_payload_as() const {
        return Reader::template try_payload_as<T>(*this);
    }

    /// Exactly what arrived at Tenter's gateway, of whatever content type. Throws PayloadDecodeError where it is not Tenter that wrote the
    /// envelope, and its payload is CBOR that is not one string under a content type that does not say so.
    [[nodiscard]] Bytes original_body() const;
    [[nodiscard]] Result<Bytes> try_original_body() const;

    [[nodiscard]] RecordPlace place() const { return {.topic = std::string(topic), .partition = partition, .offset = offset}; }
    [[nodiscard]] envelope::Envelope as_envelope() const;
};

}  // namespace tenter::consume
