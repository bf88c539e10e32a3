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

/// What `encode` writes. Header names are already lower-case, names and values UTF-8 (`latin1_to_utf8`): Avro strings are text.
/// Equal names may be apart: their values become one array, in order, at the place of the first.
struct EnvelopeToEncode {
    Method method = Method::post;
    HeaderViews headers;
    BytesView payload;
    Encoding encoding = Encoding::json;
};

/// Appends the Avro datum to `out`, which grows at most once; only more than 64 headers cost further allocations (two).
void encode(const EnvelopeToEncode& envelope, Bytes& out);

/// The headers inside a decoded envelope: walks the Avro blocks in place. Cheap to copy; a view into the datum.
class EncodedHeaders {
public:
    /// `map`: the Avro map, from its first block count to its closing zero, as `decode` has checked it. On other bytes the walk ends at
    /// the first thing that is not Avro.
    explicit EncodedHeaders(BytesView map = {}) noexcept : map_(map) {}
    /// Calls `visit(name, value)` for each value of each header, in stored order. A header whose array is empty is not visited.
    template <class Visit>
    void for_each(Visit visit) const {
        Cursor cursor(map_);
        while (cursor.next()) visit(cursor.name(), cursor.value());
    }
    /// The first value of a header; the name is compared without case.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

private:
    class Cursor {
    public:
        explicit Cursor(BytesView map) noexcept : rest_(map) {}
        [[nodiscard]] bool next();
        [[nodiscard]] std::string_view name() const noexcept { return name_; }
        [[nodiscard]] std::string_view value() const noexcept { return value_; }

    private:
        BytesView rest_;
        std::uint64_t entries_left_ = 0;  ///< In the map's current block.
        std::uint64_t values_left_ = 0;   ///< In the current block of the current header's array.
        bool in_array_ = false;
        std::string_view name_;
        std::string_view value_;
    };
    BytesView map_;
};

/// A decoded envelope; views into the bytes that were given.
struct Envelope {
    Method method = Method::post;
    EncodedHeaders headers;
    BytesView payload;
    Encoding encoding = Encoding::json;
};

/// `invalid_input` names the field and the byte offset. Accepts any number of blocks, also with negative counts (a byte size follows, which
/// must be right). Refuses left-over bytes, names and values that are not UTF-8, and counts that the bytes which follow cannot hold.
[[nodiscard]] Result<Envelope> decode(BytesView datum);

/// How the payload of a webhook is put into an envelope (design.md, "What an event is in the log").
struct PayloadChoice {
    Encoding encoding = Encoding::json;
    bool as_it_is = true;  ///< Store `body` itself; else store `wrapped`.
    Bytes wrapped;         ///< One CBOR item that holds the body.
};
/// JSON only if `body_is_json` (valid RFC 8259 in UTF-8) and the content type is JSON or absent; well-formed application/cbor and +cbor as
/// it is; other valid UTF-8 as one CBOR text string; everything else as one byte string; an empty body as an empty byte string.
///
/// Nothing is lost: `original_body` gives back exactly what arrived. Where the content type says CBOR, "arrived so" and "wrapped" must be
/// told apart, so there, and only there:
/// - a body that is not well-formed is wrapped with the 8-byte form of the length (0x7b or 0x5b), which no sensible encoder writes;
/// - a well-formed body that is itself one string with that form (after any number of self-described tags 55799, 0xd9d9f7) gets one such
///   tag put in front, which every CBOR decoder reads as the same value (RFC 8949 3.4.6).
/// `content_type` must be the first `content-type` among the headers that go into the envelope: `original_body` reads it there. An empty
/// one counts as absent.
[[nodiscard]] PayloadChoice choose_payload(BytesView body, std::optional<std::string_view> content_type, bool body_is_json);
/// The body that `choose_payload` stored: text and byte strings are unwrapped; CBOR that arrived as CBOR is returned itself.
/// `invalid_input` for an envelope that `choose_payload` cannot have made: CBOR under another content type that is not one string.
[[nodiscard]] Result<Bytes> original_body(const Envelope& envelope);

/// Well-formed per RFC 8949 appendix C: one item, nothing after it. Arrays, maps and tags may nest 512 deep; beyond it the answer is no.
[[nodiscard]] bool is_well_formed_cbor(BytesView bytes) noexcept;

}  // namespace tenter::envelope
