#pragma once
// cli/text_table.hpp: rows under headings, for people.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenter::cli {

/// Columns as wide as their widest cell, two spaces between them. What strangers chose is made safe for terminals (`terminal_safe`); widths
/// are those of ASCII.
class TextTable {
public:
    enum class Align : std::uint8_t { left, right };
    struct Column {
        std::string_view heading;
        Align align = Align::left;
    };

    explicit TextTable(std::vector<Column> columns);
    /// As many cells as there are columns.
    void add(std::vector<std::string> cells);
    /// Each row ends with a line feed and not with spaces.
    [[nodiscard]] std::string text() const;

private:
    std::vector<Column> columns_;
    std::vector<std::vector<std::string>> rows_;
};

}  // namespace tenter::cli
