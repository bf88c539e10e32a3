#pragma once
// tenter/elytra/cloud_event.hpp: a CloudEvent as Elytra PIM sends it, with the accessors of the Python package.
//
//   data: { "objectId": 7, "objectType": "product", "objectData": { "name": "Tenter frame", ... } }

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <boost/json/fwd.hpp>

#include "tenter/base/result.hpp"
#include "tenter/elytra/event_type.hpp"
#include "tenter/elytra/operation.hpp"
#include "tenter/event/cloud_event.hpp"

namespace tenter::elytra {

/// Value type. Every CloudEvent is one: accessors of what is not there give nothing. Members that give Boost.JSON values need
/// <boost/json/value.hpp>, `data_as` needs <tenter/elytra/data_as.hpp>; <tenter/webhooks.hpp> has both.
class CloudEvent : public event::CloudEvent {
public:
    CloudEvent() = default;
    explicit CloudEvent(event::CloudEvent event) : event::CloudEvent(std::move(event)) {}

    /// The extension `eventtype`, else what stands in `type` behind the prefix.
    [[nodiscard]] std::optional<EventType> get_event_type(std::string_view type_prefix = default_type_prefix) const;
    /// The extension `operation`.
    [[nodiscard]] std::optional<Operation> get_operation() const;

    /// `data.objectId`, else `data.objectData.objectId`, else `data.objectData.id`: the first that is a string or a number.
    [[nodiscard]] std::optional<std::string> get_object_id() const;
    /// `data.objectType`, else `data.objectData.objectType`, else `data.objectData.type`, likewise.
    [[nodiscard]] std::optional<std::string> get_object_type() const;

    /// The data as its sender wrote it: JSON text, text or bytes; empty where there is none. A view into this event.
    [[nodiscard]] BytesView raw_data() const noexcept;

    /// The data as a value; null where there is none or it is not JSON. Throws Exception as `event::json_value` fails, paths beginning
    /// with "data".
    [[nodiscard]] boost::json::value get_data() const;
    [[nodiscard]] Result<boost::json::value> try_get_data() const;
    /// Its member `objectData`; null where there is none. Throws likewise.
    [[nodiscard]] boost::json::value get_object_data() const;
    [[nodiscard]] Result<boost::json::value> try_get_object_data() const;

    /// The data as your own struct, described with BOOST_DESCRIBE_STRUCT: see event/data_as.hpp. Throws Exception naming the place:
    /// "data.objectData.name: expected string, found number".
    template <class T>
    [[nodiscard]] T data_as() const;
    template <class T>
    [[nodiscard]] Result<T> try_data_as() const;

    bool operator==(const CloudEvent&) const = default;
};

}  // namespace tenter::elytra
