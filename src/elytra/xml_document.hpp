#pragma once
// src/elytra/xml_document.hpp: an XML document that is well-formed, also where pugixml looks away, with the place of each element.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <pugixml.hpp>

#include "tenter/elytra/event_consumer.hpp"

namespace tenter::elytra {

class XmlDocument {
public:
    /// The fault that keeps it from being one document with one root element.
    [[nodiscard]] std::optional<XmlFault> load(std::string_view xml);

    [[nodiscard]] pugi::xml_node root() const { return document_.document_element(); }
    [[nodiscard]] XmlFault fault_at(pugi::xml_node node, std::string message) const;

private:
    [[nodiscard]] XmlFault fault_at(std::size_t offset, std::string message) const;
    [[nodiscard]] std::optional<XmlFault> check_text() const;
    [[nodiscard]] std::optional<XmlFault> check_references() const;
    [[nodiscard]] std::optional<XmlFault> check_top() const;

    std::string text_;
    std::vector<std::size_t> line_starts_;
    pugi::xml_document document_;
};

}  // namespace tenter::elytra
