#pragma once
// tenter/event/json.hpp: is it JSON, and what stands at a place of it? Payloads are never re-written: numbers of any size pass untouched.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::event {

/// How deep arrays and objects may nest.
inline constexpr std::size_t max_json_depth = 1024;

/// One RFC 8259 text in UTF-8, without a byte order mark, at most `max_json_depth` deep; numbers of any size. `invalid_input` names the
/// byte.
[[nodiscard]] Result<void> check_json(BytesView text);

/// A JSON pointer (RFC 6901): "" or "/data/id", with "~0" for '~' and "~1" for '/'.
[[nodiscard]] Result<void> check_json_pointer(std::string_view pointer);

/// What stands at `pointer` of a valid JSON text, byte for byte: `{"a":[1, 2]}` has "[1, 2]" at "/a". Nothing where there is no such place.
/// Of repeated names the first counts. `invalid_input` for a wrong pointer or text that is not JSON.
[[nodiscard]] Result<std::optional<BytesView>> json_pointer_raw(BytesView json, std::string_view pointer);

/// One member of an object; `value` is a view into it, byte for byte.
struct JsonMember {
    std::string name;
    BytesView value;
};

/// The members of one JSON object, in order, repeated names as often as they stand there. `invalid_input` names the byte.
[[nodiscard]] Result<std::vector<JsonMember>> json_members(BytesView object);

/// The scalar at `pointer` of a valid JSON text: a string decoded, a number, true or false as written. Nothing where there is no such
/// place, or where it holds null, an object or an array. Of repeated names the first counts. `invalid_input` for a wrong pointer or text
/// that is not JSON.
[[nodiscard]] Result<std::optional<std::string>> json_pointer_text(BytesView json, std::string_view pointer);

}  // namespace tenter::event
