#pragma once
// tenter/base/http_message.hpp: an HTTP request as the library sees it, whichever server read it. Views only: the server owns the bytes.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"

namespace tenter {

/// One header line. `name` in the case in which it arrived; compare with `equals_ignoring_case`.
struct HeaderView {
    std::string_view name;
    std::string_view value;  ///< Without surrounding white space.
};

/// Header lines in the order in which they arrived.
using HeaderViews = std::span<const HeaderView>;

/// One header that is owned, for what we send.
struct Header {
    std::string name;
    std::string value;
};

/// A request. All views must outlive whoever uses it.
struct HttpRequestView {
    std::string_view method;  ///< "POST": case-sensitive, as RFC 9110 has it.
    std::string_view target;  ///< Path and query as they arrived: "/elytra?x=1".
    HeaderViews headers;
    BytesView body;           ///< Raw, after transfer decoding.
    std::string_view origin;  ///< Scheme and authority under which the sender reached us ("https://hooks.example"); empty if not known.
};

/// The first header of that name, in any case.
[[nodiscard]] std::optional<std::string_view> find_header(HeaderViews headers, std::string_view name) noexcept;
/// Number of headers of that name, in any case: a header that must be single is one that counts 1.
[[nodiscard]] std::size_t count_headers(HeaderViews headers, std::string_view name) noexcept;

/// The part of a target before '?'.
[[nodiscard]] std::string_view target_path(std::string_view target) noexcept;
/// The part after the first '?', or empty.
[[nodiscard]] std::string_view target_query(std::string_view target) noexcept;

/// One round of percent-decoding (RFC 3986 2.1); nothing if a '%' is not followed by two hexadecimal digits. With `plus_is_space`, '+'
/// reads as a space (HTML forms).
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// A media type's essence and one parameter: "application/json; charset=utf-8".
/// Essence: type/subtype in lower case, without parameters; empty if there is none.
[[nodiscard]] std::string media_type_essence(std::string_view content_type);
/// True for `*/json` and `*/*+json` (CloudEvents JSON format 3.1).
[[nodiscard]] bool is_json_media_type(std::string_view content_type);

}  // namespace tenter
