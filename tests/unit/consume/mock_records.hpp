#pragma once
// tests/unit/consume/mock_records.hpp: what tests of this room write to and read from librdkafka's mock cluster.

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "src/consume/kafka_source.hpp"
#include "tests/unit/consume/records.hpp"
#include "tests/unit/kafka_client/mock_cluster.hpp"

namespace tenter::consume::testing {

/// The mock speaks neither TLS nor SASL.
class PlainSettings : public kafka_client::Settings {
public:
    explicit PlainSettings(const kafka_client::testing::MockCluster& mock) : Settings({.bootstrap = mock.bootstrap()}) {
        set("security.protocol", "plaintext");
    }
};

/// The values of the first partition, to its end.
inline std::vector<std::string> values_of(const kafka_client::testing::MockCluster& mock, const std::string& topic) {
    PlainSettings settings(mock);
    settings.set("group.id", "reader");
    settings.set("enable.partition.eof", "true");
    const auto client = std::move(settings).make_consumer();
    const PartitionList list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), 0)->offset = RD_KAFKA_OFFSET_BEGINNING;
    EXPECT_EQ(rd_kafka_assign(client->get(), list.get()), RD_KAFKA_RESP_ERR_NO_ERROR);
    std::vector<std::string> values;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (std::chrono::steady_clock::now() < deadline) {
        const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> message(rd_kafka_consumer_poll(client->get(), 100),
                                                                                               &rd_kafka_message_destroy);
        if (!message) continue;
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return values;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) values.emplace_back(static_cast<const char*>(message->payload), message->len);
    }
    ADD_FAILURE() << "the end of the topic did not come";
    return values;
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wold-style-cast"  // in librdkafka's macros
inline void produce_webhooks(const kafka_client::testing::MockCluster& mock, const std::string& topic, std::int32_t partition,
                             std::int64_t count) {
    PlainSettings settings(mock);
    const auto producer = std::move(settings).make_producer();
    ASSERT_TRUE(producer);
    for (std::int64_t i = 0; i < count; ++i) {
        auto value = envelope_of("{}");
        ASSERT_EQ(rd_kafka_producev(producer->get(), RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_VALUE(value.data(), value.size()),
                                    RD_KAFKA_V_HEADER("envelope", "\x80", 1), RD_KAFKA_V_END),
                  RD_KAFKA_RESP_ERR_NO_ERROR);
    }
    ASSERT_EQ(rd_kafka_flush(producer->get(), 10'000), RD_KAFKA_RESP_ERR_NO_ERROR);
}
#pragma GCC diagnostic pop

/// What the group "group" has committed, asked by another client; RD_KAFKA_OFFSET_INVALID: nothing.
inline std::int64_t committed_of(const kafka_client::testing::MockCluster& mock, const std::string& topic, std::int32_t partition) {
    PlainSettings settings(mock);
    settings.set("group.id", "group");
    const auto client = std::move(settings).make_consumer();
    const PartitionList list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    EXPECT_EQ(rd_kafka_committed(client->get(), list.get(), 5000), RD_KAFKA_RESP_ERR_NO_ERROR);
    return list->elems[0].offset;
}

/// All that a broker can say.
inline std::vector<rd_kafka_resp_err_t> codes_of_brokers() {
    const rd_kafka_err_desc* known = nullptr;
    std::size_t count = 0;
    rd_kafka_get_err_descs(&known, &count);
    std::vector<rd_kafka_resp_err_t> codes;
    for (std::size_t i = 0; i < count; ++i)
        if (known[i].desc != nullptr && known[i].code > RD_KAFKA_RESP_ERR_NO_ERROR) codes.push_back(known[i].code);
    return codes;
}

}  // namespace tenter::consume::testing
