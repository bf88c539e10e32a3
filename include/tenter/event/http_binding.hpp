#pragma once
// tenter/event/http_binding.hpp: CloudEvents over HTTP (HTTP protocol binding 1.0.2).

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"
#include "tenter/event/cloud_event.hpp"

namespace tenter::event {

enum class ContentMode : std::uint8_t {
    binary,      ///< Attributes in `ce-` headers, the body is the data.
    structured,  ///< The body is the whole event.
    batched,     ///< The body is several.
};

/// By the content type's prefix, in any case: "application/cloudevents-batch" first, then "application/cloudevents", else binary (section
/// 3).
[[nodiscard]] ContentMode content_mode(std::string_view content_type) noexcept;

/// True for the JSON formats of structured and batched mode: `application/cloudevents+json`, `application/cloudevents-batch+json`.
[[nodiscard]] bool is_json_event_format(std::string_view content_type);

/// The value of a `ce-` header: quoted strings unquoted, then one round of percent-decoding (section 3.1.3.2). `invalid_input` for escapes
/// that are cut short and for what is not UTF-8 afterwards.
[[nodiscard]] Result<std::string> decode_header_value(std::string_view value);

/// The other way: space, '"', '%' and everything outside U+0021-007E percent-encoded, upper case.
[[nodiscard]] std::string encode_header_value(std::string_view utf8);

/// What goes into a request or a response.
struct HttpContent {
    std::vector<Header> headers;  ///< Content-Type and, in binary mode, `ce-` headers; not Content-Length.
    Bytes body;
};

/// Binary mode: the `ce-` headers are the attributes (every extension a String), the body is the data: JSON or text where Content-Type says
/// so and the body is it, else binary; an empty body is no data. `invalid_input` names what is missing or wrong.
[[nodiscard]] Result<CloudEvent> decode_binary(HeaderViews headers, BytesView body);

/// Any mode, by Content-Type: one event in binary and structured mode, any number in batched mode. `unsupported` for an event format other
/// than JSON. Attributes that a structured message repeats as headers are not looked at.
[[nodiscard]] Result<std::vector<CloudEvent>> decode_http(HeaderViews headers, BytesView body);

/// Events that do not pass `validate()` are refused with its error. JSON data without a `datacontenttype` gets "application/json" in binary
/// mode, where nothing else says so. Send a batch only to who asked for batches (section 1.3).
[[nodiscard]] Result<HttpContent> encode_binary(const CloudEvent& event);
[[nodiscard]] Result<HttpContent> encode_structured(const CloudEvent& event);
[[nodiscard]] Result<HttpContent> encode_batched(std::span<const CloudEvent> events);

}  // namespace tenter::event
