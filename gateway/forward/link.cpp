#include "gateway/forward/link.hpp"

#include <librdkafka/rdkafka.h>

namespace tenter::forward {

void LinkedClient::prepare(const Link& link, kafka_client::Settings& settings,
                           const std::function<void(kafka_client::Settings&)>& properties) {
    properties(settings);
    if (link.adjust) link.adjust(settings);
    rd_kafka_conf_set_opaque(settings.raw(), this);
    rd_kafka_conf_set_error_cb(settings.raw(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
        static_cast<LinkedClient*>(opaque)->errors_.note(code, reason);
    });
}

Result<std::unique_ptr<LinkedClient>> LinkedClient::make_producer(const Link& link,
                                                                  const std::function<void(kafka_client::Settings&)>& properties) {
    std::unique_ptr<LinkedClient> linked(new LinkedClient);
    kafka_client::Settings settings(link.cluster);
    linked->prepare(link, settings, properties);
    rd_kafka_conf_set_dr_msg_cb(settings.raw(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
        auto& self = *static_cast<LinkedClient*>(opaque);
        // Records that are purged because of another one's failure say less than that one.
        const bool purged = message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE || message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT;
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !purged && self.delivery_error_ == 0) self.delivery_error_ = message->err;
    });
    auto client = std::move(settings).make_producer();
    if (!client) return fail(std::move(client.error()));
    linked->client_ = std::move(*client);
    return linked;
}

Result<std::unique_ptr<LinkedClient>> LinkedClient::make_consumer(const Link& link,
                                                                  const std::function<void(kafka_client::Settings&)>& properties) {
    std::unique_ptr<LinkedClient> linked(new LinkedClient);
    kafka_client::Settings settings(link.cluster);
    linked->prepare(link, settings, properties);
    auto client = std::move(settings).make_consumer();
    if (!client) return fail(std::move(client.error()));
    linked->client_ = std::move(*client);
    return linked;
}

void DestroyTopicHandle::operator()(rd_kafka_topic_s* topic) const noexcept { rd_kafka_topic_destroy(topic); }

Result<TopicHandle> open_topic(rd_kafka_s* client, const std::string& name) {
    TopicHandle topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
    if (!topic) return fail(kafka_client::to_error(rd_kafka_last_error(), "topic " + name));
    return topic;
}

}  // namespace tenter::forward
