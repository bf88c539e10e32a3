#include <array>

#include "tenter/elytra/event_type.hpp"
#include "tenter/elytra/operation.hpp"

namespace tenter::elytra {
namespace {

constexpr auto event_types = std::to_array<std::string_view>({
    "none",
    "project",
    "customer",
    "todo",
    "user",
    "conversation",
    "usergroup",
    "calendar",
    "rights",
    "language",
    "document",
    "documentfolder",
    "product_attributes",
    "product_attribute_groups",
    "product",
    "product_group",
    "product_forest",
    "product_attribute_value",
    "product_text",
    "product_collector",
    "product_language_fallback",
    "product_picture",
    "product_structure",
    "product_text_style",
    "product_language",
    "catalog_content",
    "product_import",
    "product_search_filter",
});
constexpr auto operations = std::to_array<std::string_view>({"add", "modify", "remove", "link", "unlink"});

static_assert(event_types.size() == EventTypeNames::product_search_filter + 1);
static_assert(operations.size() == OperationNames::unlink + 1);

}  // namespace

std::span<const std::string_view> EventTypeNames::all() noexcept { return event_types; }
std::span<const std::string_view> OperationNames::all() noexcept { return operations; }

std::optional<EventType> event_type_of(std::string_view type, std::string_view type_prefix) {
    if (!type.starts_with(type_prefix)) return std::nullopt;
    type.remove_prefix(type_prefix.size());
    if (!type.starts_with('.') || type.size() == 1) return std::nullopt;
    return EventType(type.substr(1));
}

std::string cloud_event_type(const EventType& event_type, std::string_view type_prefix) {
    return std::string(type_prefix).append(".").append(event_type.value());
}

}  // namespace tenter::elytra
