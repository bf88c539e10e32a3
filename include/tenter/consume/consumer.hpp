#pragma once
// tenter/consume/consumer.hpp: calls a function for every webhook of a topic.
//
//   MisterWebhooksConsumer consumer("incoming.myproject.shop", ConnectionProfile::from_file("profile.json"));
//   consumer.run([](const WebhookEvent& event) { handle(event.payload()); });
//
//   librdkafka --> partition queues --> poll thread --batches--> worker 1..N --> your callback
//                                           `---- commits what was processed, keeps the membership, however long a callback takes
//
// Every event at least once, those of one partition in their order. The connection is SASL_SSL with PLAIN by the profile's secret; the
// broker's certificate must be of the profile's CA (else the system's trust store) and of the name that was asked for. librdkafka 2.0.2
// speaks TLS 1.3, but cannot demand it: whoever must, demands it at the broker, as Tenter's own listener does.

#include <atomic>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "tenter/consume/options.hpp"
#include "tenter/consume/webhook_event.hpp"
#include "tenter/envelope/connection_profile.hpp"

namespace tenter::consume {

using envelope::ConnectionProfile;

/// Called for each event. The event is good until it returns.
using Callback = std::function<void(const WebhookEvent& event)>;

/// What a callback throws to end `run` in order: it returns as after `shutdown`, with this event not committed. Neither retried nor
/// dead-lettered.
struct StopConsuming {};

/// What WebhookConsumer and ScriptedConsumer have in common, for code that is to be tested without Kafka.
class Consumer {
public:
    Consumer() = default;
    Consumer(const Consumer&) = delete;
    Consumer& operator=(const Consumer&) = delete;
    /// No `run` may be under way.
    virtual ~Consumer() = default;

    /// Consumes until `shutdown`. May be called again after it returned, not while it runs. Throws
    /// - what the callback threw, unchanged: everything before that event is committed, it and what follows is not (with several workers:
    ///   everything up to the first event that is not processed, see CommitPolicy);
    /// - FormatError, EnvelopeDecodeError, PayloadDecodeError for a record that cannot be read, see `ConsumerOptions::on_undecodable`;
    /// - Exception: the cluster cannot be used (`unauthenticated`: secret or right; `not_found`: topic; `unavailable`: no broker within
    ///   `connect_timeout`, certificate not trusted), or will not be any more: topic deleted, rights withdrawn, another member with the
    ///   same `instance_id`. A broker that is lost meanwhile is no error: notices tell, and consumption resumes by itself.
    void run(const Callback& callback) { run(std::stop_token(), callback); }
    /// Ends also when `stop` is requested.
    virtual void run(std::stop_token stop, const Callback& callback) = 0;
    /// No callback begins any more. Ends `run` once those under way have returned and what was processed is committed: at most three
    /// `close_timeout` later. From any thread, also from the callback. Before `run`: the next `run` returns at once.
    virtual void shutdown() noexcept = 0;
};

/// Consumes from Kafka.
class WebhookConsumer final : public Consumer {
public:
    /// Connects only in `run`. Throws Exception (`invalid_input`) for options out of their bounds, no topic, or one that cannot be.
    WebhookConsumer(std::string topic, ConnectionProfile profile, ConsumerOptions options = {});
    WebhookConsumer(std::vector<std::string> topics, ConnectionProfile profile, ConsumerOptions options = {});
    ~WebhookConsumer() override;

    using Consumer::run;
    void run(std::stop_token stop, const Callback& callback) override;
    void shutdown() noexcept override;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The name in the Python package.
using MisterWebhooksConsumer = WebhookConsumer;

}  // namespace tenter::consume
