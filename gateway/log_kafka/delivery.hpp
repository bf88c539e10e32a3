#pragma once
// gateway/log_kafka/delivery.hpp: appends on their way to the cluster, each answered once.
//
//   append --> under way (bounded) --> producer 1 --reports--> answered
//                                         | the oldest waits too long, or librdkafka reports a fatal error:
//                                         | everything under way is `unavailable`, and
//                                      producer 2 takes what comes then
//
// Why whole producers are given up: a record that one producer may have sent must never be sent by another, or it could be stored twice.

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <thread>

#include "gateway/log/event_log.hpp"
#include "gateway/log_kafka/producer.hpp"
#include "gateway/log_kafka/topic_table.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::log::kafka {

struct DeliveryOptions {
    ProducerSettings producer;
    std::uint64_t queue_bytes = 0;
    std::chrono::milliseconds delivery_timeout{};
    std::chrono::milliseconds unreachable_after{};
};

/// Calls from the delivery thread.
struct DeliveryObserver {
    std::function<void(std::string_view)> notice;
    std::function<void(TopicPartition, Offset)> moved;  ///< After `done`: records below this offset are stored.
};

/// Thread safe.
class Delivery {
public:
    Delivery(const Clock& clock, const TopicTable& topics, std::shared_ptr<Producer> first, DeliveryOptions options,
             DeliveryObserver observer);
    Delivery(const Delivery&) = delete;
    Delivery& operator=(const Delivery&) = delete;
    ~Delivery() { stop(); }

    void append(std::span<const NewRecord> records, AppendDone done);
    [[nodiscard]] LogState state() const noexcept { return state_.load(); }
    /// Whether a record for that partition has no answer yet.
    [[nodiscard]] bool has_under_way(TopicPartition at) const;
    /// Waits for what is under way, at most the delivery timeout. Idempotent.
    void stop();

private:
    [[nodiscard]] Result<void> check(std::span<const NewRecord> records) const;
    [[nodiscard]] std::shared_ptr<Producer> producer() const;
    [[nodiscard]] std::optional<Error> refusal(std::size_t bytes) const;
    void send_all(std::span<const NewRecord> records, Append& append);
    void run();
    void settle(Producer& producer);
    void apply(const Report& report, Producer& producer);
    void give_up_the_rest(Producer& producer);
    void answer(std::list<Append>& finished);
    void watch_age(Producer& producer);
    void set_unreachable(bool unreachable, const std::string& reason);
    void replace(const std::string& why);
    void retire(Producer& producer);
    void ask_now_and_then();

    const Clock& clock_;
    const TopicTable& topics_;
    const DeliveryOptions options_;
    const DeliveryObserver observer_;

    mutable std::mutex mutex_;  // guards down to stopping_; held while records are given to librdkafka, never while calling out
    std::shared_ptr<Producer> producer_;
    std::list<Append> finished_;  // answered soon
    bool answering_ = false;
    std::uint64_t bytes_ = 0;
    bool stopping_ = false;
    bool asking_ = true;
    std::condition_variable asking_changed_;

    std::atomic<LogState> state_{LogState::accepting};
    std::atomic<Instant> heard_;         // of the cluster: an acknowledgement or an answer
    std::atomic<Instant> acknowledged_;  // a record
    Instant unreachable_since_{};        // these three: delivery thread
    Instant replaced_{};
    std::chrono::milliseconds pause_{};
    std::mutex join_mutex_;
    std::thread asker_;
    std::thread thread_;  // last: runs on all the others
};

}  // namespace tenter::log::kafka
