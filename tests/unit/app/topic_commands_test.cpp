#include "gateway/app/topic_commands.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/start_screen.hpp"

namespace tenter::app {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

config::Config sources_in_kafka() {
    config::Config config;
    config.http.max_body_bytes = 1'000'000;
    config.http.max_header_bytes = 10'000;
    config.log.kafka =
        config::KafkaLogConfig{{"kafka-1:9093,kafka-2:9093", "tenter", Secret("swordfish"), std::nullopt}, "incoming.{source}", false};
    config::SourceConfig demo;
    demo.name = "demo";
    demo.path = "/demo";
    demo.partitions = 12;
    config.sources = {demo};
    return config;
}

TEST(TopicCommands, make_a_topic_for_each_source_with_room_for_the_largest_event) {
    const auto commands = topic_commands(sources_in_kafka());
    ASSERT_TRUE(commands);
    EXPECT_THAT(*commands, HasSubstr("kafka-topics.sh --bootstrap-server kafka-1:9093,kafka-2:9093 "));
    EXPECT_THAT(*commands,
                HasSubstr(" --create --if-not-exists --topic incoming.demo --partitions 12 --config max.message.bytes=1044096\n"));
    EXPECT_THAT(*commands, Not(HasSubstr("swordfish")));
}

TEST(TopicCommands, are_also_those_of_a_copy) {
    auto config = sources_in_kafka();
    config.forward = config::ForwardConfig{config.log.kafka->cluster, "copy.{source}", std::nullopt};
    config.log.kafka.reset();
    EXPECT_THAT(topic_commands(config).value(), HasSubstr("--topic copy.demo "));
    // Two more headers and the batch around the record, or the start would be refused: tests/interop/forward/migration_test.py.
    EXPECT_THAT(topic_commands(config).value(), HasSubstr("max.message.bytes=1044291\n"));
}

TEST(TopicCommands, are_none_without_a_cluster) {
    auto config = sources_in_kafka();
    config.log.kafka.reset();
    EXPECT_EQ(topic_commands(config).error().code, Errc::not_found);
}

StartScreen screen_of(std::string_view log_summary) {
    return {.version = "1.2.3", .program = "tenter", .log_summary = log_summary, .addresses = {{"127.0.0.1", 1}}, .kafka = {}};
}

TEST(StartScreenOfALogInKafka, says_where_events_appear) {
    const auto screen = start_screen(sources_in_kafka(), screen_of("events go to the Kafka cluster at kafka-1:9093"));
    EXPECT_THAT(screen, HasSubstr("tenter tail incoming.demo --profile FILE\n"));
    EXPECT_THAT(screen, Not(HasSubstr("swordfish")));
}

TEST(StartScreenOfALogThatIsForwarded, says_where_to) {
    auto config = sources_in_kafka();
    config.forward = config::ForwardConfig{config.log.kafka->cluster, "copy.{source}", std::nullopt};
    config.log.kafka.reset();
    const auto screen = start_screen(config, screen_of("./data"));
    EXPECT_THAT(screen, HasSubstr("forwarded  to the Kafka cluster at kafka-1:9093,kafka-2:9093, topics copy.{source}\n"));
    EXPECT_THAT(screen, HasSubstr("tenter tail demo --from earliest"));
    EXPECT_THAT(screen, Not(HasSubstr("swordfish")));
}

}  // namespace
}  // namespace tenter::app
