#include "tenter/event/attribute_value.hpp"

#include <array>

#include "src/event/attribute_rules.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/timestamp.hpp"

namespace tenter::event {
namespace {

constexpr std::array<std::string_view, std::variant_size_v<AttributeValue>> type_names{"Boolean", "Integer",       "String",   "Binary",
                                                                                       "URI",     "URI-reference", "Timestamp"};

struct CanonicalString {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(std::int32_t value) const { return std::to_string(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const Binary& value) const { return base64_encode(value.bytes); }
    std::string operator()(const Uri& value) const { return value.text; }
    std::string operator()(const UriReference& value) const { return value.text; }
    std::string operator()(const Timestamp& value) const { return value.text; }
};

std::unexpected<Error> not_a(AttributeType type) { return fail(Errc::invalid_input, "is not a " + std::string(to_string(type))); }

}  // namespace

std::string_view to_string(AttributeType type) noexcept { return type_names[static_cast<std::size_t>(type)]; }

Result<Timestamp> parse_timestamp(std::string_view text) {
    const auto time = parse_rfc3339(text);
    if (!time) return fail(time.error());
    return Timestamp{std::string(text), *time};
}

AttributeType type_of(const AttributeValue& value) noexcept { return static_cast<AttributeType>(value.index()); }

std::string to_canonical_string(const AttributeValue& value) { return std::visit(CanonicalString{}, value); }

Result<AttributeValue> from_canonical_string(AttributeType type, std::string_view text) {
    switch (type) {
        case AttributeType::boolean:
            if (text == "true") return true;
            if (text == "false") return false;
            break;
        case AttributeType::integer:
            if (const auto number = parse_integer(text)) return *number;
            break;
        case AttributeType::string:
            if (is_valid_utf8(text) && is_attribute_string(text)) return std::string(text);
            break;
        case AttributeType::binary: {
            auto bytes = base64_decode(text);
            if (!bytes) return fail(std::move(bytes.error()).within("is not a Binary"));
            return Binary{std::move(*bytes)};
        }
        case AttributeType::uri:
            if (is_absolute_uri(text)) return Uri{std::string(text)};
            break;
        case AttributeType::uri_reference:
            if (is_uri_reference(text)) return UriReference{std::string(text)};
            break;
        case AttributeType::timestamp: {
            auto time = parse_timestamp(text);
            if (!time) return fail(std::move(time.error()).within("is not a Timestamp"));
            return std::move(*time);
        }
    }
    return not_a(type);
}

}  // namespace tenter::event
