// Notes of how far forwarding had got: written, read again, told apart by cluster, and refused where they are no notes.
#include "gateway/forward/saved_positions.hpp"

#include <gtest/gtest.h>

#include "tests/contract/in_memory_event_log.hpp"

namespace tenter::forward {
namespace {

TEST(SavedPositionsOfForwarding, have_the_form_that_the_header_says) {
    EXPECT_EQ(encode_positions("cluster-a", {{{"orders", 3}, {41, 77}}, {{"orders", 10}, {0, 5}}}),
              "cluster-a\norders 3 41 77\norders 10 0 5\n");
}

TEST(SavedPositionsOfForwarding, are_refused_cut_anywhere_but_behind_a_line) {
    const Bytes bytes = encode_positions("cluster-a", {{{"orders", 0}, {41, 77}}, {{"shop", 1}, {5, 6}}});
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        const auto decoded = decode_positions(BytesView(bytes).substr(0, size), "cluster-a");
        const bool at_line = size > 0 && bytes[size - 1] == '\n';
        EXPECT_EQ(decoded.has_value(), at_line) << size;
    }
}

TEST(SavedPositionsOfForwarding, are_refused_where_a_number_is_none) {
    for (const std::string_view line : {"orders x 1 2\n", "orders 0 -1 2\n", "orders 0 1 2x\n", "orders 0 1\n", "orders  0 1 2\n", "\n"})
        EXPECT_FALSE(decode_positions("cluster-a\n" + std::string(line), "cluster-a")) << line;
}

TEST(SavedPositionsOfForwarding, of_the_asked_cluster_are_found_behind_those_of_another) {
    log::testing::InMemoryEventLog log;
    EXPECT_TRUE(load_positions(log, "cluster-a")->empty());
    const SavedPositions old{{{"orders", 0}, {1, 2}}};
    const SavedPositions latest{{{"orders", 0}, {3, 4}}};
    save_positions(log, "cluster-a", old, UnixMillis{});
    save_positions(log, "cluster-a", latest, UnixMillis{});
    save_positions(log, "cluster-b", {{{"orders", 0}, {9, 9}}}, UnixMillis{});
    ASSERT_TRUE(log.stop());
    EXPECT_EQ(load_positions(log, "cluster-a").value_or(SavedPositions{}), latest);
    EXPECT_TRUE(load_positions(log, "cluster-c")->empty());
}

}  // namespace
}  // namespace tenter::forward
