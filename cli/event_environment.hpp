#pragma once
// cli/event_environment.hpp: what `tenter consume --exec` tells a command of its event, besides the payload on standard input.

#include <string>
#include <vector>

#include "tenter/consume/webhook_event.hpp"

namespace tenter::cli {

/// TENTER_TOPIC, TENTER_PARTITION, TENTER_OFFSET, TENTER_METHOD, TENTER_TIMESTAMP (RFC 3339, UTC), TENTER_ATTEMPT (from 1), TENTER_HEADERS
/// (a JSON object: lower-case names, lists of values), TENTER_PAYLOAD (EventBody::Form: what is on standard input), and where the record
/// has them TENTER_KEY, TENTER_ID, TENTER_TARGET, TENTER_VERIFIED, TENTER_CONTENT_TYPE.
///
/// What is not UTF-8 or has a NUL stands in TENTER_KEY_BASE64 (TENTER_ID_BASE64 ...) instead. A value of more than `max_variable` octets is
/// left out, and TENTER_OMITTED names it; several with spaces between.
[[nodiscard]] std::vector<std::string> event_variables(const consume::WebhookEvent& event);

/// The kernel takes 128 KiB with name and end.
inline constexpr std::size_t max_variable = 128 * 1024 - 64;

/// What a command gets: our environment, but for what is named TENTER_..., and `variables`.
[[nodiscard]] std::vector<std::string> environment_with(std::vector<std::string> variables);

/// What is on its standard input: the request's body as it arrived; the JSON text or CBOR item of an envelope that no Tenter wrote.
[[nodiscard]] Bytes event_input(const consume::WebhookEvent& event);

}  // namespace tenter::cli
