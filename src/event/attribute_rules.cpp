#include "src/event/attribute_rules.hpp"

#include <algorithm>
#include <charconv>

#include "tenter/base/encoding.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/text.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/event/cloud_event.hpp"

namespace tenter::event {
namespace {

constexpr std::array<std::string_view, 8> core_names{"id",         "source",  "specversion", "type", "datacontenttype",
                                                     "dataschema", "subject", "time"};
constexpr std::array required{CoreAttribute::id, CoreAttribute::source, CoreAttribute::specversion, CoreAttribute::type};

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/// Characters that RFC 3986 allows somewhere: unreserved, gen-delims, sub-delims; '%' is looked at on its own.
constexpr std::array<bool, 256> make_uri_characters() {
    std::array<bool, 256> allowed{};
    for (const char c : std::string_view("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~:/?#[]@!$&'()*+,;="))
        allowed[static_cast<unsigned char>(c)] = true;
    return allowed;
}
constexpr auto uri_characters = make_uri_characters();

bool has_uri_characters_only(std::string_view text) noexcept {
    bool in_fragment = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return false;
            i += 2;
        } else if (!uri_characters[static_cast<unsigned char>(text[i])] || (text[i] == '#' && in_fragment)) {
            return false;
        } else {
            in_fragment = in_fragment || text[i] == '#';
        }
    }
    return true;
}

/// Length of the scheme before its colon; 0 if the text has none; npos if what stands there is no scheme.
std::size_t scheme_size(std::string_view text) noexcept {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos || colon > text.find_first_of("/?#")) return 0;
    if (colon == 0 || !is_letter(text.front())) return std::string_view::npos;
    for (const char c : text.substr(0, colon))
        if (!is_letter(c) && !is_ascii_digit(c) && c != '+' && c != '-' && c != '.') return std::string_view::npos;
    return colon;
}

/// RFC 2045, "token".
constexpr std::array<bool, 256> make_token_characters() {
    std::array<bool, 256> allowed{};
    for (std::size_t c = 0x21; c < 0x7F; ++c) allowed[c] = true;
    for (const char c : std::string_view("()<>@,;:\\\"/[]?=")) allowed[static_cast<unsigned char>(c)] = false;
    return allowed;
}
constexpr auto token_characters = make_token_characters();

constexpr bool is_token_character(char c) { return token_characters[static_cast<unsigned char>(c)]; }

std::size_t token_size(std::string_view text) noexcept {
    return static_cast<std::size_t>(std::ranges::find_if_not(text, is_token_character) - text.begin());
}

/// Length of a quoted-string, or 0.
std::size_t quoted_size(std::string_view text) noexcept {
    if (!text.starts_with('"')) return 0;
    for (std::size_t i = 1; i < text.size(); ++i) {
        if (text[i] == '\\') {
            ++i;
        } else if (text[i] == '"') {
            return i + 1;
        }
    }
    return 0;
}

std::unexpected<Error> wrong(std::string_view attribute, std::string_view what) {
    return fail(Errc::invalid_input, "attribute \"" + std::string(attribute) + "\": " + std::string(what));
}

}  // namespace

bool is_attribute_name(std::string_view name) noexcept {
    return !name.empty() && std::ranges::all_of(name, [](char c) { return (c >= 'a' && c <= 'z') || is_ascii_digit(c); });
}

bool is_attribute_string(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte >= 0x20 && byte < 0x7F) continue;
        if (byte < 0x80) return false;
        const auto at = [&](std::size_t n) { return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0U; };
        if (byte == 0xC2 && at(1) < 0xA0) return false;                                              // U+0080-009F
        if (byte == 0xEF && at(1) == 0xB7 && at(2) >= 0x90 && at(2) <= 0xAF) return false;           // U+FDD0-FDEF
        if (byte == 0xEF && at(1) == 0xBF && at(2) >= 0xBE) return false;                            // U+FFFE, U+FFFF
        if (byte >= 0xF0 && (at(1) & 0x0F) == 0x0F && at(2) == 0xBF && at(3) >= 0xBE) return false;  // U+nFFFE, U+nFFFF
    }
    return true;
}

bool is_uri_reference(std::string_view text) noexcept {
    return !text.empty() && scheme_size(text) != std::string_view::npos && has_uri_characters_only(text);
}

bool is_absolute_uri(std::string_view text) noexcept { return is_uri_reference(text) && scheme_size(text) > 0; }

bool is_media_type(std::string_view text) noexcept {
    const std::size_t type = token_size(text);
    if (type == 0 || !text.substr(type).starts_with('/')) return false;
    text.remove_prefix(type + 1);
    const std::size_t subtype = token_size(text);
    if (subtype == 0) return false;
    text = trim_ows(text.substr(subtype));
    while (text.starts_with(';')) {
        text = trim_ows(text.substr(1));
        if (text.empty()) return true;  // a trailing ';' is common and harmless
        const std::size_t name = token_size(text);
        if (name == 0 || !text.substr(name).starts_with('=')) return false;
        text.remove_prefix(name + 1);
        const std::size_t value = std::max(token_size(text), quoted_size(text));
        if (value == 0) return false;
        text = trim_ows(text.substr(value));
    }
    return text.empty();
}

std::optional<std::int32_t> parse_integer(std::string_view text) noexcept {
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    if (digits.empty() || !is_ascii_digit(digits.front()) || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
    std::int32_t value = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<CoreAttribute> find_core_attribute(std::string_view name) noexcept {
    for (std::size_t i = 0; i < core_names.size(); ++i)
        if (core_names[i].size() == name.size() && core_names[i] == name) return static_cast<CoreAttribute>(i);
    return std::nullopt;
}

Result<void> check_core_attribute(CoreAttribute attribute, std::string_view text) {
    const std::string_view name = core_names[static_cast<std::size_t>(attribute)];
    if (text.empty()) return wrong(name, "must not be empty");
    if (!is_attribute_string(text)) return wrong(name, "holds a control character or noncharacter");
    switch (attribute) {
        case CoreAttribute::id:
        case CoreAttribute::type:
        case CoreAttribute::subject: return {};
        case CoreAttribute::source: return is_uri_reference(text) ? Result<void>{} : wrong(name, "is not a URI-reference (RFC 3986)");
        case CoreAttribute::specversion: return text == "1.0" ? Result<void>{} : wrong(name, "only \"1.0\" is understood");
        case CoreAttribute::datacontenttype: return is_media_type(text) ? Result<void>{} : wrong(name, "is not a media type (RFC 2046)");
        case CoreAttribute::dataschema: return is_absolute_uri(text) ? Result<void>{} : wrong(name, "is not an absolute URI (RFC 3986)");
        case CoreAttribute::time: {
            const auto time = parse_rfc3339(text);
            return time ? Result<void>{} : wrong(name, time.error().message);
        }
    }
    return {};
}

Result<void> check_extension_name(std::string_view name) {
    if (!is_attribute_name(name)) return wrong(name, "names are made of a-z and 0-9");
    if (name == "data") return wrong(name, "the name of the payload is no attribute's");
    if (find_core_attribute(name)) return wrong(name, "is no extension");
    return {};
}

Result<void> check_extension(std::string_view name, std::string_view text) {
    if (auto checked = check_extension_name(name); !checked) return checked;
    if (!is_attribute_string(text)) return wrong(name, "holds a control character or noncharacter");
    return {};
}

Result<void> AttributeCollector::take_name(std::string_view name, std::optional<CoreAttribute> core) {
    if (core) {
        if (std::exchange(core_seen_[static_cast<std::size_t>(*core)], true)) return wrong(name, "stands there twice");
        return {};
    }
    if (std::ranges::find(extensions_seen_, name) != extensions_seen_.end()) return wrong(name, "stands there twice");
    extensions_seen_.emplace_back(name);
    return {};
}

Result<void> AttributeCollector::add(std::string_view name, std::string text, AttributeType type) {
    const auto core = find_core_attribute(name);
    if (auto taken = take_name(name, core); !taken) return taken;
    return core ? add_core(*core, std::move(text)) : keep_extension(name, std::move(text), type);
}

Result<void> AttributeCollector::add_core(CoreAttribute attribute, std::string text) {
    if (auto checked = check_core_attribute(attribute, text); !checked) return checked;
    core_set_[static_cast<std::size_t>(attribute)] = true;
    keep_core(attribute, std::move(text));
    return {};
}

void AttributeCollector::keep_core(CoreAttribute attribute, std::string text) {
    switch (attribute) {
        case CoreAttribute::id: (whole_ != nullptr ? whole_->id : summary_.id) = std::move(text); return;
        case CoreAttribute::source: (whole_ != nullptr ? whole_->source : summary_.source) = std::move(text); return;
        case CoreAttribute::type: (whole_ != nullptr ? whole_->type : summary_.type) = std::move(text); return;
        case CoreAttribute::subject: (whole_ != nullptr ? whole_->subject : summary_.subject) = std::move(text); return;
        case CoreAttribute::datacontenttype:
            has_json_content_ = is_json_media_type(text);
            if (whole_ != nullptr) whole_->datacontenttype = std::move(text);
            return;
        case CoreAttribute::dataschema:
            if (whole_ != nullptr) whole_->dataschema = std::move(text);
            return;
        case CoreAttribute::time:
            if (whole_ != nullptr) whole_->time = *parse_timestamp(text);  // checked before
            return;
        case CoreAttribute::specversion: return;
    }
}

Result<void> AttributeCollector::keep_extension(std::string_view name, std::string text, AttributeType type) {
    if (auto checked = check_extension(name, text); !checked) return checked;
    if (whole_ != nullptr) {
        auto value = from_canonical_string(type, text);
        if (!value) return fail(std::move(value.error()).within("attribute \"" + std::string(name) + "\""));
        whole_->extensions.push_back({std::string(name), std::move(*value)});
    } else if (name == "partitionkey") {
        summary_.partitionkey = std::move(text);
    }
    return {};
}

Result<void> AttributeCollector::add_unset(std::string_view name) {
    const auto core = find_core_attribute(name);
    if (auto taken = take_name(name, core); !taken) return taken;
    return core ? Result<void>{} : check_extension_name(name);
}

Result<EventSummary> AttributeCollector::finish() && {
    for (const CoreAttribute attribute : required)
        if (!core_set_[static_cast<std::size_t>(attribute)])
            return wrong(core_names[static_cast<std::size_t>(attribute)], "is required and missing");
    return std::move(summary_);
}

}  // namespace tenter::event
