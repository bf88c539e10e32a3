#pragma once
// tenter/event/cloud_event.hpp: one event in memory, whatever format or mode it came in (CloudEvents 1.0.2).

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"
#include "tenter/event/attribute_value.hpp"

namespace tenter::event {

/// A JSON value as its sender wrote it; never written anew, so numbers of any size and the order of names survive. "null" is a payload.
struct JsonData {
    Bytes text;
    bool operator==(const JsonData&) const = default;
};

/// Text in UTF-8 that is not JSON: its `datacontenttype` says what it is.
struct TextData {
    std::string text;
    bool operator==(const TextData&) const = default;
};

struct BinaryData {
    Bytes bytes;
    bool operator==(const BinaryData&) const = default;
};

/// `std::monostate`: the event has no data, which is not the same as JSON's null.
using EventData = std::variant<std::monostate, JsonData, TextData, BinaryData>;

struct Extension {
    std::string name;
    AttributeValue value;
    bool operator==(const Extension&) const = default;
};

/// Value type; `specversion` is always "1.0".
struct CloudEvent {
    std::string id;      ///< `source` and `id` together are unique.
    std::string source;  ///< URI-reference.
    std::string type;
    std::optional<std::string> datacontenttype{};  ///< RFC 2046. Without it data counts as JSON.
    std::optional<std::string> dataschema{};       ///< Absolute URI.
    std::optional<std::string> subject{};
    std::optional<Timestamp> time{};
    std::vector<Extension> extensions{};  ///< In the order in which they came.
    EventData data{};

    /// The extension of that name, or nullptr; points into this event.
    [[nodiscard]] const AttributeValue* extension(std::string_view name) const noexcept;
    /// Sets or replaces it. `invalid_input` for a name that no extension may have and a value that is wrong for its type.
    Result<void> set_extension(std::string_view name, AttributeValue value);

    /// Every rule of the specification for attributes and data. Decoders give only events that pass; encoders refuse the others.
    /// `invalid_input` names the attribute.
    [[nodiscard]] Result<void> validate() const;

    bool operator==(const CloudEvent&) const = default;
};

}  // namespace tenter::event
