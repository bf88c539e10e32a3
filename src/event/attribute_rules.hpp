#pragma once
// src/event/attribute_rules.hpp: the rules of CloudEvents 1.0.2 for context attributes (spec.md, "Context Attributes" and "Type System"),
// in one place for every format and mode.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/result.hpp"
#include "tenter/event/attribute_value.hpp"
#include "tenter/event/event_check.hpp"

namespace tenter::event {

struct CloudEvent;

/// `[a-z0-9]+`; longer than the recommended 20 is legal.
[[nodiscard]] bool is_attribute_name(std::string_view name) noexcept;
/// Type String: no U+0000-001F, U+007F-009F and no noncharacters. The text must be valid UTF-8.
[[nodiscard]] bool is_attribute_string(std::string_view text) noexcept;
/// RFC 3986: URI-reference, not empty; and URI with a scheme. Characters and percent-escapes are checked, and the scheme.
[[nodiscard]] bool is_uri_reference(std::string_view text) noexcept;
[[nodiscard]] bool is_absolute_uri(std::string_view text) noexcept;
/// RFC 2045: type "/" subtype with parameters.
[[nodiscard]] bool is_media_type(std::string_view text) noexcept;

/// Type Integer: signed, 32 bits, the integer part of a JSON number (no fraction, exponent or leading zero).
[[nodiscard]] std::optional<std::int32_t> parse_integer(std::string_view text) noexcept;

/// The attributes that the specification defines.
enum class CoreAttribute : std::uint8_t { id, source, specversion, type, datacontenttype, dataschema, subject, time };
[[nodiscard]] std::optional<CoreAttribute> find_core_attribute(std::string_view name) noexcept;

/// The rule of one attribute for its canonical string; the error names the attribute.
[[nodiscard]] Result<void> check_core_attribute(CoreAttribute attribute, std::string_view text);
/// No extension may be named like a core attribute or "data" (1.0.3: JSON could not hold it).
[[nodiscard]] Result<void> check_extension_name(std::string_view name);
[[nodiscard]] Result<void> check_extension(std::string_view name, std::string_view text);

/// Collects the attributes of one event, whatever format they came in: each at most once, the required ones present.
class AttributeCollector {
public:
    /// With `whole` they go there, typed; else the summary keeps the few that it has.
    explicit AttributeCollector(CloudEvent* whole = nullptr) : whole_(whole) {}

    /// One attribute with its canonical string. Only extensions may have another type than String here.
    [[nodiscard]] Result<void> add(std::string_view name, std::string text, AttributeType type = AttributeType::string);
    /// An attribute that is there but unset (JSON null): its name is taken.
    [[nodiscard]] Result<void> add_unset(std::string_view name);
    /// True if `datacontenttype` says JSON or did not come.
    [[nodiscard]] bool has_json_content() const noexcept { return has_json_content_; }
    /// The summary, if every required attribute came.
    [[nodiscard]] Result<EventSummary> finish() &&;

private:
    [[nodiscard]] Result<void> take_name(std::string_view name, std::optional<CoreAttribute> core);
    Result<void> add_core(CoreAttribute attribute, std::string text);
    void keep_core(CoreAttribute attribute, std::string text);
    Result<void> keep_extension(std::string_view name, std::string text, AttributeType type);

    CloudEvent* whole_;
    EventSummary summary_;
    bool has_json_content_ = true;
    std::array<bool, 8> core_seen_{};
    std::array<bool, 8> core_set_{};
    std::vector<std::string> extensions_seen_;
};

}  // namespace tenter::event
