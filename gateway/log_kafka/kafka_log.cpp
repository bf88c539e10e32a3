#include "gateway/log_kafka/kafka_log.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "gateway/log/partitioner.hpp"
#include "gateway/log_kafka/delivery.hpp"
#include "gateway/log_kafka/followers.hpp"
#include "gateway/log_kafka/producer.hpp"
#include "gateway/log_kafka/reader.hpp"
#include "gateway/log_kafka/topic_admin.hpp"
#include "gateway/log_kafka/topic_table.hpp"

namespace tenter::log {
namespace {

using namespace kafka;
using std::chrono::milliseconds;

constexpr milliseconds follow_interval{100};
constexpr milliseconds question_timeout{10'000};
constexpr std::size_t largest_batch = 1'000'000;  ///< librdkafka's own default.
/// Where a topic's limit is not known: small enough that only a record which is too large itself is refused by the broker as too large.
constexpr std::size_t batch_of_unknown_limit = 64 * 1024;
constexpr std::size_t largest_message = 1'000'000'000;

std::string list_of(std::span<const std::string> names) {
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "\"" : ", \"") + name + "\"";
    return list;
}

Error missing(const kafka_client::Cluster& cluster, std::span<const std::string> names) {
    return {Errc::not_found,
            "the Kafka cluster at " + cluster.bootstrap + " has no topic " + list_of(names) +
                "; `tenter config topics` prints the commands that make what is missing, and create_topics = true has it made",
            0};
}

/// What is known of topics of the cluster when they are opened.
class TopicOpener {
public:
    TopicOpener(const KafkaLogOptions& options, std::shared_ptr<Producer> producer, milliseconds timeout)
        : options_(options), producer_(std::move(producer)), timeout_(timeout) {}

    /// All of them there, made if they may be; in the order given. Of a client that is connected a list of topics can be had at once; of
    /// another, `find_topics` says why not.
    [[nodiscard]] Result<std::vector<TopicTable::Facts>> open(std::span<const RequiredTopic> wanted, bool is_connected) {
        std::vector<std::string> names;
        for (const auto& topic : wanted) {
            auto name = options_.topic_name ? options_.topic_name(topic.name) : topic.name;
            if (auto fine = check_topic_name(name); !fine) return fail(std::move(fine.error()).within("Kafka topic \"" + name + "\""));
            names.push_back(std::move(name));
        }
        if (is_connected) {
            if (auto made = make_missing(wanted, names); !made) return fail(std::move(made.error()));
        }
        auto found = find(names);
        if (!found && found.error().code == Errc::not_found) {
            if (auto made = make_missing(wanted, names); !made) return fail(std::move(made.error()));
            found = find(names);
        }
        if (!found) return fail(std::move(found.error()));
        return check(wanted, *found);
    }
    [[nodiscard]] const std::string& limit_refusal() const noexcept { return limit_refusal_; }

private:
    [[nodiscard]] Result<std::vector<kafka_client::TopicFacts>> find(std::span<const std::string> names) const {
        return kafka_client::find_topics(producer_->client(), options_.cluster, producer_->errors(), names, timeout_);
    }

    [[nodiscard]] Result<void> make_missing(std::span<const RequiredTopic> wanted, std::span<const std::string> names) const {
        const auto absent = missing_topics(producer_->client(), names, timeout_);
        if (!absent) return fail(absent.error());
        if (absent->empty()) return {};
        if (!options_.create_topics) return fail(missing(options_.cluster, *absent));
        std::vector<TopicToMake> to_make;
        for (std::size_t i = 0; i < names.size(); ++i)
            if (std::ranges::find(*absent, names[i]) != absent->end())
                to_make.push_back({names[i], wanted[i].partition_count, options_.largest_record_bytes});
        return make_topics(producer_->client(), to_make, timeout_);
    }

    [[nodiscard]] Result<std::vector<TopicTable::Facts>> check(std::span<const RequiredTopic> wanted,
                                                               std::span<const kafka_client::TopicFacts> found) {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            if (found[i].partition_count < wanted[i].partition_count)
                return fail(Errc::invalid_input, "Kafka topic \"" + found[i].name + "\" has " + std::to_string(found[i].partition_count) +
                                                     " partitions, fewer than the " + std::to_string(wanted[i].partition_count) +
                                                     " that are asked for; kafka-topics.sh --alter adds some, and moves keys");
            names.push_back(found[i].name);
        }
        auto limits = message_limits(producer_->client(), names, options_.limits_timeout);
        limit_refusal_ = std::move(limits.refusal);
        std::vector<TopicTable::Facts> facts;
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto limit = limits.bytes.find(names[i]);
            facts.push_back({wanted[i].name, names[i], found[i].partition_count, limit == limits.bytes.end() ? 0 : limit->second});
        }
        return facts;
    }

    const KafkaLogOptions& options_;
    std::shared_ptr<Producer> producer_;
    milliseconds timeout_;
    std::string limit_refusal_;
};

ProducerSettings producer_settings(const KafkaLogOptions& options, std::size_t batch_bytes, std::size_t message_bytes) {
    return {options.cluster, batch_bytes, message_bytes, options.linger, options.delivery_timeout, options.properties};
}

/// What all batches of several records must fit in.
std::size_t common_batch_bytes(std::span<const TopicTable::Facts> topics) {
    std::size_t bytes = largest_batch;
    for (const auto& topic : topics) bytes = std::min(bytes, topic.max_batch_bytes == 0 ? batch_of_unknown_limit : topic.max_batch_bytes);
    return bytes;
}

std::size_t largest_message_bytes(std::span<const TopicTable::Facts> topics) {
    std::size_t bytes = 0;
    for (const auto& topic : topics) bytes = std::max(bytes, topic.max_batch_bytes == 0 ? largest_message : topic.max_batch_bytes);
    return bytes == 0 ? largest_message : bytes;
}

std::size_t varint_size(std::size_t length) noexcept {
    std::size_t bytes = 1;
    for (auto zigzag = static_cast<std::uint64_t>(length) << 1; zigzag >= 0x80; zigzag >>= 7) ++bytes;
    return bytes;
}

std::size_t field_size(std::optional<BytesView> bytes) noexcept { return bytes ? varint_size(bytes->size()) + bytes->size() : 1; }

}  // namespace

std::size_t batch_size_of(const NewRecord& record) noexcept {
    constexpr std::size_t batch_header = 61;
    constexpr std::size_t attributes_and_deltas = 3;  // the only record of a batch has deltas of 0
    std::size_t size = attributes_and_deltas + field_size(record.key) + field_size(record.value) + varint_size(record.headers.size());
    for (const auto& [key, value] : record.headers) size += field_size(key) + field_size(value);
    return batch_header + varint_size(size) + size;
}

struct KafkaLog::Core {
    Core(const Clock& clock, KafkaLogOptions given, KafkaLogObserver told, std::shared_ptr<Producer> producer,
         std::vector<TopicTable::Facts> opened)
        : options(std::move(given)),
          observer(std::move(told)),
          batch_bytes(common_batch_bytes(opened)),
          reader(clock, {options.cluster, options.delivery_timeout, options.properties}),
          delivery(clock, topics, std::move(producer),
                   {producer_settings(options, batch_bytes, largest_message_bytes(opened)), options.queue_bytes, options.delivery_timeout,
                    options.unreachable_after},
                   {.notice = [this](std::string_view text) { notice(text); },
                    .moved = [this](TopicPartition at, Offset end) { followers.tell(at, end); }}) {
        for (auto& facts : opened) topics.add(std::move(facts));
        watcher = std::thread([this] { watch(); });
    }
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() { stop(); }

    void notice(std::string_view text) const {
        if (observer.on_notice) observer.on_notice(text);
    }

    void stop() {
        delivery.stop();
        {
            const std::scoped_lock lock(watch_mutex);
            watching = false;
            watch_changed.notify_all();
        }
        const std::scoped_lock lock(join_mutex);
        if (watcher.joinable()) watcher.join();
    }

    [[nodiscard]] Result<const OpenTopic*> find(TopicPartition at) const {
        const OpenTopic* const topic = topics.find(at);
        if (topic == nullptr) return fail(Errc::not_found, "no such topic or partition");
        return topic;
    }

    /// Records that others wrote. Ours were told of when they were acknowledged; while some are under way, an end that the broker tells may
    /// hold records whose sender has no answer yet.
    void watch() {
        for (;;) {
            {
                std::unique_lock lock(watch_mutex);
                watch_changed.wait_for(lock, follow_interval, [this] { return !watching; });
                if (!watching) return;
            }
            for (const auto& at : followers.followed()) {
                const auto end = reader.bounds(*topics.find(at.topic), at.partition);
                if (end && !delivery.has_under_way(at)) followers.tell(at, end->next);
            }
            reader.end_idle_cursors();
        }
    }

    /// A topic that was not there when the log was opened.
    [[nodiscard]] Result<const OpenTopic*> open_topic(std::string_view name, std::int32_t partition_count, bool may_make) {
        const std::scoped_lock lock(opening);
        if (const auto* known = topics.find(name)) return known;
        KafkaLogOptions how = options;
        how.create_topics = may_make && options.create_topics;
        // Of a client of its own: looking for topics polls, and reports of the log's producer belong to its thread.
        auto client = Producer::make(producer_settings(options, batch_bytes, largest_message));
        if (!client) return fail(std::move(client.error()));
        TopicOpener opener(how, std::move(*client), question_timeout);
        const RequiredTopic wanted{std::string(name), partition_count};
        auto facts = opener.open({&wanted, 1}, true);
        if (!facts) return fail(std::move(facts.error()));
        auto& found = facts->front();
        if (found.max_batch_bytes > 0 && found.max_batch_bytes < batch_bytes)
            return fail(Errc::invalid_input, "topic \"" + found.kafka_name +
                                                 "\" takes smaller batches than the log's producer makes: name it "
                                                 "among the topics that are there from the start");
        return &topics.add(std::move(found));
    }

    const KafkaLogOptions options;
    const KafkaLogObserver observer;
    const std::size_t batch_bytes;
    TopicTable topics;
    Followers followers;
    Reader reader;
    std::mutex opening;
    Delivery delivery;
    std::mutex watch_mutex;
    std::condition_variable watch_changed;
    bool watching = true;
    std::mutex join_mutex;
    std::thread watcher;
};

Result<std::unique_ptr<KafkaLog>> KafkaLog::open(const Clock& clock, KafkaLogOptions options, KafkaLogObserver observer) {
    auto first = Producer::make(producer_settings(options, largest_batch, largest_message));
    if (!first) return fail(std::move(first.error()));
    TopicOpener opener(options, *first, options.connect_timeout);
    auto topics = opener.open(options.topics, false);
    if (!topics) return fail(std::move(topics.error()));
    const auto notice = [&](const std::string& text) {
        if (observer.on_notice) observer.on_notice(text);
    };
    if (!opener.limit_refusal().empty())
        notice("max.message.bytes of the topics is not known (" + opener.limit_refusal() +
               "): events over it are refused only when the broker does");
    for (const auto& topic : *topics)
        if (topic.max_batch_bytes > 0 && topic.max_batch_bytes < options.largest_record_bytes)
            notice("Kafka topic \"" + topic.kafka_name + "\" takes at most " + std::to_string(topic.max_batch_bytes) +
                   " bytes (max.message.bytes): events that are larger get 413");
    // Now that the limits are known, the producer that keeps to them.
    auto producer = Producer::make(producer_settings(options, common_batch_bytes(*topics), largest_message_bytes(*topics)));
    if (!producer) return fail(std::move(producer.error()));
    return std::unique_ptr<KafkaLog>(
        new KafkaLog(std::make_unique<Core>(clock, std::move(options), std::move(observer), std::move(*producer), std::move(*topics))));
}

KafkaLog::KafkaLog(std::unique_ptr<Core> core) : core_(std::move(core)) {}
KafkaLog::~KafkaLog() = default;

Capabilities KafkaLog::capabilities() const noexcept {
    return {
        .atomic_over_partitions = false, .survives_kill = true, .owns_topics = false, .earliest_timestamp = UnixMillis(milliseconds(1))};
}

Result<TopicId> KafkaLog::ensure_topic(std::string_view name, std::int32_t partition_count) {
    if (auto fine = check_topic_name(name); !fine) return fail(std::move(fine.error()));
    if (partition_count < 1 || partition_count > 10'000)
        return fail(Errc::invalid_input,
                    "topic " + std::string(name) + ": " + std::to_string(partition_count) + " partitions, not 1 to 10000");
    const auto topic = core_->open_topic(name, partition_count, true);
    if (!topic) return fail(topic.error());
    if ((*topic)->partition_count < partition_count)
        return fail(Errc::invalid_input, "Kafka topic \"" + (*topic)->kafka_name + "\" has " + std::to_string((*topic)->partition_count) +
                                             " partitions, fewer than " + std::to_string(partition_count));
    return (*topic)->id;
}

std::vector<TopicInfo> KafkaLog::topics() const { return core_->topics.infos(); }

Result<TopicInfo> KafkaLog::find_topic(std::string_view name) const {
    const auto topic = core_->open_topic(name, 1, false);
    if (!topic) return fail(topic.error());
    return (*topic)->info();
}

void KafkaLog::append(std::span<const NewRecord> records, AppendDone done) { core_->delivery.append(records, std::move(done)); }

Result<StoredBatches> KafkaLog::read(TopicPartition at, Offset from, std::size_t max_bytes) const {
    const auto topic = core_->find(at);
    if (!topic) return fail(topic.error());
    return core_->reader.read(**topic, at.partition, from, max_bytes);
}

Result<PartitionBounds> KafkaLog::bounds(TopicPartition at) const {
    const auto topic = core_->find(at);
    if (!topic) return fail(topic.error());
    return core_->reader.bounds(**topic, at.partition);
}

Result<std::optional<TimedOffset>> KafkaLog::offset_for_time(TopicPartition at, UnixMillis time) const {
    const auto topic = core_->find(at);
    if (!topic) return fail(topic.error());
    return core_->reader.offset_for_time(**topic, at.partition, time);
}

Result<std::optional<TimedOffset>> KafkaLog::newest(TopicPartition) const {
    return fail(Errc::unsupported, "the newest record of a log in Kafka cannot be asked for");
}

Result<void> KafkaLog::remove_before(TopicPartition, Offset) {
    return fail(Errc::unsupported, "records of a log in Kafka are removed by the cluster only");
}

Result<std::unique_ptr<Subscription>> KafkaLog::follow(TopicPartition at, std::function<void(Offset)> moved) {
    const auto limits = bounds(at);
    if (!limits) return fail(limits.error());
    return core_->followers.add(at, limits->next, std::move(moved));
}

LogState KafkaLog::state() const noexcept { return core_->delivery.state(); }

Result<void> KafkaLog::stop() {
    core_->stop();
    return {};
}

}  // namespace tenter::log
