// murmur2 against values that org.apache.kafka.common.utils.Utils of kafka-clients 3.9.1 printed; the first six are in Kafka's own
// UtilsTest.
#include "gateway/log/partitioner.hpp"

#include <gtest/gtest.h>

#include <string>

namespace tenter::log {
namespace {

TEST(Partitioner, hashes_as_kafkas_java_client) {
    EXPECT_EQ(murmur2("21"), -973932308);
    EXPECT_EQ(murmur2("foobar"), -790332482);
    EXPECT_EQ(murmur2("a-little-bit-long-string"), -985981536);
    EXPECT_EQ(murmur2("a-little-bit-longer-string"), -1486304829);
    EXPECT_EQ(murmur2("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8"), -58897971);
    EXPECT_EQ(murmur2("abc"), 479470107);
    EXPECT_EQ(murmur2(""), 275646681);
    EXPECT_EQ(murmur2("a"), -1563381124);
    EXPECT_EQ(murmur2("ab"), 316155434);
    EXPECT_EQ(murmur2("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), -565103750) << "bytes over 0x7F";
}

TEST(Partitioner, clears_the_sign_rather_than_negate_it) {
    // (-973932308 & 0x7FFFFFFF) = 1173551340
    EXPECT_EQ(partition_of_key("21", 1000).value, 340);
    EXPECT_EQ(partition_of_key("21", 7).value, 1173551340 % 7);
    EXPECT_EQ(partition_of_key("21", 1).value, 0);
}

TEST(Partitioner, knows_which_names_a_topic_may_have) {
    for (const char* name : {"a", "incoming.shop.orders", "A_b-9", "...", "__offsets"}) EXPECT_TRUE(check_topic_name(name)) << name;
    EXPECT_TRUE(check_topic_name(std::string(249, 'x')));
    EXPECT_FALSE(check_topic_name(std::string(250, 'x')));
    for (const char* name : {"", ".", "..", "a/b", "a b", "a\n", "\xc3\xa4", "a\\b"}) {
        const auto checked = check_topic_name(name);
        ASSERT_FALSE(checked) << name;
        EXPECT_EQ(checked.error().code, Errc::invalid_input);
    }
    EXPECT_NE(check_topic_name("ab/c").error().message.find("byte 2"), std::string::npos);
    EXPECT_FALSE(check_topic_name(std::string_view("a\0b", 3)));
}

TEST(Partitioner, tells_internal_topics_by_their_name) {
    EXPECT_TRUE(is_internal_topic("__offsets"));
    EXPECT_FALSE(is_internal_topic("_orders"));
    EXPECT_FALSE(is_internal_topic("orders__"));
}

}  // namespace
}  // namespace tenter::log
