#pragma once
// tenter/base/json_text.hpp: writing JSON strings (RFC 8259 section 7). Reading JSON is the event room's business.

#include <string>
#include <string_view>

namespace tenter {

/// Appends `utf8` as a JSON string with its quotes. Control characters, '"' and '\' are escaped; everything else goes as it is.
/// The text must be valid UTF-8 for the result to be.
void append_json_string(std::string& out, std::string_view utf8);

}  // namespace tenter
