#pragma once
// gateway/forward/link.hpp: how this room makes its clients of the cluster.

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "tenter/base/result.hpp"
#include "tenter/kafka_client/client.hpp"

struct rd_kafka_topic_s;

namespace tenter::forward {

struct Link {
    kafka_client::Cluster cluster;
    /// Called with the settings of every client before it is made; for tests.
    std::function<void(kafka_client::Settings&)> adjust{};
};

/// True: give up. Asked at least twice a second by everything in this room that waits.
using Stop = std::function<bool()>;

/// A client, and what it reports of its connections.
class LinkedClient {
public:
    LinkedClient(const LinkedClient&) = delete;
    LinkedClient& operator=(const LinkedClient&) = delete;

    /// `properties` sets what is particular to this client.
    [[nodiscard]] static Result<std::unique_ptr<LinkedClient>> make_producer(
        const Link& link, const std::function<void(kafka_client::Settings&)>& properties);
    [[nodiscard]] static Result<std::unique_ptr<LinkedClient>> make_consumer(
        const Link& link, const std::function<void(kafka_client::Settings&)>& properties);

    [[nodiscard]] rd_kafka_s* get() const noexcept { return client_.get(); }
    [[nodiscard]] const kafka_client::ConnectionErrors& errors() const noexcept { return errors_; }
    /// The first code with which a record could not be delivered since `clear_delivery_error`; 0: none.
    [[nodiscard]] int delivery_error() const noexcept { return delivery_error_; }
    void clear_delivery_error() noexcept { delivery_error_ = 0; }

private:
    LinkedClient() = default;
    void prepare(const Link& link, kafka_client::Settings& settings, const std::function<void(kafka_client::Settings&)>& properties);

    kafka_client::ConnectionErrors errors_;
    int delivery_error_ = 0;       // set by callbacks on the thread that polls
    kafka_client::Client client_;  // last: its callbacks use the others
};

struct DestroyTopicHandle {
    void operator()(rd_kafka_topic_s* topic) const noexcept;
};
using TopicHandle = std::unique_ptr<rd_kafka_topic_s, DestroyTopicHandle>;
[[nodiscard]] Result<TopicHandle> open_topic(rd_kafka_s* client, const std::string& name);

}  // namespace tenter::forward
