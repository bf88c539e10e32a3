// What members of groups are assigned. The bytes were made by kafka-python 2.2.15:
//   from kafka.coordinator.protocol import ConsumerProtocolMemberAssignment as A
//   A.SCHEMA.encode((0, [('demo', [0, 3]), ('orders', [1])], b'x')).hex()
#include "gateway/kafka_protocol/consumer_protocol.hpp"

#include <gtest/gtest.h>

#include "tenter/base/encoding.hpp"

namespace tenter::kafka_protocol {
namespace {

constexpr std::string_view of_kafka_python = "000000000002000464656d6f00000002000000000000000300066f726465727300000001000000010000000178";

Bytes bytes_of(std::string_view hex) {
    const auto bytes = hex_decode(hex);
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : Bytes();
}

TEST(ConsumerAssignment, is_topics_with_partitions) {
    const auto assignment = decode_assignment(bytes_of(of_kafka_python));
    ASSERT_TRUE(assignment) << assignment.error().message;
    ASSERT_EQ(assignment->assigned_partitions.size(), 2U);
    EXPECT_EQ(assignment->assigned_partitions[0].topic, "demo");
    EXPECT_EQ(assignment->assigned_partitions[0].partitions, (std::vector<std::int32_t>{0, 3}));
    EXPECT_EQ(assignment->assigned_partitions[1].topic, "orders");
    EXPECT_EQ(assignment->assigned_partitions[1].partitions, std::vector<std::int32_t>{1});
    EXPECT_EQ(assignment->user_data, "x");
}

TEST(ConsumerAssignment, of_no_bytes_is_no_partitions) {
    const auto assignment = decode_assignment("");
    ASSERT_TRUE(assignment);
    EXPECT_TRUE(assignment->assigned_partitions.empty());
}

TEST(ConsumerAssignment, may_be_of_a_later_version_with_more_behind) {
    Bytes later = bytes_of(of_kafka_python) + "more";
    later[1] = 9;
    const auto assignment = decode_assignment(later);
    ASSERT_TRUE(assignment);
    EXPECT_EQ(assignment->assigned_partitions.size(), 2U);
}

TEST(ConsumerAssignment, cut_anywhere_is_an_error_and_nothing_else) {
    const Bytes whole = bytes_of(of_kafka_python);
    for (std::size_t size = 1; size < whole.size(); ++size) EXPECT_FALSE(decode_assignment(BytesView(whole).substr(0, size))) << size;
}

}  // namespace
}  // namespace tenter::kafka_protocol
