#include "cli/text_table.hpp"

#include <gtest/gtest.h>

namespace tenter::cli {
namespace {

TEST(TextTable, has_columns_as_wide_as_their_widest_cell_and_no_spaces_at_the_end) {
    TextTable table({{"NAME"}, {"LAG", TextTable::Align::right}, {"HOST"}});
    table.add({"a-long-name", "7", "x"});
    table.add({"b", "12345", "-"});
    EXPECT_EQ(table.text(),
              "NAME           LAG  HOST\n"
              "a-long-name      7  x\n"
              "b            12345  -\n");
}

TEST(TextTable, of_no_rows_is_its_headings) { EXPECT_EQ(TextTable({{"A"}, {"B"}}).text(), "A  B\n"); }

TEST(TextTable, shows_what_strangers_chose_and_does_not_obey_it) {
    TextTable table({{"CLIENT"}});
    table.add({"\x1b[31mred"});
    EXPECT_EQ(table.text(), "CLIENT\n\\x1b[31mred\n");
}

}  // namespace
}  // namespace tenter::cli
