#pragma once
// cli/event_check.hpp: what `tenter event check` says of an event.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

/// "structured", "binary" or "batch".
enum class EventMode : std::uint8_t { structured, binary, batch };
[[nodiscard]] std::optional<EventMode> parse_event_mode(std::string_view name);

/// One line for each event: the event in CloudEvents' JSON format without white space, attributes in a fixed order, data as it was. The
/// error names the attribute. `binary`: an HTTP message: request line if any, header lines, empty line, body; lines end in LF or CRLF.
[[nodiscard]] Result<std::vector<std::string>> normalised_events(EventMode mode, BytesView input);

}  // namespace tenter::cli
