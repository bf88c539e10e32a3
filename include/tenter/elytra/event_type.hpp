#pragma once
// tenter/elytra/event_type.hpp: what an event of Elytra is about. Elytra's list goes on and is not public, so the set is open.

#include "tenter/elytra/open_enumeration.hpp"

namespace tenter::elytra {

struct EventTypeNames {
    enum Known : std::uint8_t {
        none,
        project,
        customer,
        todo,
        user,
        conversation,
        usergroup,
        calendar,
        rights,
        language,
        document,
        documentfolder,
        product_attributes,
        product_attribute_groups,
        product,
        product_group,
        product_forest,
        product_attribute_value,
        product_text,
        product_collector,
        product_language_fallback,
        product_picture,
        product_structure,
        product_text_style,
        product_language,
        catalog_content,
        product_import,
        product_search_filter,
    };
    [[nodiscard]] static std::span<const std::string_view> all() noexcept;
};

/// `EventType::product`, or `EventType("price_list")` for one that has no name here yet.
using EventType = OpenEnumeration<EventTypeNames>;

/// What stands before the event type in a CloudEvent's `type`: "com.elytra.product".
inline constexpr std::string_view default_type_prefix = "com.elytra";

/// "com.elytra.product" -> product; nothing where `type` does not begin with the prefix and a dot, or nothing follows.
[[nodiscard]] std::optional<EventType> event_type_of(std::string_view type, std::string_view type_prefix = default_type_prefix);
/// product -> "com.elytra.product"
[[nodiscard]] std::string cloud_event_type(const EventType& event_type, std::string_view type_prefix = default_type_prefix);

}  // namespace tenter::elytra
