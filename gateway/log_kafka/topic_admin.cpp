#include "gateway/log_kafka/topic_admin.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace tenter::log::kafka {
namespace {

using std::chrono::milliseconds;

template <auto destroy>
struct Destroy {
    template <class T>
    void operator()(T* object) const noexcept {
        destroy(object);
    }
};
template <class T, auto destroy>
using Owned = std::unique_ptr<T, Destroy<destroy>>;

using Queue = Owned<rd_kafka_queue_t, &rd_kafka_queue_destroy>;
using Event = Owned<rd_kafka_event_t, &rd_kafka_event_destroy>;
using AdminOptions = Owned<rd_kafka_AdminOptions_t, &rd_kafka_AdminOptions_destroy>;
using NewTopic = Owned<rd_kafka_NewTopic_t, &rd_kafka_NewTopic_destroy>;
using ConfigResource = Owned<rd_kafka_ConfigResource_t, &rd_kafka_ConfigResource_destroy>;
using Metadata = Owned<const rd_kafka_metadata_t, &rd_kafka_metadata_destroy>;

constexpr int default_replication = -1;

int as_int(milliseconds time) { return static_cast<int>(std::clamp<std::int64_t>(time.count(), 1, 300'000)); }

/// One request to the cluster's controller or a broker, and its answer.
class AdminRequest {
public:
    AdminRequest(rd_kafka_t* client, rd_kafka_admin_op_t kind, milliseconds timeout)
        : queue_(rd_kafka_queue_new(client)), options_(rd_kafka_AdminOptions_new(client, kind)), timeout_(timeout) {
        std::array<char, 256> reason{};
        rd_kafka_AdminOptions_set_request_timeout(options_.get(), as_int(timeout), reason.data(), reason.size());
        if (kind == RD_KAFKA_ADMIN_OP_CREATETOPICS)  // answered when the topics have their leaders, or by then
            rd_kafka_AdminOptions_set_operation_timeout(options_.get(), as_int(timeout), reason.data(), reason.size());
    }
    [[nodiscard]] rd_kafka_queue_t* queue() const { return queue_.get(); }
    [[nodiscard]] const rd_kafka_AdminOptions_t* options() const { return options_.get(); }
    /// The answer; null when there is none in time.
    [[nodiscard]] Event wait() const { return Event(rd_kafka_queue_poll(queue_.get(), as_int(timeout_) + 100)); }

private:
    Queue queue_;
    AdminOptions options_;
    milliseconds timeout_;
};

template <class Owner>
auto raw_pointers(const std::vector<Owner>& owners) {
    std::vector<typename Owner::pointer> pointers;
    pointers.reserve(owners.size());
    for (const auto& owner : owners) pointers.push_back(owner.get());
    return pointers;
}

Error failure(rd_kafka_event_t* event, std::string_view what) {
    if (event == nullptr) return Error{Errc::unavailable, std::string(what) + ": no answer"};
    Error error = kafka_client::to_error(rd_kafka_event_error(event), what);
    if (const char* reason = rd_kafka_event_error_string(event); reason != nullptr) error.message = std::string(what) + ": " + reason;
    return error;
}

/// A leader that was elected a moment ago still says that it is none.
Result<void> wait_for_leaders(rd_kafka_s* client, const TopicToMake& topic, std::chrono::steady_clock::time_point deadline) {
    for (std::int32_t partition = 0; partition < topic.partition_count;) {
        std::int64_t first = 0;
        std::int64_t next = 0;
        const auto code = rd_kafka_query_watermark_offsets(client, topic.name.c_str(), partition, &first, &next, 1000);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
            ++partition;
        } else if (std::chrono::steady_clock::now() >= deadline) {
            return fail(kafka_client::to_error(code, "the new topic \"" + topic.name + "\", partition " + std::to_string(partition)));
        } else {
            // librdkafka answers "unknown partition" from what it remembers, and was seen to go on so for 10 s: let it ask the broker.
            const rd_kafka_metadata_t* found = nullptr;
            if (rd_kafka_metadata(client, 1, nullptr, &found, 1000) == RD_KAFKA_RESP_ERR_NO_ERROR) rd_kafka_metadata_destroy(found);
            rd_kafka_poll(client, 20);
        }
    }
    return {};
}

std::size_t max_message_bytes_of(const rd_kafka_ConfigResource_t* resource) {
    std::size_t count = 0;
    const auto* const entries = rd_kafka_ConfigResource_configs(resource, &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (std::string_view(rd_kafka_ConfigEntry_name(entries[i])) != "max.message.bytes") continue;
        const char* const text = rd_kafka_ConfigEntry_value(entries[i]);
        const std::string_view value = text == nullptr ? std::string_view() : std::string_view(text);
        std::size_t bytes = 0;
        std::from_chars(value.data(), value.data() + value.size(), bytes);
        return bytes;
    }
    return 0;
}

}  // namespace

Result<std::vector<std::string>> missing_topics(rd_kafka_s* client, std::span<const std::string> names, milliseconds timeout) {
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(client, 1, nullptr, &found, as_int(timeout));
    const Metadata metadata(found);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_client::to_error(code, "list of topics"));
    std::set<std::string_view> there;
    for (int i = 0; i < metadata->topic_cnt; ++i)
        if (metadata->topics[i].err != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) there.insert(metadata->topics[i].topic);
    std::vector<std::string> missing;
    std::ranges::copy_if(names, std::back_inserter(missing), [&there](const auto& name) { return !there.contains(name); });
    return missing;
}

Result<void> make_topics(rd_kafka_s* client, std::span<const TopicToMake> topics, milliseconds timeout) {
    std::vector<NewTopic> made;
    std::array<char, 256> reason{};
    for (const auto& topic : topics) {
        NewTopic one(rd_kafka_NewTopic_new(topic.name.c_str(), topic.partition_count, default_replication, reason.data(), reason.size()));
        if (!one) return fail(Errc::invalid_input, "topic \"" + topic.name + "\": " + reason.data());
        if (topic.max_message_bytes > 0)
            rd_kafka_NewTopic_set_config(one.get(), "max.message.bytes", std::to_string(topic.max_message_bytes).c_str());
        made.push_back(std::move(one));
    }
    const AdminRequest request(client, RD_KAFKA_ADMIN_OP_CREATETOPICS, timeout);
    auto pointers = raw_pointers(made);
    rd_kafka_CreateTopics(client, pointers.data(), pointers.size(), request.options(), request.queue());
    const Event event = request.wait();
    if (!event || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(failure(event.get(), "making topics"));
    std::size_t count = 0;
    const auto* const results = rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        const auto code = rd_kafka_topic_result_error(results[i]);
        if (code == RD_KAFKA_RESP_ERR_NO_ERROR || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) continue;
        const std::string what = "making topic \"" + std::string(rd_kafka_topic_result_name(results[i])) + "\"";
        Error error = kafka_client::to_error(code, what);
        if (const char* text = rd_kafka_topic_result_error_string(results[i]); text != nullptr) error.message = what + ": " + text;
        return fail(std::move(error));
    }
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    for (const auto& topic : topics)
        if (auto ready = wait_for_leaders(client, topic, deadline); !ready) return ready;
    return {};
}

MessageLimits message_limits(rd_kafka_s* client, std::span<const std::string> topics, milliseconds timeout) {
    MessageLimits limits;
    std::vector<ConfigResource> resources;
    for (const auto& topic : topics) resources.emplace_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    if (resources.empty()) return limits;
    const AdminRequest request(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeout);
    auto pointers = raw_pointers(resources);
    rd_kafka_DescribeConfigs(client, pointers.data(), pointers.size(), request.options(), request.queue());
    const Event event = request.wait();
    if (!event || rd_kafka_event_error(event.get()) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        limits.refusal = failure(event.get(), "DescribeConfigs").message;
        return limits;
    }
    std::size_t count = 0;
    const auto* const found = rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
    for (std::size_t i = 0; i < count; ++i) {
        if (const auto code = rd_kafka_ConfigResource_error(found[i]); code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            limits.refusal = std::string("DescribeConfigs: ") + rd_kafka_err2str(code);
        } else if (const auto bytes = max_message_bytes_of(found[i]); bytes > 0) {
            limits.bytes.emplace(rd_kafka_ConfigResource_name(found[i]), bytes);
        }
    }
    return limits;
}

}  // namespace tenter::log::kafka
