#pragma once
// tenter/elytra/parse.hpp: from what was posted to an event, without asking who posted it.

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/fwd.hpp>

#include "tenter/base/bytes.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"
#include "tenter/elytra/cloud_event.hpp"
#include "tenter/elytra/event_type.hpp"

namespace tenter::elytra {

/// One event, whichever way it came:
///   - headers with `ce-specversion`: binary mode, the body is the data
///   - Content-Type `application/cloudevents...`: structured or batched mode; a batch must hold exactly one event
///   - anything else, and no headers at all: the body is the event in JSON, as the Python package takes it
/// Data without a `datacontenttype` gets "application/json". Throws Exception: `invalid_input` names what is wrong and where, `unsupported`
/// an event format other than JSON.
[[nodiscard]] CloudEvent parse_webhook_payload(BytesView body, HeaderViews headers = {});
[[nodiscard]] Result<CloudEvent> try_parse_webhook_payload(BytesView body, HeaderViews headers = {});

/// The event in a JSON value that somebody has parsed already. It cannot know what the sender wrote: numbers are what Boost.JSON made of
/// them, and one that is not finite is refused by its path.
[[nodiscard]] Result<CloudEvent> try_parse_webhook_value(const boost::json::value& payload);
[[nodiscard]] CloudEvent parse_webhook_value(const boost::json::value& payload);
/// As templates, since everything converts to a Boost.JSON value, and text should not.
template <std::same_as<boost::json::value> Value>
[[nodiscard]] CloudEvent parse_webhook_payload(const Value& payload) {
    return parse_webhook_value(payload);
}
template <std::same_as<boost::json::value> Value>
[[nodiscard]] Result<CloudEvent> try_parse_webhook_payload(const Value& payload) {
    return try_parse_webhook_value(payload);
}

/// The same for any number of events: those of a batch, or the one.
[[nodiscard]] std::vector<CloudEvent> parse_webhook_batch(BytesView body, HeaderViews headers = {});
[[nodiscard]] Result<std::vector<CloudEvent>> try_parse_webhook_batch(BytesView body, HeaderViews headers = {});

/// What the CloudEvents made of the plain form say.
struct PlainFormOptions {
    std::string source = "elytra-pim";
    std::string type_prefix{default_type_prefix};
    std::string id;  ///< Not empty.
    std::optional<event::Timestamp> time{};
};

/// Elytra's plain form, `{"type":"product","operation":"add","objectId":7,"objectType":"product","objectData":{...}}`, as the CloudEvent
/// that Elytra would send: `type` = prefix, dot, event type; extensions `eventtype` and `operation`; `data` is the object of what is left,
/// each value byte for byte. `type` and `operation` are required, strings that are not empty; `objectData` (an object) or `objectId` must
/// be there. Any member but these five, and one that stands there twice, is `invalid_input`.
[[nodiscard]] Result<CloudEvent> from_plain_form(BytesView body, const PlainFormOptions& options);

}  // namespace tenter::elytra
