#include "gateway/forward/topic_limits.hpp"

#include <charconv>
#include <memory>

#include <librdkafka/rdkafka.h>

#include "gateway/forward/transaction.hpp"

namespace tenter::forward {
namespace {

struct DestroyQueue {
    void operator()(rd_kafka_queue_t* queue) const noexcept { rd_kafka_queue_destroy(queue); }
};
struct DestroyEvent {
    void operator()(rd_kafka_event_t* event) const noexcept { rd_kafka_event_destroy(event); }
};
struct DestroyOptions {
    void operator()(rd_kafka_AdminOptions_t* options) const noexcept { rd_kafka_AdminOptions_destroy(options); }
};

constexpr std::string_view property = "max.message.bytes";

std::size_t varint_size(std::size_t value) noexcept {
    std::size_t size = 1;
    for (value <<= 1; value >= 0x80; value >>= 7) ++size;  // zigzag doubles what is not negative
    return size;
}

std::size_t field_size(std::size_t size) noexcept { return varint_size(size) + size; }
std::size_t field_size(const std::optional<BytesView>& field) noexcept { return field ? field_size(field->size()) : 1; }

std::size_t batch_of_one(std::size_t payload) noexcept {
    const std::size_t body = 3 + payload;  // attributes, timestamp delta and offset delta, each 0
    return log::batch_header_size + varint_size(body) + body;
}

Result<std::size_t> limit_in(const rd_kafka_ConfigResource_t* resource) {
    if (const auto code = rd_kafka_ConfigResource_error(resource); code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(kafka_client::to_error(code, std::string(property) + " of topic " + rd_kafka_ConfigResource_name(resource)));
    std::size_t count = 0;
    const auto* const entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (rd_kafka_ConfigEntry_name(entries[i]) != property) continue;
        const char* const text = rd_kafka_ConfigEntry_value(entries[i]);
        const std::string_view value = text == nullptr ? "" : text;
        std::size_t limit = 0;
        const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), limit);
        if (error == std::errc{} && end == value.data() + value.size()) return limit;
    }
    return default_max_message_bytes;
}

}  // namespace

Result<std::vector<std::size_t>> describe_max_message_bytes(rd_kafka_s* client, std::span<const std::string> topics,
                                                            std::chrono::milliseconds timeout) {
    const auto milliseconds = static_cast<int>(timeout.count());
    const std::unique_ptr<rd_kafka_queue_t, DestroyQueue> queue(rd_kafka_queue_new(client));
    const std::unique_ptr<rd_kafka_AdminOptions_t, DestroyOptions> options(
        rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
    char reason[256] = "";
    rd_kafka_AdminOptions_set_request_timeout(options.get(), milliseconds, reason, sizeof reason);
    std::vector<rd_kafka_ConfigResource_t*> resources;
    for (const auto& topic : topics) resources.push_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    rd_kafka_DescribeConfigs(client, resources.data(), resources.size(), options.get(), queue.get());
    rd_kafka_ConfigResource_destroy_array(resources.data(), resources.size());
    const std::unique_ptr<rd_kafka_event_t, DestroyEvent> event(rd_kafka_queue_poll(queue.get(), milliseconds + 1'000));
    if (!event) return fail(Errc::unavailable, "no answer to the question for " + std::string(property));
    if (const auto code = rd_kafka_event_error(event.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(kafka_client::to_error(code, property));
    std::size_t count = 0;
    const auto* const found = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    std::vector<std::size_t> limits(topics.size(), default_max_message_bytes);
    for (std::size_t i = 0; i < count; ++i) {
        auto limit = limit_in(found[i]);
        if (!limit) return fail(std::move(limit.error()));
        for (std::size_t t = 0; t < topics.size(); ++t)
            if (topics[t] == rd_kafka_ConfigResource_name(found[i])) limits[t] = *limit;
    }
    return limits;
}

std::size_t forwarded_size(const log::StoredRecord& record, std::string_view log_id) {
    std::size_t size = field_size(record.key) + field_size(record.value) + varint_size(record.headers.size() + 2);
    for (const auto& header : record.headers) size += field_size(header.key.size()) + field_size(header.value);
    size += field_size(log_header.size()) + field_size(log_id.size());
    size += field_size(offset_header.size()) + field_size(std::to_string(record.offset.value).size());
    return batch_of_one(size);
}

std::size_t forwarded_size_bound(std::size_t payload_bytes) noexcept {
    constexpr std::size_t added = 128;  // both headers with the longest offset: 87 bytes, and a longer count of headers
    return batch_of_one(payload_bytes + added);
}

}  // namespace tenter::forward
