#pragma once
// src/event/http_event_reader.hpp: the attributes of an event in binary mode, for a summary or as a whole: the one implementation of its
// rules.

#include "src/event/attribute_rules.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"

namespace tenter::event {

/// Every `ce-` header, and Content-Type, into `attributes`; then what `attributes.finish()` says. The error names the header.
[[nodiscard]] Result<EventSummary> read_binary_attributes(HeaderViews headers, AttributeCollector& attributes);

}  // namespace tenter::event
