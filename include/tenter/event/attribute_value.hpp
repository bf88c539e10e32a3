#pragma once
// tenter/event/attribute_value.hpp: the type system of CloudEvents 1.0.2 (spec.md, "Type System"). Every type has a canonical string;
// formats that know fewer types (HTTP headers know none) carry that string, and whoever knows the type turns it back.

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "tenter/base/bytes.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::event {

enum class AttributeType : std::uint8_t { boolean, integer, string, binary, uri, uri_reference, timestamp };

/// The type's name in the specification: "URI-reference".
[[nodiscard]] std::string_view to_string(AttributeType type) noexcept;

struct Binary {
    Bytes bytes;
    bool operator==(const Binary&) const = default;
};

/// Absolute: it has a scheme.
struct Uri {
    std::string text;
    bool operator==(const Uri&) const = default;
};

struct UriReference {
    std::string text;
    bool operator==(const UriReference&) const = default;
};

/// A moment, and how its sender wrote it: offset and decimals survive.
struct Timestamp {
    std::string text;
    UnixMillis time{};
    bool operator==(const Timestamp&) const = default;
};

/// RFC 3339.
[[nodiscard]] Result<Timestamp> parse_timestamp(std::string_view text);

/// The value of one extension attribute. Alternatives stand in the order of `AttributeType`.
using AttributeValue = std::variant<bool, std::int32_t, std::string, Binary, Uri, UriReference, Timestamp>;

[[nodiscard]] AttributeType type_of(const AttributeValue& value) noexcept;

/// "true", "-12", text as it is, base64, text of the URI, RFC 3339.
[[nodiscard]] std::string to_canonical_string(const AttributeValue& value);

/// The other way. `invalid_input` for text that is not of that type: "TRUE", 2147483648, "01", a control character in a String.
[[nodiscard]] Result<AttributeValue> from_canonical_string(AttributeType type, std::string_view text);

}  // namespace tenter::event
