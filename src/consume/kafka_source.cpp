#include "src/consume/kafka_source.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "tenter/base/assert.hpp"

namespace tenter::consume {
namespace {

constexpr std::chrono::milliseconds least_destroy_timeout{1000};
constexpr int prefetch_kibibytes_per_partition = 16 * 1024;

/// librdkafka 2.0.2 forgets a reference to a broker when a topic is deleted, and then waits for that broker's thread for ever. Who stops
/// must not: such a client is left behind, with two threads that do nothing. It knows nothing of ours by then.
void destroy_within(std::chrono::milliseconds timeout, rd_kafka_t* client, int flags) {
    const auto done = std::make_shared<std::promise<void>>();
    const auto ended = done->get_future();
    std::thread([client, flags, done] {
        rd_kafka_destroy_flags(client, flags);
        done->set_value();
    }).detach();
    ended.wait_for(timeout);
}

}  // namespace

KafkaSource::KafkaSource(KafkaPlan plan, const ConsumerOptions& options) : plan_(std::move(plan)), options_(options) {}

KafkaSource::~KafkaSource() { stop(std::chrono::milliseconds(0)); }

void KafkaSource::apply(kafka_client::Settings& settings) const {
    for (const auto& [name, value] : plan_.more_properties) settings.set(name, value);
}

Result<kafka_client::Client> KafkaSource::connect() {
    kafka_client::Settings settings(plan_.cluster);
    settings.set("group.id", plan_.group);
    settings.set("enable.auto.commit", "false");
    settings.set("enable.auto.offset.store", "false");
    settings.set("auto.offset.reset", "earliest");
    settings.set("enable.partition.eof", "true");
    settings.set("partition.assignment.strategy", options_.cooperative ? "cooperative-sticky" : "range,roundrobin");
    settings.set("session.timeout.ms", options_.session_timeout.count());
    settings.set("heartbeat.interval.ms", std::max<std::int64_t>(1, std::min<std::int64_t>(3000, options_.session_timeout.count() / 3)));
    settings.set("max.poll.interval.ms", options_.max_poll_interval.count());
    settings.set("topic.metadata.refresh.interval.ms", options_.metadata_refresh.count());
    settings.set("queued.max.messages.kbytes", prefetch_kibibytes_per_partition);
    settings.set("fetch.wait.max.ms", 100);
    settings.set("receive.message.max.bytes", 128 << 20);
    if (options_.instance_id) settings.set("group.instance.id", *options_.instance_id);
    apply(settings);
    rd_kafka_conf_set_opaque(settings.raw(), this);
    rd_kafka_conf_set_error_cb(settings.raw(), [](rd_kafka_t*, int code, const char* reason, void* opaque) {
        static_cast<KafkaSource*>(opaque)->on_client_error(code, reason);
    });
    rd_kafka_conf_set_rebalance_cb(settings.raw(), [](rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list,
                                                      void* opaque) { static_cast<KafkaSource*>(opaque)->on_rebalance(code, list); });
    return std::move(settings).make_consumer();
}

Result<void> KafkaSource::start(SourceListener& listener, const std::function<bool()>& stop) {
    listener_ = &listener;
    auto client = connect();
    if (!client) return fail(std::move(client.error()));
    client_ = std::move(*client);
    auto names = plan_.topics;
    if (options_.dead_letter_topic) names.push_back(*options_.dead_letter_topic);
    auto topics = kafka_client::find_topics(client_.get(), plan_.cluster, errors_, names, options_.connect_timeout, stop);
    if (!topics) return fail(std::move(topics.error()));
    if (options_.dead_letter_topic) {
        topics->pop_back();
        kafka_client::Settings settings(plan_.cluster);
        apply(settings);
        auto made = KafkaDeadLetters::make(std::move(settings), *options_.dead_letter_topic);
        if (!made) return fail(std::move(made.error()));
        dead_letters_ = std::move(*made);
    }
    const bool moves = plan_.start.kind != StartPoint::Kind::last_processed;
    if (moves && !options_.group.is_none()) {
        if (auto moved = move_group(client_.get(), plan_, *topics, options_.connect_timeout); !moved) return moved;
    }
    rd_kafka_poll_set_consumer(client_.get());
    events_.reset(rd_kafka_queue_get_consumer(client_.get()));
    commits_.reset(rd_kafka_queue_new(client_.get()));
    rd_kafka_queue_cb_event_enable(events_.get(), &wake_by_queue, &waker_);
    rd_kafka_queue_cb_event_enable(commits_.get(), &wake_by_queue, &waker_);
    errors_.clear();
    running_ = true;
    next_refresh_ = std::chrono::steady_clock::now() + options_.metadata_refresh;
    heard();
    if (options_.group.is_none()) {
        auto list = start_offsets(client_.get(), plan_, *topics, options_.connect_timeout);
        if (!list) return fail(std::move(list.error()));
        for (const auto& topic : *topics) partition_counts_[topic.name] = topic.partition_count;
        auto assigned = split_off(list->get());
        if (const auto code = rd_kafka_assign(client_.get(), list->get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
            return fail(kafka_client::to_error(code, "cannot read the topics"));
        listener_->on_assigned(std::move(assigned));
        return {};
    }
    const PartitionList subscription(rd_kafka_topic_partition_list_new(8));
    for (const auto& topic : plan_.topics) rd_kafka_topic_partition_list_add(subscription.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
    if (const auto code = rd_kafka_subscribe(client_.get(), subscription.get()); code != RD_KAFKA_RESP_ERR_NO_ERROR)
        return fail(kafka_client::to_error(code, "cannot join group \"" + plan_.group + "\""));
    return {};
}

void KafkaSource::poll(std::chrono::milliseconds timeout, bool) {
    if (timeout.count() > 0) waker_.wait(timeout);
    serve_events();
    serve_commits(std::chrono::milliseconds(0));
    const auto now = std::chrono::steady_clock::now();
    if (suspects_topics_) fail_if_topics_are_gone();
    if (now >= next_look_) look_for_brokers();
    if (options_.group.is_none() && now >= next_refresh_) find_new_partitions();
}

void KafkaSource::serve_events() {
    while (auto* const message = rd_kafka_consumer_poll(client_.get(), 0)) {
        const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> owned(message, &rd_kafka_message_destroy);
        TENTER_ASSERT(message->err != RD_KAFKA_RESP_ERR_NO_ERROR);  // records come by their partition's queue
        on_consumer_error(message->err, rd_kafka_message_errstr(message));
    }
}

Result<void> KafkaSource::dead_letter(const DeadLetter& letter, const std::function<bool()>& stop) {
    if (!dead_letters_) return fail(Errc::invalid_input, "a record is to be dead-lettered, but there is no dead_letter_topic");
    return dead_letters_->send(letter, stop);
}

void KafkaSource::stop(std::chrono::milliseconds timeout) {
    if (!client_) return;
    dead_letters_.reset();
    running_ = false;
    bool is_closed = false;
    if (events_) {
        const auto deadline = std::chrono::steady_clock::now() + timeout;
        const Queue closing(rd_kafka_queue_new(client_.get()));
        const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> refused(
            rd_kafka_consumer_close_queue(client_.get(), closing.get()), &rd_kafka_error_destroy);
        is_closed = refused != nullptr;
        while (!is_closed && std::chrono::steady_clock::now() < deadline) {
            rd_kafka_queue_poll_callback(closing.get(), 20);
            is_closed = rd_kafka_consumer_closed(client_.get()) != 0;
        }
    }
    commits_.reset();
    events_.reset();
    destroy_within(std::max(timeout, least_destroy_timeout), client_.release(), is_closed ? 0 : RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

}  // namespace tenter::consume
