// What librdkafka reports: what ends a run, what is told, and whether any broker is there.
#include <array>
#include <utility>

#include "src/consume/kafka_source.hpp"

namespace tenter::consume {
namespace {

constexpr std::chrono::milliseconds look_interval{1000};
constexpr int look_timeout_ms = 500;
constexpr std::chrono::milliseconds quiet_for{5000};  ///< Then a broker is asked whether it is there.
constexpr std::chrono::milliseconds doubt_for{1500};  ///< Without an answer for so long, none is.

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

}  // namespace

void KafkaSource::on_client_error(int code, const char* reason) {
    errors_.note(code, reason);
    if (!running_) return;
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
        std::array<char, 512> text{};
        const auto fatal = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
        return end_with(kafka_client::to_error(fatal, text.data()));
    }
    if (is_permanent(static_cast<rd_kafka_resp_err_t>(code))) return end_with(kafka_client::to_error(code, reason));
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        set_disconnected();
    } else {
        doubt();
    }
}

/// A broker has answered.
void KafkaSource::heard() {
    in_doubt_since_.reset();
    if (is_connected_) next_look_ = std::chrono::steady_clock::now() + quiet_for;
}

/// librdkafka says that all brokers are down only while it counts none as being connected to. The group's coordinator often is, so who lost
/// one asks whether any answers.
void KafkaSource::doubt() {
    if (!is_connected_ || in_doubt_since_) return;
    in_doubt_since_ = std::chrono::steady_clock::now();
    next_look_ = *in_doubt_since_;
}

void KafkaSource::set_disconnected() {
    next_look_ = std::chrono::steady_clock::now() + look_interval;
    in_doubt_since_.reset();
    if (!is_connected_) return;
    is_connected_ = false;
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
    const auto code = rd_kafka_metadata(client_.get(), 0, nullptr, &found, look_timeout_ms);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        rd_kafka_metadata_destroy(found);
        const bool was_connected = std::exchange(is_connected_, true);
        heard();
        if (was_connected) return;
        errors_.clear();
        return listener_->on_notice({.kind = Notice::Kind::connected});
    }
    const auto now = std::chrono::steady_clock::now();
    next_look_ = now + look_interval;
    if (!is_connected_) return;
    if (!in_doubt_since_) in_doubt_since_ = now;
    if (now - *in_doubt_since_ < doubt_for) return;
    if (errors_.latest().empty()) errors_.note(code, rd_kafka_err2str(code));
    set_disconnected();
}

void KafkaSource::end_with(Error error) { listener_->on_failed(std::move(error).within(plan_.cluster.bootstrap)); }

}  // namespace tenter::consume
