#pragma once
// tenter/event/event_check.hpp: is it a CloudEvent 1.0, and which? For who stores the sender's bytes and needs only a few attributes:
// nothing is built, nothing is copied but these.

#include <optional>
#include <string>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::event {

/// What a gateway needs to know of an event.
struct EventSummary {
    std::string id;
    std::string source;
    std::string type;
    std::optional<std::string> subject;
    std::optional<std::string> partitionkey;  ///< The extension of that name.
};

/// One element of a batch.
struct BatchElement {
    BytesView bytes;  ///< Exactly as they stand in the batch.
    EventSummary summary;
};

/// Structured mode, JSON format. The rules are those of `decode_json`; `invalid_input` names the attribute and the byte offset.
[[nodiscard]] Result<EventSummary> check_json_event(BytesView body);

/// Batched mode, JSON format; may be empty. The error names the element from 0.
[[nodiscard]] Result<std::vector<BatchElement>> check_json_batch(BytesView body);

/// Binary mode: `ce-` headers; the body is data of any kind. The error names a missing or wrong attribute.
[[nodiscard]] Result<EventSummary> check_binary_event(HeaderViews headers, BytesView body);

}  // namespace tenter::event
