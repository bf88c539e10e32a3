#include "cli/text_table.hpp"

#include <algorithm>

#include "cli/terminal_text.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::cli {

TextTable::TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {
    std::vector<std::string> headings;
    for (const auto& column : columns_) headings.emplace_back(column.heading);
    rows_.push_back(std::move(headings));
}

void TextTable::add(std::vector<std::string> cells) {
    TENTER_ASSERT(cells.size() == columns_.size());
    for (auto& cell : cells) cell = terminal_safe(cell);
    rows_.push_back(std::move(cells));
}

std::string TextTable::text() const {
    std::vector<std::size_t> widths(columns_.size());
    for (const auto& row : rows_)
        for (std::size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], row[c].size());
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string gap(widths[c] - row[c].size(), ' ');
            line += columns_[c].align == Align::left ? row[c] + gap : gap + row[c];
            line += "  ";
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

}  // namespace tenter::cli
