#pragma once
// tests/unit/kafka_client/mock_cluster.hpp: librdkafka's own broker within the process, for tests that make it fail on purpose.

#include <cstdint>
#include <string>
#include <vector>

#include <librdkafka/rdkafka.h>
// After rdkafka.h, as it demands.
#include <librdkafka/rdkafka_mock.h>

#include "tenter/base/assert.hpp"

namespace tenter::kafka_client::testing {

/// Kafka's numbers of requests.
enum class Api : std::int16_t {
    produce = 0,
    fetch = 1,
    list_offsets = 2,
    metadata = 3,
    offset_commit = 8,
    offset_fetch = 9,
    find_coordinator = 10,
    join_group = 11,
    heartbeat = 12,
    leave_group = 13,
    sync_group = 14,
    init_producer_id = 22,
    add_partitions_to_txn = 24,
    end_txn = 26,
};

/// Brokers that listen on loopback without TLS. Topics are made when first asked for, with 4 partitions, or by `make_topic`.
class MockCluster {
public:
    explicit MockCluster(int brokers = 1) {
        auto* const conf = rd_kafka_conf_new();
        rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
        char reason[256] = "";
        owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason, sizeof reason);
        TENTER_ASSERT(owner_ != nullptr);
        cluster_ = rd_kafka_mock_cluster_new(owner_, brokers);
        TENTER_ASSERT(cluster_ != nullptr);
    }
    MockCluster(const MockCluster&) = delete;
    MockCluster& operator=(const MockCluster&) = delete;
    ~MockCluster() {
        rd_kafka_mock_cluster_destroy(cluster_);
        rd_kafka_destroy(owner_);
    }

    [[nodiscard]] std::string bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }
    void make_topic(const std::string& name, int partitions) { rd_kafka_mock_topic_create(cluster_, name.c_str(), partitions, 1); }
    /// From now on it is unknown.
    void lose_topic(const std::string& name) {
        make_topic(name, 1);
        rd_kafka_mock_topic_set_error(cluster_, name.c_str(), RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    }
    /// The next requests of that kind fail so, one after another.
    void fail_next(Api api, const std::vector<rd_kafka_resp_err_t>& errors) {
        rd_kafka_mock_push_request_errors_array(cluster_, static_cast<std::int16_t>(api), errors.size(), errors.data());
    }
    void set_down(int broker = 1) { rd_kafka_mock_broker_set_down(cluster_, broker); }
    void set_up(int broker = 1) { rd_kafka_mock_broker_set_up(cluster_, broker); }
    void set_round_trip(int milliseconds, int broker = 1) { rd_kafka_mock_broker_set_rtt(cluster_, broker, milliseconds); }

private:
    rd_kafka_t* owner_ = nullptr;
    rd_kafka_mock_cluster_t* cluster_ = nullptr;
};

}  // namespace tenter::kafka_client::testing
