// Goal: whoever cannot use a cluster is told which of the reasons it is. Method: librdkafka's mock cluster, and sockets that are no broker.
// Wrong secrets and certificates need a real broker: tests/interop/kafka.
#include "tenter/kafka_client/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kafka_client/mock_cluster.hpp"

namespace tenter::kafka_client {
namespace {

using std::chrono_literals::operator""ms;
using ::testing::AllOf;
using testing::Api;
using ::testing::HasSubstr;
using ::testing::Not;

class KafkaClient : public ::testing::Test {
protected:
    Client producer(const Cluster& cluster) {
        Settings settings(cluster);
        settings.set("security.protocol", "plaintext");
        rd_kafka_conf_set_opaque(settings.raw(), &errors_);
        rd_kafka_conf_set_error_cb(settings.raw(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
            static_cast<ConnectionErrors*>(opaque)->note(code, reason);
        });
        auto client = std::move(settings).make_producer();
        EXPECT_TRUE(client) << client.error().message;
        return std::move(*client);
    }
    Result<std::vector<TopicFacts>> find(const Cluster& cluster, const std::vector<std::string>& topics,
                                         std::chrono::milliseconds timeout) {
        const auto client = producer(cluster);
        return find_topics(client.get(), cluster, errors_, topics, timeout);
    }

    ConnectionErrors errors_;
};

TEST_F(KafkaClient, finds_topics_and_how_many_partitions_they_have) {
    testing::MockCluster mock;
    mock.make_topic("orders", 3);
    const auto found = find({.bootstrap = mock.bootstrap()}, {"orders"}, 5000ms);
    ASSERT_TRUE(found) << found.error().message;
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ(found->front().partition_count, 3);
}

TEST_F(KafkaClient, says_that_no_broker_answers_and_why) {
    const auto found = find({.bootstrap = "127.0.0.1:1"}, {"orders"}, 300ms);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::unavailable);
    EXPECT_THAT(found.error().message, AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("300 ms"), HasSubstr("refused")));
}

TEST_F(KafkaClient, says_that_the_name_of_the_broker_is_unknown) {
    const auto found = find({.bootstrap = "no-such-host.invalid:9092"}, {"orders"}, 300ms);
    ASSERT_FALSE(found);
    EXPECT_THAT(found.error().message, AllOf(HasSubstr("no-such-host.invalid"), HasSubstr("resolve")));
}

TEST_F(KafkaClient, names_every_topic_that_is_not_there) {
    testing::MockCluster mock;
    mock.make_topic("orders", 1);
    mock.lose_topic("a");
    mock.lose_topic("b");
    const auto found = find({.bootstrap = mock.bootstrap()}, {"a", "orders", "b"}, 3000ms);
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::not_found);
    EXPECT_THAT(found.error().message, AllOf(HasSubstr("\"a\""), HasSubstr("\"b\""), Not(HasSubstr("orders"))));
}

TEST_F(KafkaClient, ends_when_it_is_told_to_stop) {
    const Cluster nobody{.bootstrap = "127.0.0.1:1"};
    const auto client = producer(nobody);
    const std::vector<std::string> topics{"orders"};
    const auto found = find_topics(client.get(), nobody, errors_, topics, 600'000ms, [] { return true; });
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().code, Errc::unavailable);
}

TEST_F(KafkaClient, refuses_a_property_that_librdkafka_does_not_know_and_never_shows_the_password) {
    Settings settings({.bootstrap = "x:1", .username = "me", .password = Secret("hunter2")});
    settings.set("no.such.property", "1");
    const auto client = std::move(settings).make_consumer();
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Errc::invalid_input);
    EXPECT_THAT(client.error().message, AllOf(HasSubstr("no.such.property"), Not(HasSubstr("hunter2"))));
}

TEST_F(KafkaClient, refuses_a_trust_store_that_is_no_certificate) {
    Settings settings({.bootstrap = "x:1", .username = "me", .password = Secret("s"), .ca = "-----BEGIN CERTIFICATE-----\nAAAA\n"});
    const auto client = std::move(settings).make_consumer();
    ASSERT_FALSE(client);
    EXPECT_EQ(client.error().code, Errc::invalid_input);
}

TEST(ConnectionErrorsOfKafka, tell_what_no_further_try_can_change) {
    ConnectionErrors errors;
    errors.note(RD_KAFKA_RESP_ERR__TRANSPORT, "connection refused");
    EXPECT_FALSE(errors.refusal());
    errors.note(RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, "1/1 brokers are down");
    EXPECT_EQ(errors.latest(), "connection refused");
    errors.note(RD_KAFKA_RESP_ERR__SSL, "SSL handshake failed: certificate verify failed");
    ASSERT_TRUE(errors.refusal());
    EXPECT_EQ(errors.refusal()->code, Errc::unavailable);
    errors.clear();
    EXPECT_FALSE(errors.refusal());
    errors.note(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL authentication error");
    EXPECT_EQ(errors.refusal()->code, Errc::unauthenticated);
}

TEST(ErrorsOfKafka, say_what_the_caller_should_do) {
    EXPECT_EQ(to_error(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "append").code, Errc::too_large);
    EXPECT_EQ(to_error(RD_KAFKA_RESP_ERR__QUEUE_FULL, "append").code, Errc::overloaded);
    EXPECT_EQ(to_error(RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, "join").code, Errc::unauthenticated);
    EXPECT_EQ(to_error(RD_KAFKA_RESP_ERR__TRANSPORT, "commit").code, Errc::unavailable);
    EXPECT_THAT(to_error(RD_KAFKA_RESP_ERR__TRANSPORT, "commit").message, ::testing::StartsWith("commit: "));
}

}  // namespace
}  // namespace tenter::kafka_client
