#include "src/consume/kafka_source.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <thread>
#include <utility>

#include "tenter/base/assert.hpp"

namespace tenter::consume {
namespace {

constexpr std::chrono::milliseconds look_interval{1000};
constexpr int look_timeout_ms = 300;
constexpr std::chrono::milliseconds least_destroy_timeout{1000};
constexpr int prefetch_kibibytes_per_partition = 16 * 1024;

int milliseconds(std::chrono::milliseconds timeout) { return static_cast<int>(timeout.count()); }

/// Messages of librdkafka, as they came.
class KafkaBatch final : public RecordBatch {
public:
    explicit KafkaBatch(std::vector<rd_kafka_message_t*> messages) : messages_(std::move(messages)) {}
    ~KafkaBatch() override {
        for (auto* const message : messages_) rd_kafka_message_destroy(message);
    }

    [[nodiscard]] std::size_t size() const noexcept override { return messages_.size(); }

    [[nodiscard]] Record record(std::size_t index) const override {
        const auto& message = *messages_[index];
        rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
        const auto timestamp = rd_kafka_message_timestamp(&message, &kind);
        return {.offset = message.offset,
                .timestamp = UnixMillis(std::chrono::milliseconds(kind == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? 0 : timestamp)),
                .key = view(message.key, message.key_len),
                .value = view(message.payload, message.len)};
    }

    [[nodiscard]] std::optional<RecordHeaders::Entry> header(std::size_t index, std::size_t number) const override {
        rd_kafka_headers_t* headers = nullptr;
        if (rd_kafka_message_headers(messages_[index], &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        if (rd_kafka_header_get_all(headers, number, &name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR) return std::nullopt;
        return RecordHeaders::Entry{.name = name, .value = view(value, size)};
    }

private:
    static std::optional<BytesView> view(const void* octets, std::size_t size) {
        if (octets == nullptr) return std::nullopt;
        return BytesView(static_cast<const char*>(octets), size);
    }

    const std::vector<rd_kafka_message_t*> messages_;
};

bool is_about_topics(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

/// What no waiting mends.
bool is_permanent(rd_kafka_resp_err_t code) {
    switch (code) {
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
        case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL:
        case RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT:
        case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
        case RD_KAFKA_RESP_ERR__FATAL: return true;
        default: return false;
    }
}

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

/// Called by librdkafka when a queue is no longer empty.
void wake_by_queue(rd_kafka_t*, void* waker) { static_cast<Waker*>(waker)->wake(); }

}  // namespace

/// The queue of a partition.
class KafkaPartition final : public SourcePartition {
public:
    KafkaPartition(KafkaSource& source, Notice::Partition id, Queue queue)
        : source_(source), id_(std::move(id)), queue_(std::move(queue)) {}

    [[nodiscard]] Taken take(std::size_t max) override {
        std::vector<rd_kafka_message_t*> messages(max);
        const auto count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), max);
        messages.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
        Taken taken;
        std::erase_if(messages, [&](rd_kafka_message_t* message) {
            if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
                taken.at_end = false;
                return false;
            }
            if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
                taken.at_end = true;
            } else {
                source_.on_consumer_error(message->err, rd_kafka_message_errstr(message));
            }
            rd_kafka_message_destroy(message);
            return true;
        });
        if (!messages.empty()) taken.records = std::make_shared<KafkaBatch>(std::move(messages));
        return taken;
    }

    [[nodiscard]] std::optional<std::int64_t> end() const override {
        std::int64_t low = RD_KAFKA_OFFSET_INVALID;
        std::int64_t high = RD_KAFKA_OFFSET_INVALID;
        rd_kafka_get_watermark_offsets(source_.client_.get(), id_.topic.c_str(), id_.partition, &low, &high);
        if (high < 0) return std::nullopt;
        return high;
    }

private:
    KafkaSource& source_;
    const Notice::Partition id_;
    const Queue queue_;
};

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

AssignedPartition KafkaSource::split_off(const std::string& topic, std::int32_t partition) {
    Queue queue(rd_kafka_queue_get_partition(client_.get(), topic.c_str(), partition));
    TENTER_ASSERT(queue != nullptr);
    rd_kafka_queue_forward(queue.get(), nullptr);
    rd_kafka_queue_cb_event_enable(queue.get(), &wake_by_queue, &waker_);
    Notice::Partition id{.topic = topic, .partition = partition};
    return {.id = id, .source = std::make_shared<KafkaPartition>(*this, id, std::move(queue))};
}

std::vector<AssignedPartition> KafkaSource::split_off(const rd_kafka_topic_partition_list_t* list) {
    std::vector<AssignedPartition> assigned;
    for (int i = 0; i < list->cnt; ++i) assigned.push_back(split_off(list->elems[i].topic, list->elems[i].partition));
    return assigned;
}

void KafkaSource::poll(std::chrono::milliseconds timeout, bool) {
    if (timeout.count() > 0) waker_.wait(timeout);
    serve_events();
    serve_commits(std::chrono::milliseconds(0));
    const auto now = std::chrono::steady_clock::now();
    if (suspects_topics_) fail_if_topics_are_gone();
    if (!is_connected_ && now >= next_look_) look_for_brokers();
    if (options_.group.is_none() && now >= next_refresh_) find_new_partitions();
}

void KafkaSource::serve_events() {
    while (auto* const message = rd_kafka_consumer_poll(client_.get(), 0)) {
        const std::unique_ptr<rd_kafka_message_t, decltype(&rd_kafka_message_destroy)> owned(message, &rd_kafka_message_destroy);
        TENTER_ASSERT(message->err != RD_KAFKA_RESP_ERR_NO_ERROR);  // records come by their partition's queue
        on_consumer_error(message->err, rd_kafka_message_errstr(message));
    }
}

void KafkaSource::on_rebalance(rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* list) {
    auto* const client = client_.get();
    const bool is_cooperative = std::string_view(rd_kafka_rebalance_protocol(client)) == "COOPERATIVE";
    std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> error(nullptr, &rd_kafka_error_destroy);
    auto result = RD_KAFKA_RESP_ERR_NO_ERROR;
    if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
        auto assigned = split_off(list);
        if (is_cooperative) {
            error.reset(rd_kafka_incremental_assign(client, list));
        } else {
            result = rd_kafka_assign(client, list);
        }
        listener_->on_assigned(std::move(assigned));
    } else {
        std::vector<Notice::Partition> revoked;
        for (int i = 0; i < list->cnt; ++i) revoked.push_back({.topic = list->elems[i].topic, .partition = list->elems[i].partition});
        listener_->on_revoked(revoked, rd_kafka_assignment_lost(client) != 0);
        if (is_cooperative) {
            error.reset(rd_kafka_incremental_unassign(client, list));
        } else {
            result = rd_kafka_assign(client, nullptr);
        }
    }
    if (error) result = rd_kafka_error_code(error.get());
    if (result != RD_KAFKA_RESP_ERR_NO_ERROR) on_consumer_error(result, "rebalance");
}

void KafkaSource::on_client_error(int code, const char* reason) {
    errors_.note(code, reason);
    if (!running_) return;
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        std::array<char, 512> text{};
        const auto fatal = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
        return end_with(kafka_client::to_error(fatal, text.data()));
    }
    if (is_permanent(static_cast<rd_kafka_resp_err_t>(code))) return end_with(kafka_client::to_error(code, reason));
    if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || !is_connected_) return;
    is_connected_ = false;
    next_look_ = std::chrono::steady_clock::now() + look_interval;
    listener_->on_notice({.kind = Notice::Kind::disconnected, .message = errors_.latest()});
}

void KafkaSource::on_consumer_error(rd_kafka_resp_err_t code, const std::string& reason) {
    if (code == RD_KAFKA_RESP_ERR__FATAL) return on_client_error(code, reason.c_str());
    if (is_permanent(code)) return end_with(kafka_client::to_error(code, reason));
    if (is_about_topics(code)) {
        suspects_topics_ = true;
        return;
    }
    listener_->on_notice({.kind = Notice::Kind::error, .message = kafka_client::to_error(code, reason).message});
}

/// A broker that has just started may not know the topics yet, so it is asked again before we believe it.
void KafkaSource::fail_if_topics_are_gone() {
    suspects_topics_ = false;
    const auto found = kafka_client::find_topics(client_.get(), plan_.cluster, errors_, plan_.topics, std::chrono::milliseconds(3000));
    if (found) return;
    if (found.error().code == Errc::not_found || found.error().code == Errc::unauthenticated) return end_with(found.error());
    suspects_topics_ = true;
}

void KafkaSource::look_for_brokers() {
    const rd_kafka_metadata_t* found = nullptr;
    if (rd_kafka_metadata(client_.get(), 0, nullptr, &found, look_timeout_ms) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(found);
        is_connected_ = true;
        errors_.clear();
        listener_->on_notice({.kind = Notice::Kind::connected});
    }
    next_look_ = std::chrono::steady_clock::now() + look_interval;
}

void KafkaSource::find_new_partitions() {
    next_refresh_ = std::chrono::steady_clock::now() + options_.metadata_refresh;
    const auto found = kafka_client::find_topics(client_.get(), plan_.cluster, errors_, plan_.topics, std::chrono::milliseconds(1000));
    if (!found) {
        if (found.error().code == Errc::not_found) end_with(found.error());
        return;
    }
    const PartitionList added(rd_kafka_topic_partition_list_new(4));
    for (const auto& topic : *found) {
        for (auto& count = partition_counts_[topic.name]; count < topic.partition_count; ++count)
            rd_kafka_topic_partition_list_add(added.get(), topic.name.c_str(), count)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    if (added->cnt == 0) return;
    auto assigned = split_off(added.get());
    const std::unique_ptr<rd_kafka_error_t, decltype(&rd_kafka_error_destroy)> error(
        rd_kafka_incremental_assign(client_.get(), added.get()), &rd_kafka_error_destroy);
    if (error) return end_with(kafka_client::to_error(rd_kafka_error_code(error.get()), "cannot read new partitions"));
    listener_->on_assigned(std::move(assigned));
}

void KafkaSource::end_with(Error error) { listener_->on_failed(std::move(error).within(plan_.cluster.bootstrap)); }

std::uint64_t KafkaSource::begin_commit(const std::vector<OffsetToCommit>& offsets, rd_kafka_resp_err_t& fault) {
    const PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const auto& each : offsets)
        rd_kafka_topic_partition_list_add(list.get(), each.id.topic.c_str(), each.id.partition)->offset = each.offset;
    struct Call {
        KafkaSource& source;
        std::uint64_t number;
    };
    auto call = std::make_unique<Call>(Call{.source = *this, .number = ++last_commit_});
    const auto number = call->number;
    fault = rd_kafka_commit_queue(
        client_.get(), list.get(), commits_.get(),
        [](rd_kafka_t*, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t* done, void* opaque) {
            const std::unique_ptr<Call> ended(static_cast<Call*>(opaque));
            for (int i = 0; done != nullptr && i < done->cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; ++i) code = done->elems[i].err;
            Result<void> result;
            if (code != RD_KAFKA_RESP_ERR_NO_ERROR) result = fail(kafka_client::to_error(code, "commit"));
            ended->source.ended_commits_.push_back({.number = ended->number, .result = std::move(result)});
        },
        call.get());
    if (fault == RD_KAFKA_RESP_ERR_NO_ERROR) static_cast<void>(call.release());
    return number;
}

void KafkaSource::commit_later(const std::vector<OffsetToCommit>& offsets) {
    auto fault = RD_KAFKA_RESP_ERR_NO_ERROR;
    commit_later_ = begin_commit(offsets, fault);
    if (fault == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    commit_later_.reset();
    listener_->on_committed(fail(kafka_client::to_error(fault, "commit")));
}

void KafkaSource::serve_commits(std::chrono::milliseconds timeout) {
    rd_kafka_queue_poll_callback(commits_.get(), milliseconds(timeout));
    for (auto each = ended_commits_.begin(); each != ended_commits_.end(); ++each) {
        if (each->number != commit_later_) continue;
        auto result = std::move(each->result);
        ended_commits_.erase(each);
        commit_later_.reset();
        return listener_->on_committed(std::move(result));
    }
}

Result<void> KafkaSource::commit_now(const std::vector<OffsetToCommit>& offsets, std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    const auto left = [&] {
        return std::max(std::chrono::milliseconds(0),
                        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()));
    };
    while (commit_later_ && left().count() > 0) serve_commits(left());
    if (offsets.empty()) return {};
    auto fault = RD_KAFKA_RESP_ERR_NO_ERROR;
    const auto number = begin_commit(offsets, fault);
    if (fault != RD_KAFKA_RESP_ERR_NO_ERROR) return fail(kafka_client::to_error(fault, "commit"));
    while (true) {
        const auto ended = std::ranges::find(ended_commits_, number, &EndOfCommit::number);
        if (ended != ended_commits_.end()) {
            auto result = std::move(ended->result);
            ended_commits_.clear();
            return result;
        }
        if (left().count() == 0) return fail(Errc::unavailable, "commit: no answer within " + std::to_string(timeout.count()) + " ms");
        serve_commits(left());
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
