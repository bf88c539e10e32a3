#pragma once
// tenter/elytra/event_consumer.hpp: the XML document that tells Elytra which events to send where. docs/event-consumer.md has every
// element.
//
//   <event-consumer>
//     <type>webhook</type>
//     <events><event> <types/> <operations/> <webhook/> </event> ...</events>
//     <retry maxRetries="5" initialDelay="1000" backoffMultiplier="2.0" maxDelay="300000"/>
//     <cloudevents source="elytra-pim" typePrefix="com.elytra"/>
//   </event-consumer>

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/elytra/event_type.hpp"
#include "tenter/elytra/operation.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::elytra {

/// How Elytra shows who it is.
struct NoAuthentication {
    bool operator==(const NoAuthentication&) const = default;
};
struct BasicAuthentication {
    std::string username;
    Secret password;
    bool operator==(const BasicAuthentication&) const = default;
};
struct BearerAuthentication {
    Secret token;
    bool operator==(const BearerAuthentication&) const = default;
};
struct ApiKeyAuthentication {
    Secret api_key;
    std::string header_name = "X-API-Key";
    bool operator==(const ApiKeyAuthentication&) const = default;
};
using Authentication = std::variant<NoAuthentication, BasicAuthentication, BearerAuthentication, ApiKeyAuthentication>;

/// Where the events of one `<event>` go.
struct Webhook {
    std::string url;              ///< http or https.
    std::string method = "post";  ///< post, put or patch.
    Authentication authentication;
    bool operator==(const Webhook&) const = default;
};

/// One `<event>`: which events, and where to.
struct Subscription {
    std::vector<EventType> types;
    std::vector<Operation> operations;  ///< Empty: every operation.
    Webhook webhook;
    bool operator==(const Subscription&) const = default;
};

/// The document.
struct EventConsumer {
    std::vector<Subscription> events;
    retry::RetryConfig retry;
    std::string source = "elytra-pim";
    std::string type_prefix{default_type_prefix};
    bool operator==(const EventConsumer&) const = default;
};

/// One thing that is wrong with a document.
struct XmlFault {
    std::uint32_t line = 0;    ///< From 1.
    std::uint32_t column = 0;  ///< From 1, in bytes.
    std::string message;       ///< What was expected; never a password, token or key.
};
/// "12:7: <retry> maxRetries: a whole number from 0 to 4294967295 expected"
[[nodiscard]] std::string to_string(const XmlFault& fault);

/// All faults at once, in the order of the document; never empty. A document that is not well-formed has one. At most 1 MiB of UTF-8; a
/// DOCTYPE and entities other than XML's own five are refused. Secrets must not have white space around them.
[[nodiscard]] std::expected<EventConsumer, std::vector<XmlFault>> try_parse_event_consumer(std::string_view xml);
/// Throws Exception, `invalid_input`, whose message has a line for each fault.
[[nodiscard]] EventConsumer parse_event_consumer(std::string_view xml);

/// The document, indented; with its secrets. `invalid_input` for values that no such document can hold.
[[nodiscard]] Result<std::string> try_write_event_consumer(const EventConsumer& consumer);
[[nodiscard]] std::string write_event_consumer(const EventConsumer& consumer);

}  // namespace tenter::elytra
