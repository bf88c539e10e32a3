// The records of groups: those that a real broker wrote (make_golden.py) are read, and written again byte for byte.

#include <gtest/gtest.h>

#include <charconv>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <variant>

#include "gateway/groups/records.hpp"

namespace {

using namespace tenter;
using namespace tenter::groups;

Bytes from_hex(std::string_view hex) {
    Bytes octets;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        unsigned octet = 0;
        std::from_chars(hex.data() + i, hex.data() + i + 2, octet, 16);
        octets.push_back(static_cast<char>(octet));
    }
    return octets;
}

std::vector<StoredRecord> recorded() {
    std::ifstream file(TENTER_SOURCE_DIR "/tests/unit/groups/golden/records.txt");
    std::vector<StoredRecord> records;
    for (std::string key, value; file >> key >> value;)
        records.push_back({from_hex(key), value == "-" ? std::nullopt : std::optional(from_hex(value))});
    return records;
}

TEST(Records, those_of_a_real_broker_are_read_and_written_again_byte_for_byte) {
    std::size_t offsets = 0;
    std::size_t empty_groups = 0;
    std::size_t full_groups = 0;
    std::size_t ends = 0;
    for (const auto& record : recorded()) {
        const auto decoded = decode(record);
        ASSERT_TRUE(decoded.has_value()) << decoded.error().message;
        if (const auto* offset = std::get_if<OffsetRecord>(&*decoded)) {
            ++(offset->offset ? offsets : ends);
            EXPECT_EQ(offset->group.consumer, "shop");
            EXPECT_EQ(offset->partition.topic, "t");
            EXPECT_EQ(encode(*offset), record);
            continue;
        }
        const auto& group = std::get<GroupRecord>(*decoded);
        if (group.facts && group.facts->leader) {  // it has members, which we do not keep
            ++full_groups;
            EXPECT_EQ(group.facts->protocol_type, "consumer");
            EXPECT_GE(group.facts->generation, 1);
            EXPECT_GT(record.value->size(), encode(group).value->size());
        } else {
            ++(group.facts ? empty_groups : ends);
            EXPECT_EQ(encode(group), record);
        }
    }
    EXPECT_GE(offsets, 3U);
    EXPECT_GE(empty_groups, 2U);
    EXPECT_GE(full_groups, 10U);
    EXPECT_GE(ends, 2U);
}

TEST(Records, every_cut_and_every_longer_one_is_corrupt) {
    for (const auto& record : recorded()) {
        for (std::size_t size = 0; size < record.key.size(); ++size)
            EXPECT_FALSE(decode({record.key.substr(0, size), record.value}).has_value());
        if (!record.value) continue;
        for (std::size_t size = 0; size < record.value->size(); ++size) {
            const auto cut = decode({record.key, record.value->substr(0, size)});
            ASSERT_FALSE(cut.has_value());
            EXPECT_EQ(cut.error().code, Errc::corrupt);
        }
        EXPECT_FALSE(decode({record.key, *record.value + "x"}).has_value());
    }
}

TEST(Records, a_version_of_the_future_is_unsupported_and_a_group_without_consumer_corrupt) {
    const auto offset = encode(OffsetRecord{.group = {"shop", "orders"}, .partition = {"t", 1}, .offset = CommittedOffset{.offset = 5}});
    auto newer = offset;
    newer.key[1] = 3;
    EXPECT_EQ(decode(newer).error().code, Errc::unsupported);
    newer = offset;
    (*newer.value)[1] = 4;
    EXPECT_EQ(decode(newer).error().code, Errc::unsupported);
    auto foreign = offset;
    foreign.key[foreign.key.find('/')] = '-';
    EXPECT_EQ(decode(foreign).error().code, Errc::corrupt);
}

TEST(Records, a_group_may_have_any_name) {
    const OffsetRecord record{
        .group = {"shop", "a/b/\xff"}, .partition = {"t", -1}, .offset = CommittedOffset{.offset = -1, .metadata = "m"}};
    const auto decoded = decode(encode(record));
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(std::get<OffsetRecord>(*decoded).group, record.group);
    EXPECT_EQ(std::get<OffsetRecord>(*decoded).offset, record.offset);
}

}  // namespace
