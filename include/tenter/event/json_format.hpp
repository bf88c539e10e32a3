#pragma once
// tenter/event/json_format.hpp: CloudEvents as JSON (JSON event format 1.0.2), one event or a batch.
// Who needs only to know that it is an event, and which, takes event_check.hpp; both follow one implementation of the rules.

#include <span>
#include <string>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"
#include "tenter/event/cloud_event.hpp"

namespace tenter::event {

/// `application/cloudevents+json`. JSON's booleans and numbers become Boolean and Integer extensions, strings stay String: JSON does not
/// say more. null is an attribute that is not set; `"data": null` is data. A string in `data` is text where the content type is not JSON;
/// any other value there is kept as JSON. `invalid_input` names the attribute and the byte offset.
[[nodiscard]] Result<CloudEvent> decode_json(BytesView body);

/// `application/cloudevents-batch+json`; may be empty. The error names the event from 0.
[[nodiscard]] Result<std::vector<CloudEvent>> decode_json_batch(BytesView body);

/// What does not pass `validate()` is refused with its error. JSON data goes out byte for byte, binary data as `data_base64`.
[[nodiscard]] Result<Bytes> encode_json(const CloudEvent& event);
[[nodiscard]] Result<Bytes> encode_json_batch(std::span<const CloudEvent> events);

}  // namespace tenter::event
