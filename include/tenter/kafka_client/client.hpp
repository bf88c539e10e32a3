#pragma once
// tenter/kafka_client/client.hpp: what our rooms that speak to a Kafka cluster share over librdkafka: how a connection is secured, what its
// errors mean, and who gives up when. Not installed.
//
//   Cluster --> Settings (SASL_SSL, PLAIN, host name checked) --> Client (rd_kafka_t)
//                                                                   |
//                        find_topics: connected, and every topic is there; else which of the five things is wrong

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"

struct rd_kafka_s;
struct rd_kafka_conf_s;

namespace tenter::kafka_client {

/// A cluster, and who we are there.
struct Cluster {
    std::string bootstrap{};  ///< host:port, several with commas.
    std::string username{};
    Secret password{};
    std::optional<std::string> ca{};  ///< PEM text; unset: the system's trust store.
};

/// Gathers what librdkafka reports of its connections. Thread safe.
class ConnectionErrors {
public:
    /// From the client's error callback: rd_kafka_resp_err_t and the reason.
    void note(int code, std::string_view reason);
    /// What no further try can change: refused credentials, a certificate that is not trusted.
    [[nodiscard]] std::optional<Error> refusal() const;
    /// The latest reason of any kind; empty if there was none.
    [[nodiscard]] std::string latest() const;
    void clear();

private:
    mutable std::mutex mutex_;
    std::optional<Error> refusal_;
    std::string latest_;
};

struct DestroyClient {
    void operator()(rd_kafka_s* client) const noexcept;
};
/// Its callbacks run on the threads that poll it.
using Client = std::unique_ptr<rd_kafka_s, DestroyClient>;

/// The properties of a client to be made (librdkafka's CONFIGURATION.md). The first that librdkafka refuses comes out of `make_*`.
class Settings {
public:
    /// SASL_SSL with PLAIN; the broker's certificate must be of the cluster's CA and of the name that was asked for. librdkafka prints
    /// nothing.
    explicit Settings(const Cluster& cluster);
    Settings(const Settings&) = delete;
    Settings& operator=(const Settings&) = delete;
    ~Settings();

    void set(const std::string& name, const std::string& value);
    void set(const std::string& name, std::int64_t value) { set(name, std::to_string(value)); }
    /// For callbacks and the opaque pointer.
    [[nodiscard]] rd_kafka_conf_s* raw() noexcept { return conf_; }

    /// `invalid_input` names the property.
    [[nodiscard]] Result<Client> make_consumer() &&;
    [[nodiscard]] Result<Client> make_producer() &&;

private:
    [[nodiscard]] Result<Client> make(int type);

    rd_kafka_conf_s* conf_;
    std::optional<Error> fault_;
};

struct TopicFacts {
    std::string name;
    std::int32_t partition_count = 0;
};

/// Waits until a broker says that all `topics` are there, at most `timeout`; serves the client's callbacks meanwhile.
///   `unauthenticated`  the broker refused the credentials, or they may not use the topic: at once
///   `unavailable`      the certificate is not trusted: at once; no broker was reached in time: the message has the latest reason
///   `not_found`        names all topics that are not there; a new topic gets a second to become known
/// `stop` may end it early, as `unavailable`.
[[nodiscard]] Result<std::vector<TopicFacts>> find_topics(rd_kafka_s* client, const Cluster& cluster, const ConnectionErrors& errors,
                                                          std::span<const std::string> topics, std::chrono::milliseconds timeout,
                                                          const std::function<bool()>& stop = {});

/// What the caller should do about an rd_kafka_resp_err_t; the message is `what: librdkafka's text`.
[[nodiscard]] Error to_error(int code, std::string_view what);

}  // namespace tenter::kafka_client
