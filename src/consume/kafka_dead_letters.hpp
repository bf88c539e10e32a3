#pragma once
// src/consume/kafka_dead_letters.hpp: writes records that were given up into another topic of the same cluster.

#include <functional>
#include <memory>
#include <string>

#include "src/consume/record_source.hpp"
#include "tenter/kafka_client/client.hpp"

namespace tenter::consume {

/// A producer with acks=all. Thread safe.
class KafkaDeadLetters {
public:
    [[nodiscard]] static Result<std::unique_ptr<KafkaDeadLetters>> make(kafka_client::Settings&& settings, std::string topic);
    explicit KafkaDeadLetters(std::string topic) : topic_(std::move(topic)) {}
    KafkaDeadLetters(const KafkaDeadLetters&) = delete;
    KafkaDeadLetters& operator=(const KafkaDeadLetters&) = delete;
    ~KafkaDeadLetters();

    /// Returns once Kafka has it; where librdkafka cannot tell, it is sent again, so that it may be there twice. `unavailable` after 30 s,
    /// or when `stop` says so.
    [[nodiscard]] Result<void> send(const DeadLetter& letter, const std::function<bool()>& stop);

private:
    /// False: nobody knows whether it is stored.
    [[nodiscard]] Result<bool> send_once(const DeadLetter& letter, const std::function<bool()>& stop);
    [[nodiscard]] std::string what() const;

    const std::string topic_;
    kafka_client::Client producer_;
};

}  // namespace tenter::consume
