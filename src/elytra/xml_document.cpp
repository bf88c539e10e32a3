#include "src/elytra/xml_document.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter::elytra {
namespace {

constexpr std::size_t largest_document = std::size_t{1} << 20;
constexpr std::array<std::string_view, 5> known_entities{"amp", "lt", "gt", "quot", "apos"};

bool is_forbidden_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

/// "#10", "#x1F600": of a character that XML allows.
bool is_character_reference(std::string_view name) {
    if (!name.starts_with('#')) return false;
    const bool is_hex = name.substr(1).starts_with('x');
    std::uint32_t value = 0;
    const auto digits = name.substr(is_hex ? 2 : 1);
    if (digits.empty() || digits.size() > 7) return false;
    for (const char c : digits) {
        const int digit = is_hex ? hex_digit(c) : is_ascii_digit(c) ? c - '0' : -1;
        if (digit < 0) return false;
        value = value * (is_hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
    }
    if (value < 0x20) return value == 9 || value == 10 || value == 13;
    return value <= 0x10FFFF && !(value >= 0xD800 && value <= 0xDFFF) && value != 0xFFFE && value != 0xFFFF;
}

/// The name between '&' and ';'; empty where there is no ';'.
std::string_view reference_at(std::string_view text) {
    const auto end = text.find(';');
    return end == std::string_view::npos ? std::string_view{} : text.substr(1, end - 1);
}

/// The last byte of the comment, CDATA section or processing instruction that begins at `at`; `at` where none does.
std::size_t end_of_section(std::string_view text, std::size_t at) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> sections{{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}}};
    for (const auto& [begin, end] : sections) {
        if (!text.substr(at).starts_with(begin)) continue;
        const auto found = text.find(end, at + begin.size());
        return found == std::string_view::npos ? text.size() - 1 : found + end.size() - 1;
    }
    return at;
}

}  // namespace

XmlFault XmlDocument::fault_at(std::size_t offset, std::string message) const {
    const auto next_line = std::ranges::upper_bound(line_starts_, offset);
    return {static_cast<std::uint32_t>(next_line - line_starts_.begin()), static_cast<std::uint32_t>(offset - *(next_line - 1) + 1),
            std::move(message)};
}

/// At the '<' of an element.
XmlFault XmlDocument::fault_at(pugi::xml_node node, std::string message) const {
    const auto name_offset = node.offset_debug();
    return fault_at(name_offset > 0 ? static_cast<std::size_t>(name_offset) - 1 : 0, std::move(message));
}

std::optional<XmlFault> XmlDocument::check_text() const {
    if (text_.size() > largest_document) return XmlFault{1, 1, "over 1 MiB"};
    if (!is_valid_utf8(text_)) return XmlFault{1, 1, "not UTF-8"};
    const auto control = std::ranges::find_if(text_, is_forbidden_control);
    if (control != text_.end()) return fault_at(static_cast<std::size_t>(control - text_.begin()), "a control character");
    return std::nullopt;
}

/// pugixml leaves references that it does not know as they stand, and takes '<' in values of attributes.
std::optional<XmlFault> XmlDocument::check_references() const {
    const std::string_view text = text_;
    char quote = '\0';  // of the attribute's value that we are in
    bool in_tag = false;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        if (c == '&') {
            const std::string_view name = reference_at(text.substr(at));
            if (std::ranges::find(known_entities, name) == known_entities.end() && !is_character_reference(name))
                return fault_at(at, "an entity that XML itself does not know; write &amp; for an ampersand");
        } else if (quote != '\0') {
            if (c == '<') return fault_at(at, "not well-formed: '<' in the value of an attribute; write &lt;");
            if (c == quote) quote = '\0';
        } else if (in_tag) {
            if (c == '"' || c == '\'') quote = c;
            in_tag = c != '>';
        } else if (c == '<') {
            at = end_of_section(text, at);
            in_tag = text[at] == '<';
        }
    }
    return std::nullopt;
}

std::optional<XmlFault> XmlDocument::check_top() const {
    std::size_t elements = 0;
    for (const auto& node : document_.children()) {
        if (node.type() == pugi::node_doctype) return fault_at(static_cast<std::size_t>(text_.find("<!DOCTYPE")), "a DOCTYPE is not taken");
        const bool is_text = node.type() == pugi::node_pcdata || node.type() == pugi::node_cdata;
        if (is_text && std::string_view(node.value()).find_first_not_of(" \t\r\n") != std::string_view::npos)
            return fault_at(0, "text outside of the root element");
        if (node.type() == pugi::node_element && ++elements > 1) return fault_at(node, "a second root element");
    }
    if (elements == 0) return fault_at(0, "no element");
    return std::nullopt;
}

std::optional<XmlFault> XmlDocument::load(std::string_view xml) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (xml.starts_with(byte_order_mark)) xml.remove_prefix(byte_order_mark.size());
    text_ = xml;
    line_starts_ = {0};
    for (std::size_t at = 0; (at = text_.find('\n', at)) != std::string::npos;) line_starts_.push_back(++at);
    if (auto fault = check_text()) return fault;
    constexpr unsigned flags = pugi::parse_default | pugi::parse_doctype | pugi::parse_fragment;
    const auto parsed = document_.load_buffer(text_.data(), text_.size(), flags, pugi::encoding_utf8);
    if (!parsed)
        return fault_at(static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0)),
                        std::string("not well-formed: ") + parsed.description());
    if (auto fault = check_top()) return fault;
    return check_references();
}

}  // namespace tenter::elytra
