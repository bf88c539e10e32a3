#include "gateway/log_kafka/delivery.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace tenter::log::kafka {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

constexpr milliseconds poll_slice{20};
constexpr milliseconds purge_grace{1'000};  ///< For the reports of what was given up; then it is answered without.
constexpr milliseconds question_interval{1'000};
constexpr milliseconds question_timeout{1'000};
constexpr milliseconds shortest_pause{100};  ///< Between two producers that failed at once.
constexpr milliseconds longest_pause{5'000};
constexpr std::size_t record_overhead_bytes = 512;  ///< What a record under way costs beside its own bytes, here and in librdkafka.

std::string seconds_text(std::chrono::nanoseconds time) { return std::to_string(duration_cast<std::chrono::seconds>(time).count()) + " s"; }

}  // namespace

Delivery::Delivery(const Clock& clock, const TopicTable& topics, std::shared_ptr<Producer> first, DeliveryOptions options,
                   DeliveryObserver observer)
    : clock_(clock),
      topics_(topics),
      options_(std::move(options)),
      observer_(std::move(observer)),
      producer_(std::move(first)),
      heard_(clock.monotonic()),
      acknowledged_(clock.monotonic()),
      asker_([this] { ask_now_and_then(); }),
      thread_([this] { run(); }) {}

Result<void> Delivery::check(std::span<const NewRecord> records) const {
    for (const auto& record : records) {
        const OpenTopic* const topic = topics_.find(record.topic);
        if (topic == nullptr) return fail(Errc::invalid_input, "no topic with id " + std::to_string(record.topic.value));
        if (record.partition && !topic->has(*record.partition))
            return fail(Errc::invalid_input, "topic " + topic->name + " has no partition " + std::to_string(record.partition->value));
        const std::size_t size = batch_size_of(record);
        if (topic->max_batch_bytes > 0 && size > topic->max_batch_bytes)
            return fail(Errc::too_large, "the event takes " + std::to_string(size) + " bytes in topic " + topic->kafka_name +
                                             ", whose max.message.bytes is " + std::to_string(topic->max_batch_bytes));
    }
    return {};
}

std::optional<Error> Delivery::refusal(std::size_t bytes) const {
    if (stopping_) return Error{Errc::unavailable, "the log has stopped"};
    if (bytes_ > 0 && bytes_ + bytes > options_.queue_bytes)
        return Error{Errc::overloaded, std::to_string(bytes_) + " bytes already wait for Kafka's acknowledgement"};
    return std::nullopt;
}

void Delivery::append(std::span<const NewRecord> records, AppendDone done) {
    if (records.empty()) return done(std::span<const RecordPlace>{});
    if (auto fine = check(records); !fine) return done(fail(std::move(fine.error())));
    std::list<Append> one(1);
    Append& append = one.front();
    append.done = std::move(done);
    append.since = clock_.monotonic();
    append.left = records.size();
    append.places.reserve(records.size());
    for (const auto& record : records) {
        append.bytes += batch_size_of(record) + record_overhead_bytes;
        append.places.push_back({{record.topic, topics_.find(record.topic)->partition_for(record)}, Offset{-1}});
    }
    append.records.reserve(records.size());
    for (std::uint32_t i = 0; i < records.size(); ++i) append.records.push_back({&append, i});
    append.self = one.begin();

    std::unique_lock lock(mutex_);
    if (auto refused = refusal(append.bytes)) {
        lock.unlock();
        return append.done(fail(std::move(*refused)));
    }
    auto& under_way = producer_->under_way;
    under_way.splice(under_way.end(), one);
    bytes_ += append.bytes;
    send_all(records, append);
    if (append.left > 0) return;
    bytes_ -= append.bytes;  // not one could be sent
    one.splice(one.end(), under_way, append.self);
    lock.unlock();
    append.done(append.result());
}

void Delivery::send_all(std::span<const NewRecord> records, Append& append) {
    std::size_t sent = 0;
    for (; sent < records.size(); ++sent) {
        const auto& at = append.places[sent].at;
        auto done = producer_->send(*topics_.find(at.topic), at.partition, records[sent], append.records[sent]);
        if (done) continue;
        append.fail_one(std::move(done.error()));
        break;  // the rest would only be more that was stored in part
    }
    append.left = sent;
}

bool Delivery::has_under_way(TopicPartition at) const {
    const std::scoped_lock lock(mutex_);
    if (answering_) return true;
    return std::ranges::any_of(producer_->under_way, [at](const Append& append) {
        return std::ranges::any_of(append.places, [at](const RecordPlace& place) { return place.at == at; });
    });
}

std::shared_ptr<Producer> Delivery::producer() const {
    const std::scoped_lock lock(mutex_);
    return producer_;
}

void Delivery::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
        asking_ = false;
        asking_changed_.notify_all();
    }
    const std::scoped_lock lock(join_mutex_);
    if (thread_.joinable()) thread_.join();
    if (asker_.joinable()) asker_.join();
    state_ = LogState::stopped;
}

void Delivery::run() {
    std::optional<Instant> deadline;
    for (;;) {
        const auto producer = this->producer();
        producer->poll(poll_slice);
        settle(*producer);
        {
            const std::scoped_lock lock(mutex_);
            if (stopping_ && producer->under_way.empty()) return;
            if (stopping_ && !deadline) deadline = clock_.monotonic() + options_.delivery_timeout;
        }
        if (deadline && clock_.monotonic() >= *deadline) return retire(*producer);
        watch_age(*producer);
    }
}

/// Answers all appends whose last report has come.
void Delivery::settle(Producer& producer) {
    std::list<Append> finished;
    {
        const std::scoped_lock lock(mutex_);
        for (const auto& report : producer.reports) apply(report, producer);
        finished.swap(finished_);
        answering_ = !finished.empty();
    }
    producer.reports.clear();
    if (!finished.empty()) answer(finished);
}

void Delivery::apply(const Report& report, Producer& producer) {
    Append& append = *report.record.append;
    auto& place = append.places[report.record.index];
    if (report.code == RD_KAFKA_RESP_ERR_NO_ERROR && report.offset >= 0) {
        place.offset = Offset{report.offset};
        ++append.stored;
        const Instant now = clock_.monotonic();
        heard_ = now;
        acknowledged_ = now;
    } else if (report.code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        // librdkafka concludes from the success of a later batch that this one, which had an error, is stored: "implicitly acked". That is
        // wrong where the broker did not know the producer yet, as it takes any sequence number for the first one. Seen with Kafka 3.9.1
        // when a leader was just elected: "not leader" for the first batch, success for the second, and the first is nowhere.
        append.fail_one({Errc::unavailable, "Kafka did not say whether the event is stored", 0});
    } else {
        Error error = kafka_client::to_error(report.code, topics_.find(place.at.topic)->kafka_name);
        if (error.code != Errc::too_large) error.code = Errc::unavailable;
        append.fail_one(std::move(error));
    }
    if (--append.left > 0) return;
    bytes_ -= append.bytes;
    finished_.splice(finished_.end(), producer.under_way, append.self);
}

void Delivery::answer(std::list<Append>& finished) {
    std::map<TopicPartition, Offset> ends;
    for (auto& append : finished) {
        for (const auto& place : append.places) {
            auto& end = ends[place.at];
            end = std::max(end, Offset{place.offset.value + 1});
        }
        append.done(append.result());
    }
    for (const auto& [at, end] : ends)
        if (end.value > 0) observer_.moved(at, end);
    const std::scoped_lock lock(mutex_);
    answering_ = false;
}

/// Decides whether the cluster answers, and whether this producer must go.
void Delivery::watch_age(Producer& producer) {
    const Instant now = clock_.monotonic();
    std::optional<Instant> oldest;
    {
        const std::scoped_lock lock(mutex_);
        if (!producer.under_way.empty()) oldest = producer.under_way.front().since;
    }
    const bool waits = oldest && now - *oldest > options_.unreachable_after;
    const bool silent = now - heard_.load() > options_.unreachable_after + question_interval;
    if (waits || silent) {
        set_unreachable(true, producer.errors().latest());
    } else if (acknowledged_.load() > unreachable_since_ || (!oldest && heard_.load() > unreachable_since_)) {
        set_unreachable(false, {});
    }
    if (now - replaced_ < pause_) return;
    if (producer.has_failed()) return replace("Kafka refused the producer: " + producer.why_failed());
    if (oldest && now - *oldest > options_.delivery_timeout)
        replace("no acknowledgement within " + std::to_string(options_.delivery_timeout.count()) + " ms");
}

void Delivery::set_unreachable(bool unreachable, const std::string& reason) {
    const LogState wanted = unreachable ? LogState::unreachable : LogState::accepting;
    if (state_.exchange(wanted) == wanted) return;
    const Instant now = clock_.monotonic();
    if (unreachable) {
        unreachable_since_ = now;
        observer_.notice("Kafka does not answer: events wait, and get 503 where they wait for too long" +
                         (reason.empty() ? "" : " (" + reason + ")"));
    } else {
        observer_.notice("Kafka answers again, after " + seconds_text(now - unreachable_since_));
    }
}

/// Another producer takes over. Where it fails at once, too, the next one has to wait for longer.
void Delivery::replace(const std::string& why) {
    const Instant now = clock_.monotonic();
    pause_ = acknowledged_.load() > replaced_ ? shortest_pause : std::clamp(pause_ * 2, shortest_pause, longest_pause);
    replaced_ = now;
    auto next = Producer::make(options_.producer);
    if (!next) return observer_.notice("no producer could be made: " + next.error().message);
    std::shared_ptr<Producer> old;
    {
        const std::scoped_lock lock(mutex_);
        old = std::exchange(producer_, *next);
    }
    observer_.notice(why + ": what was under way is answered 503, its outcome unknown");
    retire(*old);
}

/// The reports that can still be had, then an answer to everything else. Whoever appends meanwhile waits for nothing: the next producer has
/// it.
void Delivery::retire(Producer& producer) {
    producer.give_up();
    const Instant deadline = clock_.monotonic() + purge_grace;
    while (clock_.monotonic() < deadline && rd_kafka_outq_len(producer.client()) > 0) {
        producer.poll(poll_slice);
        settle(producer);
    }
    give_up_the_rest(producer);
}

/// Nobody polls this producer any more: no report will come.
void Delivery::give_up_the_rest(Producer& producer) {
    std::list<Append> rest;
    {
        const std::scoped_lock lock(mutex_);
        rest.swap(producer.under_way);
        for (const auto& append : rest) bytes_ -= append.bytes;
        answering_ = true;
    }
    for (auto& append : rest) append.fail_one({Errc::unavailable, "given up", 0});
    answer(rest);
}

void Delivery::ask_now_and_then() {
    for (;;) {
        std::unique_lock lock(mutex_);
        asking_changed_.wait_for(lock, question_interval, [this] { return !asking_; });
        if (!asking_) return;
        const auto producer = producer_;
        lock.unlock();
        if (clock_.monotonic() - heard_.load() < question_interval) continue;
        const rd_kafka_metadata_t* found = nullptr;
        const int timeout = static_cast<int>(question_timeout.count());
        if (rd_kafka_metadata(producer->client(), 0, nullptr, &found, timeout) == RD_KAFKA_RESP_ERR_NO_ERROR) heard_ = clock_.monotonic();
        if (found != nullptr) rd_kafka_metadata_destroy(found);
    }
}

}  // namespace tenter::log::kafka
