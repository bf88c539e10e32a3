#include "tenter/event/cloud_event.hpp"

#include <algorithm>

#include "src/event/attribute_rules.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/event/json.hpp"

namespace tenter::event {
namespace {

/// What a decoder knows already, a program's own strings must still prove.
Result<void> check_core(CoreAttribute attribute, std::string_view name, std::string_view text) {
    if (!is_valid_utf8(text)) return fail(Errc::invalid_input, "attribute \"" + std::string(name) + "\": is not UTF-8");
    return check_core_attribute(attribute, text);
}

Result<void> check_optional(CoreAttribute attribute, std::string_view name, const std::optional<std::string>& text) {
    return text ? check_core(attribute, name, *text) : Result<void>{};
}

Result<void> check_time(const std::optional<Timestamp>& time) {
    if (!time) return {};
    if (auto checked = check_core(CoreAttribute::time, "time", time->text); !checked) return checked;
    if (parse_timestamp(time->text) != *time) return fail(Errc::invalid_input, "attribute \"time\": text and time differ");
    return {};
}

Result<void> check_value(std::string_view name, const AttributeValue& value) {
    if (auto checked = check_extension_name(name); !checked) return checked;
    const auto again = from_canonical_string(type_of(value), to_canonical_string(value));
    if (again && *again == value) return {};
    const std::string fault = again ? "text and time differ" : again.error().message;
    return fail(Errc::invalid_input, "attribute \"" + std::string(name) + "\": " + fault);
}

Result<void> check_data(const CloudEvent& event) {
    if (const auto* json = std::get_if<JsonData>(&event.data)) {
        auto checked = check_json(json->text);
        return checked ? checked : fail(std::move(checked.error()).within("data"));
    }
    const auto* text = std::get_if<TextData>(&event.data);
    if (text == nullptr) return {};
    if (!event.datacontenttype || is_json_media_type(*event.datacontenttype))
        return fail(Errc::invalid_input, "data: text needs a datacontenttype that is not JSON");
    if (!is_valid_utf8(text->text)) return fail(Errc::invalid_input, "data: text is not UTF-8");
    return {};
}

}  // namespace

const AttributeValue* CloudEvent::extension(std::string_view name) const noexcept {
    const auto found = std::ranges::find(extensions, name, &Extension::name);
    return found == extensions.end() ? nullptr : &found->value;
}

Result<void> CloudEvent::set_extension(std::string_view name, AttributeValue value) {
    if (auto checked = check_value(name, value); !checked) return checked;
    const auto found = std::ranges::find(extensions, name, &Extension::name);
    if (found == extensions.end()) {
        extensions.push_back({std::string(name), std::move(value)});
    } else {
        found->value = std::move(value);
    }
    return {};
}

Result<void> CloudEvent::validate() const {
    if (auto checked = check_core(CoreAttribute::id, "id", id); !checked) return checked;
    if (auto checked = check_core(CoreAttribute::source, "source", source); !checked) return checked;
    if (auto checked = check_core(CoreAttribute::type, "type", type); !checked) return checked;
    if (auto checked = check_optional(CoreAttribute::datacontenttype, "datacontenttype", datacontenttype); !checked) return checked;
    if (auto checked = check_optional(CoreAttribute::dataschema, "dataschema", dataschema); !checked) return checked;
    if (auto checked = check_optional(CoreAttribute::subject, "subject", subject); !checked) return checked;
    if (auto checked = check_time(time); !checked) return checked;
    for (std::size_t i = 0; i < extensions.size(); ++i) {
        if (auto checked = check_value(extensions[i].name, extensions[i].value); !checked) return checked;
        if (extension(extensions[i].name) != &extensions[i].value)
            return fail(Errc::invalid_input, "attribute \"" + extensions[i].name + "\": stands there twice");
    }
    return check_data(*this);
}

}  // namespace tenter::event
