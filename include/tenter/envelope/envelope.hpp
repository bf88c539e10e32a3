#pragma once
// tenter/envelope/envelope.hpp: Mister Webhooks' envelope, the value of every record that the gateway stores.
//
//   record header `envelope` = one byte: 0x00-0x7F system (skip) | 0x80 Avro V1 | 0x81-0xFF newer than this library
//   value = Avro single datum, no container: record com.mister_webhooks.data.KafkaMessageEnvelopeV1
//     method enum [GET, HEAD, POST, PUT, DELETE, PATCH] | headers map<array<string>> | payload bytes | encoding enum [JSON, CBOR]
//
// Views only: nothing is allocated per header, nothing is copied on decode.

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "tenter/base/bytes.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::envelope {

/// Wire enumerations: never renumber.
enum class Method : std::uint8_t { get = 0, head = 1, post = 2, put = 3, delete_ = 4, patch = 5 };
enum class Encoding : std::uint8_t { json = 0, cbor = 1 };

[[nodiscard]] std::string_view to_string(Method method) noexcept;
[[nodiscard]] std::optional<Method> parse_method(std::string_view name) noexcept;  ///< Exact case: "POST".

/// Name and value of the record header that says what the value is.
inline constexpr std::string_view header_name = "envelope";
inline constexpr BytesView avro_v1_header_value{"\x80", 1};

enum class EnvelopeKind : std::uint8_t { system, avro_v1 };
/// The rule for the `envelope` record header: missing or not exactly one byte is `invalid_input`; 0x81-0xFF is `unsupported` and asks the
/// user to upgrade.
[[nodiscard]] Result<EnvelopeKind> classify(std::optional<BytesView> header_value);

struct EnvelopeToEncode {
    Method method = Method::post;
    HeaderViews headers;  ///< Names already lower-case; equal names may be apart: their values become one array, in order. Values UTF-8.
    BytesView payload;
    Encoding encoding = Encoding::json;
};

/// Appends the Avro datum to `out`.
void encode(const EnvelopeToEncode& envelope, Bytes& out);

/// The headers inside a decoded envelope: walks the Avro blocks in place. Cheap to copy.
class EncodedHeaders {
public:
    explicit EncodedHeaders(BytesView blocks = {}) noexcept : blocks_(blocks) {}
    /// Calls `visit(name, value)` for each value of each header, in stored order.
    template <class Visit>
    void for_each(Visit visit) const;
    /// The first value of a header; the name is compared without case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

private:
    class Cursor;
    BytesView blocks_;  ///< Already checked by `decode`.
};

/// A decoded envelope; views into the bytes that were given.
struct Envelope {
    Method method = Method::post;
    EncodedHeaders headers;
    BytesView payload;
    Encoding encoding = Encoding::json;
};

/// `invalid_input` names the field and the byte offset. Accepts blocks with negative counts (a byte size follows). Refuses left-over bytes.
[[nodiscard]] Result<Envelope> decode(BytesView datum);

/// How the payload of a webhook is put into an envelope (design.md, "What an event is in the log").
struct PayloadChoice {
    Encoding encoding = Encoding::json;
    bool as_it_is = true;  ///< Store `body` itself; else store `wrapped`.
    Bytes wrapped;         ///< The body as one CBOR text or byte string.
};
/// JSON only if `body_is_json` (valid RFC 8259 in UTF-8) and the content type is JSON or absent; well-formed application/cbor and +cbor as
/// it is; other valid UTF-8 as one CBOR text string; everything else as one byte string; an empty body as an empty byte string.
[[nodiscard]] PayloadChoice choose_payload(BytesView body, std::optional<std::string_view> content_type, bool body_is_json);
/// The body that `choose_payload` stored: text and byte strings are unwrapped. For CBOR that arrived as CBOR, the CBOR itself.
[[nodiscard]] Result<Bytes> original_body(const Envelope& envelope);

/// Well-formed per RFC 8949 appendix C (one item, nothing after it), nesting at most 512 deep.
[[nodiscard]] bool is_well_formed_cbor(BytesView bytes) noexcept;

}  // namespace tenter::envelope
