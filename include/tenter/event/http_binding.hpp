#pragma once
// tenter/event/http_binding.hpp: CloudEvents over HTTP (HTTP protocol binding 1.0.2).

#include <cstdint>
#include <string>
#include <string_view>

#include "tenter/base/result.hpp"

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

}  // namespace tenter::event
