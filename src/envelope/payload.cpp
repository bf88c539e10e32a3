#include <string>
#include <utility>

#include "src/envelope/cbor.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"
#include "tenter/envelope/envelope.hpp"

namespace tenter::envelope {
namespace {

bool is_cbor_media_type(std::string_view content_type) {
    const std::string essence = media_type_essence(content_type);
    return essence == "application/cbor" || (essence.size() > 5 && essence.ends_with("+cbor"));
}

bool is_json_or_absent(std::optional<std::string_view> content_type) {
    return !content_type || trim_ows(*content_type).empty() || is_json_media_type(*content_type);
}

PayloadChoice wrapped(BytesView body, CborLength length) {
    const bool is_text = !body.empty() && is_valid_utf8(body);
    return {.encoding = Encoding::cbor,
            .as_it_is = false,
            .wrapped = cbor_string(is_text ? CborMajor::text_string : CborMajor::byte_string, body, length)};
}

/// A string with an 8-byte length, behind any number of self-described tags: what could be taken for a wrapped body, or for one with our
/// tag in front.
bool is_tagged_long_string(BytesView item) {
    while (item.starts_with(self_described_tag)) item.remove_prefix(self_described_tag.size());
    const auto string = parse_cbor_string(item);
    return string && string->has_eight_byte_length;
}

PayloadChoice choose_for_cbor(BytesView body) {
    if (!is_well_formed_cbor(body)) return wrapped(body, CborLength::eight_bytes);
    if (!is_tagged_long_string(body)) return {.encoding = Encoding::cbor, .as_it_is = true, .wrapped = {}};
    Bytes tagged = Bytes(self_described_tag).append(body);
    if (!is_well_formed_cbor(tagged)) return wrapped(body, CborLength::eight_bytes);  // one tag too deep
    return {.encoding = Encoding::cbor, .as_it_is = false, .wrapped = std::move(tagged)};
}

Bytes original_of_cbor(BytesView payload) {
    const auto string = parse_cbor_string(payload);
    if (string && string->has_eight_byte_length) return Bytes(string->content);
    if (is_tagged_long_string(payload)) payload.remove_prefix(self_described_tag.size());
    return Bytes(payload);
}

}  // namespace

PayloadChoice choose_payload(BytesView body, std::optional<std::string_view> content_type, bool body_is_json) {
    if (content_type && is_cbor_media_type(*content_type)) return choose_for_cbor(body);
    if (body_is_json && is_json_or_absent(content_type)) return {};
    return wrapped(body, CborLength::shortest);
}

Result<Bytes> original_body(const Envelope& envelope) {
    if (envelope.encoding == Encoding::json) return Bytes(envelope.payload);
    const auto content_type = envelope.headers.find("content-type");
    if (content_type && is_cbor_media_type(*content_type)) return original_of_cbor(envelope.payload);
    const auto string = parse_cbor_string(envelope.payload);
    if (!string) return fail(Errc::invalid_input, "envelope: payload: not one CBOR string, though the content type is not CBOR");
    return Bytes(string->content);
}

}  // namespace tenter::envelope
