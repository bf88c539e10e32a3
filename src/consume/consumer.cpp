#include "tenter/consume/consumer.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "src/consume/engine.hpp"
#include "src/consume/kafka_source.hpp"
#include "src/consume/signals.hpp"
#include "tenter/base/exception.hpp"

namespace tenter::consume {
namespace {

/// Kafka's rule for names; librdkafka would read one that begins with ^ as an expression.
bool is_topic_name(std::string_view name) {
    const auto is_allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    return !name.empty() && name.size() <= 249 && name != "." && name != ".." && std::ranges::all_of(name, is_allowed);
}

Result<void> check_topics(const std::vector<std::string>& topics) {
    if (topics.empty()) return fail(Errc::invalid_input, "a consumer needs a topic");
    for (const auto& topic : topics) {
        if (!is_topic_name(topic)) return fail(Errc::invalid_input, "\"" + topic + "\" cannot be the name of a topic");
        if (std::ranges::count(topics, topic) > 1) return fail(Errc::invalid_input, "topic \"" + topic + "\" is named twice");
    }
    return {};
}

}  // namespace

class WebhookConsumer::Impl {
public:
    Impl(std::vector<std::string> topics, ConnectionProfile profile, ConsumerOptions options)
        : options_(std::move(options)),
          plan_{.cluster = {.bootstrap = profile.kafka_bootstrap,
                            .username = profile.consumer_name,
                            .password = profile.auth_secret,
                            .ca = profile.kafka_ca},
                .topics = std::move(topics),
                .group = options_.group.name_or(profile.consumer_name),
                .start = options_.start} {
        value_or_throw(options_.validate());
        value_or_throw(check_topics(plan_.topics));
        if (std::ranges::find(plan_.topics, options_.dead_letter_topic) != plan_.topics.end())
            throw Exception(Error{Errc::invalid_input, "dead_letter_topic is one of the topics that are consumed"});
    }

    void run(const std::stop_token& stop, const Callback& callback) {
        if (is_running_.exchange(true)) throw Exception(Error{Errc::invalid_input, "this consumer is running already"});
        struct Ended {
            Impl& impl;
            ~Ended() {
                impl.shutdown_ = false;
                impl.is_running_ = false;
            }
        } ended{*this};
        std::optional<StopSignals> signals;
        if (options_.stop_on_signals) signals.emplace();
        const auto is_stopped = [&] { return shutdown_.load() || stop.stop_requested() || (signals && signals->received()); };
        KafkaSource source(plan_, options_);
        EngineTime time;
        Engine engine(source, options_, callback, time, is_stopped);
        {
            const std::scoped_lock lock(mutex_);
            source_ = &source;
        }
        const std::stop_callback on_stop(stop, [&] { source.wake(); });
        struct Unset {
            Impl& impl;
            ~Unset() {
                const std::scoped_lock lock(impl.mutex_);
                impl.source_ = nullptr;
            }
        } unset{*this};
        engine.run();
        plan_.start = StartPoint::last_processed();
    }

    void shutdown() noexcept {
        shutdown_ = true;
        const std::scoped_lock lock(mutex_);
        if (source_ != nullptr) source_->wake();
    }

private:
    const ConsumerOptions options_;
    KafkaPlan plan_;
    std::atomic<bool> is_running_ = false;
    std::atomic<bool> shutdown_ = false;
    std::mutex mutex_;
    KafkaSource* source_ = nullptr;
};

WebhookConsumer::WebhookConsumer(std::string topic, ConnectionProfile profile, ConsumerOptions options)
    : WebhookConsumer(std::vector<std::string>{std::move(topic)}, std::move(profile), std::move(options)) {}

WebhookConsumer::WebhookConsumer(std::vector<std::string> topics, ConnectionProfile profile, ConsumerOptions options)
    : impl_(std::make_unique<Impl>(std::move(topics), std::move(profile), std::move(options))) {}

WebhookConsumer::~WebhookConsumer() = default;

void WebhookConsumer::run(std::stop_token stop, const Callback& callback) { impl_->run(stop, callback); }

void WebhookConsumer::shutdown() noexcept { impl_->shutdown(); }

}  // namespace tenter::consume
