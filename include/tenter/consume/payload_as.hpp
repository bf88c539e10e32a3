#pragma once
// tenter/consume/payload_as.hpp: `WebhookEvent::payload_as<T>()`, apart from webhook_event.hpp because Boost.JSON and Boost.Describe take
// long to read.
//
//   struct Order { std::string id; std::optional<double> total; };
//   BOOST_DESCRIBE_STRUCT(Order, (), (id, total))
//   const auto order = event.payload_as<Order>();

#include <utility>

#include <boost/describe.hpp>
#include <boost/json/value.hpp>

#include "tenter/consume/webhook_event.hpp"
#include "tenter/envelope/payload_value.hpp"

namespace tenter::consume::detail {

struct IncludePayloadAs {
    template <class T>
    static Result<T> try_payload_as(const WebhookEvent& event) {
        auto value = envelope::payload_as<T>(event.as_envelope());
        if (!value) return fail(std::move(value.error()).within(to_string(event.place())));
        return value;
    }

    template <class T>
    static T payload_as(const WebhookEvent& event) {
        auto value = envelope::payload_as<T>(event.as_envelope());
        if (!value) throw PayloadDecodeError(event.place(), std::move(value.error()));
        return std::move(*value);
    }
};

}  // namespace tenter::consume::detail
