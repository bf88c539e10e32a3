#include "tenter/kafka_client/client.hpp"

#include <array>
#include <utility>

#include <librdkafka/rdkafka.h>

namespace tenter::kafka_client {
namespace {

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

bool is_of_certificate(std::string_view reason) {
    return reason.find("certificate") != std::string_view::npos || reason.find("wrong version number") != std::string_view::npos;
}

}  // namespace

void ConnectionErrors::note(int code, std::string_view reason) {
    const std::scoped_lock lock(mutex_);
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !latest_.empty()) return;  // says less than what was before
    latest_ = reason;
    if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED)
        refusal_ = Error{Errc::unauthenticated, "wrong user name or secret: " + latest_};
    else if (code == RD_KAFKA_RESP_ERR__SSL && is_of_certificate(reason))
        refusal_ = Error{Errc::unavailable, "the broker's certificate is not trusted, or this is no TLS port: " + latest_};
}

std::optional<Error> ConnectionErrors::refusal() const {
    const std::scoped_lock lock(mutex_);
    return refusal_;
}

std::string ConnectionErrors::latest() const {
    const std::scoped_lock lock(mutex_);
    return latest_;
}

void ConnectionErrors::clear() {
    const std::scoped_lock lock(mutex_);
    refusal_.reset();
    latest_.clear();
}

void DestroyClient::operator()(rd_kafka_s* client) const noexcept { rd_kafka_destroy(client); }

Settings::Settings(const Cluster& cluster) : conf_(rd_kafka_conf_new()) {
    rd_kafka_conf_set_log_cb(conf_, [](const rd_kafka_t*, int, const char*, const char*) {});
    set("client.id", "tenter");
    set("bootstrap.servers", cluster.bootstrap);
    set("security.protocol", "sasl_ssl");
    set("sasl.mechanisms", "PLAIN");
    set("sasl.username", cluster.username);
    set("sasl.password", std::string(cluster.password.reveal()));
    set("ssl.endpoint.identification.algorithm", "https");
    if (cluster.ca)
        set("ssl.ca.pem", *cluster.ca);
    else
        set("ssl.ca.location", "probe");
    set("allow.auto.create.topics", "false");
    set("reconnect.backoff.ms", 50);
    set("reconnect.backoff.max.ms", 2000);
}

Settings::~Settings() {
    if (conf_ != nullptr) rd_kafka_conf_destroy(conf_);
}

void Settings::set(const std::string& name, const std::string& value) {
    std::array<char, 512> reason{};
    if (rd_kafka_conf_set(conf_, name.c_str(), value.c_str(), reason.data(), reason.size()) == RD_KAFKA_CONF_OK || fault_) return;
    const bool is_secret = name == "sasl.password";  // librdkafka repeats the value
    fault_ = Error{Errc::invalid_input, "Kafka property " + name + ": " + (is_secret ? "cannot be used" : reason.data())};
}

Result<Client> Settings::make(int type) {
    if (fault_) return fail(std::move(*fault_));
    std::array<char, 512> reason{};
    Client client(rd_kafka_new(static_cast<rd_kafka_type_t>(type), conf_, reason.data(), reason.size()));
    if (!client) return fail(Errc::invalid_input, "Kafka client: " + std::string(reason.data()));
    conf_ = nullptr;  // the client has it now
    return client;
}

Result<Client> Settings::make_consumer() && { return make(RD_KAFKA_CONSUMER); }
Result<Client> Settings::make_producer() && { return make(RD_KAFKA_PRODUCER); }

namespace {

constexpr int metadata_slice_ms = 500;
constexpr std::chrono::milliseconds new_topic_grace{1000};

struct DestroyTopic {
    void operator()(rd_kafka_topic_t* topic) const noexcept { rd_kafka_topic_destroy(topic); }
};
struct DestroyMetadata {
    void operator()(const rd_kafka_metadata_t* metadata) const noexcept { rd_kafka_metadata_destroy(metadata); }
};

/// One question to the cluster: the topic's facts, or the code why not.
std::expected<TopicFacts, rd_kafka_resp_err_t> ask_for_topic(rd_kafka_t* client, const std::string& name) {
    const std::unique_ptr<rd_kafka_topic_t, DestroyTopic> topic(rd_kafka_topic_new(client, name.c_str(), nullptr));
    if (!topic) return std::unexpected(RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
    const rd_kafka_metadata_t* found = nullptr;
    const auto code = rd_kafka_metadata(client, 0, topic.get(), &found, metadata_slice_ms);
    const std::unique_ptr<const rd_kafka_metadata_t, DestroyMetadata> metadata(found);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(code);
    if (metadata->topic_cnt != 1) return std::unexpected(RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    const auto& facts = metadata->topics[0];
    if (facts.err != RD_KAFKA_RESP_ERR_NO_ERROR) return std::unexpected(facts.err);
    if (facts.partition_cnt == 0) return std::unexpected(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
    return TopicFacts{.name = name, .partition_count = facts.partition_cnt};
}

bool is_unknown_topic(rd_kafka_resp_err_t code) {
    return code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC ||
           code == RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
}

std::string list_of(std::span<const std::string> names) {
    std::string list;
    for (const auto& name : names) list += (list.empty() ? "" : ", ") + quoted(name);
    return list;
}

/// A round of questions.
struct Round {
    std::vector<TopicFacts> found;
    std::vector<std::string> unknown;
    std::optional<Error> refused;
    std::string not_yet;  ///< Why some question had no answer; empty when all had.
};

Round ask_for_topics(rd_kafka_t* client, const Cluster& cluster, std::span<const std::string> topics) {
    Round round;
    for (const auto& name : topics) {
        auto facts = ask_for_topic(client, name);
        if (facts) {
            round.found.push_back(std::move(*facts));
        } else if (is_unknown_topic(facts.error())) {
            round.unknown.push_back(name);
        } else if (facts.error() == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
            round.refused = Error{Errc::unauthenticated, quoted(cluster.username) + " may not use topic " + quoted(name)};
            return round;
        } else {
            round.not_yet = rd_kafka_err2str(facts.error());
            return round;  // no broker for one question: none for the others
        }
    }
    return round;
}

}  // namespace

Result<std::vector<TopicFacts>> find_topics(rd_kafka_s* client, const Cluster& cluster, const ConnectionErrors& errors,
                                            std::span<const std::string> topics, std::chrono::milliseconds timeout,
                                            const std::function<bool()>& stop) {
    using Now = std::chrono::steady_clock;
    const auto deadline = Now::now() + timeout;
    std::optional<Now::time_point> unknown_since;
    while (true) {
        auto round = ask_for_topics(client, cluster, topics);
        rd_kafka_poll(client, 0);
        if (round.refused) return fail(std::move(*round.refused));
        if (round.not_yet.empty() && round.unknown.empty()) return std::move(round.found);
        if (auto refusal = errors.refusal()) return fail(std::move(*refusal).within(cluster.bootstrap));
        const auto now = Now::now();
        if (!round.unknown.empty() && !unknown_since) unknown_since = now;
        if (round.not_yet.empty() && now >= std::min(*unknown_since + new_topic_grace, deadline))
            return fail(Errc::not_found, "no such topic at " + cluster.bootstrap + ": " + list_of(round.unknown) +
                                             "; it must be made on the cluster, nothing here makes one");
        if (stop && stop()) return fail(Errc::unavailable, "stopped before " + cluster.bootstrap + " answered");
        if (now >= deadline) {
            const auto latest = errors.latest();
            return fail(Errc::unavailable, "no answer from " + cluster.bootstrap + " within " + std::to_string(timeout.count()) +
                                               " ms: " + (latest.empty() ? round.not_yet : latest));
        }
        rd_kafka_poll(client, 100);  // a question that failed at once must not be asked in a circle
    }
}

Error to_error(int code, std::string_view what) {
    const auto kafka = static_cast<rd_kafka_resp_err_t>(code);
    std::string message = std::string(what) + ": " + rd_kafka_err2str(kafka);
    switch (kafka) {
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED: return {Errc::unauthenticated, std::move(message)};
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: return {Errc::not_found, std::move(message)};
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
        case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: return {Errc::too_large, std::move(message)};
        case RD_KAFKA_RESP_ERR__QUEUE_FULL: return {Errc::overloaded, std::move(message)};
        case RD_KAFKA_RESP_ERR__INVALID_ARG:
        case RD_KAFKA_RESP_ERR_INVALID_GROUP_ID:
        case RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL: return {Errc::invalid_input, std::move(message)};
        case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
        case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE: return {Errc::unsupported, std::move(message)};
        default: return {Errc::unavailable, std::move(message)};
    }
}

}  // namespace tenter::kafka_client
