#include "gateway/app/kafka_service.hpp"

#include <algorithm>
#include <utility>

#include "gateway/broker/broker.hpp"
#include "gateway/broker/offsets_topic.hpp"
#include "gateway/consumers/registry_file.hpp"
#include "gateway/kafka_listener/listener.hpp"
#include "gateway/tls/certificates.hpp"
#include "gateway/tls/names.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/timestamp.hpp"
#include "tenter/base/uuid.hpp"

namespace tenter::app {
namespace {

tls::Certificates::Load load_identity(const config::Config& config, Env& env, const Clock& clock) {
    if (const auto& files = config.kafka.tls)
        return [&env, named = tls::IdentityFiles{files->certificate, files->key, files->ca}] { return tls::read_identity(env, named); };
    std::vector<std::string> listened;
    for (const auto& address : config.kafka.listen) listened.push_back(address.host);
    const std::string advertised = config.kafka.advertise ? config.kafka.advertise->host : std::string();
    return [&env, &clock, data = config.data, listened, advertised] {
        return tls::ensure_identity(env, clock, data, tls::local_names(listened, advertised));
    };
}

kafka_listener::ListenerOptions listener_options(const config::Config& config, std::optional<std::uint16_t> port) {
    kafka_listener::ListenerOptions options;
    for (const auto& address : config.kafka.listen) options.listen.push_back({address.host, port.value_or(address.port)});
    options.control_folder = config.data;
    options.max_connections = config.kafka.max_connections;
    options.max_strangers = std::max<std::size_t>(1, options.max_connections / 2);
    options.idle_timeout = config.kafka.idle_timeout;
    return options;
}

/// As Kafka's own: 22 characters of base64url. The log's id, so that a client that is pointed at another log notices.
std::string cluster_id(const Uuid& log_id) {
    const BytesView bytes(reinterpret_cast<const char*>(log_id.bytes.data()), log_id.bytes.size());
    return base64_encode(bytes, Base64Alphabet::url, Base64Padding::forbidden);
}

broker::Options broker_options(const config::Config& config, const Uuid& log_id) {
    broker::Options options;
    options.topic_prefix = config.kafka.topic_prefix;
    if (const auto& advertise = config.kafka.advertise) options.advertise = broker::Endpoint{advertise->host, advertise->port};
    options.cluster_id = cluster_id(log_id);
    options.limits.connections_per_consumer = config.kafka.max_connections_per_consumer;
    options.limits.frame_bytes = config.kafka.max_request_bytes;
    options.limits.fetch_bytes = config.kafka.fetch_memory_bytes;
    return options;
}

/// The broker as the listener knows it.
class BrokerService final : public kafka_listener::Service {
public:
    explicit BrokerService(broker::Broker& broker) : broker_(broker) {}

    Result<void> start() override { return broker_.start(); }
    std::unique_ptr<broker::Client> connect(broker::Arrival arrival, broker::CloseConnection close) override {
        return broker_.connect(std::move(arrival), std::move(close));
    }
    Instant next_deadline() const override { return broker_.next_deadline(); }
    void tick() override { broker_.tick(); }

private:
    broker::Broker& broker_;
};

}  // namespace

/// In the order in which they need each other. The listener, which others post to, stays until the log has stopped.
struct KafkaService::Parts {
    Parts(KafkaService& owner, tls::Certificates certificates)
        : consumers(owner.env_, owner.config_.data),
          listener(
              listener_options(owner.config_, owner.port_), owner.clock_, std::move(certificates),
              {.on_refused =
                   [&owner](const kafka_listener::Refusal& refusal) {
                       owner.operator_log_.write_throttled(LogLevel::warn, "kafka_refused",
                                                           {{"peer", refusal.peer.empty() ? "-" : refusal.peer},
                                                            {"consumer", refusal.consumer.empty() ? "-" : refusal.consumer},
                                                            {"reason", refusal.reason}});
                   },
               .on_notice = [&owner](std::string_view text) { owner.operator_log_.write(LogLevel::warn, "kafka", {{"notice", text}}); }}) {}

    consumers::RegistryFile consumers;
    kafka_listener::Listener listener;
    std::unique_ptr<broker::OffsetsTopic> offsets;
    std::unique_ptr<broker::Broker> broker;
    std::unique_ptr<BrokerService> service;
};

KafkaService::KafkaService(const config::Config& config, std::optional<std::uint16_t> port, Env& env, const Clock& clock, Random& random,
                           OperatorLog& operator_log)
    : config_(config), port_(port), env_(env), clock_(clock), random_(random), operator_log_(operator_log) {}

KafkaService::~KafkaService() = default;

Result<void> KafkaService::start(log::SegmentLog& log) {
    if (!log.is_recovered()) return fail(Errc::overloaded, "the log is not recovered yet");
    const auto log_id = log.id();
    if (!log_id) return fail(log_id.error());

    tls::Certificates certificates(load_identity(config_, env_, clock_), {.allow_tls_1_2 = config_.kafka.allow_tls_1_2});
    if (auto refreshed = certificates.refresh(); !refreshed) return fail(std::move(refreshed.error()));
    if (const auto expiry = tls::expiry_of(certificates.identity()); expiry && *expiry <= clock_.now())
        operator_log_.write(LogLevel::warn, "kafka", {{"notice", "the certificate has expired at " + to_rfc3339(*expiry)}});

    parts_ = std::make_unique<Parts>(*this, std::move(certificates));
    Parts& parts = *parts_;
    const auto notice = [this](std::string_view text) { operator_log_.write_throttled(LogLevel::warn, "kafka", {{"notice", text}}); };
    auto offsets = broker::OffsetsTopic::open({}, log, parts.listener.executor(), clock_, notice);
    if (!offsets) return fail(std::move(offsets.error()));
    parts.offsets = std::move(*offsets);
    parts.broker = std::make_unique<broker::Broker>(broker_options(config_, *log_id), log, *parts.offsets, parts.consumers, clock_, random_,
                                                    parts.listener.executor(), notice);
    auto replayed = parts.offsets->replay([&](const groups::StoredRecord& record) { return parts.broker->replay(record); });
    if (!replayed) return replayed;
    parts.offsets->start_snapshots([broker = parts.broker.get()] { return broker->snapshot(); });
    parts.service = std::make_unique<BrokerService>(*parts.broker);
    return parts.listener.start(*parts.service);
}

std::vector<broker::Endpoint> KafkaService::addresses() const {
    return parts_ ? parts_->listener.addresses() : std::vector<broker::Endpoint>();
}

void KafkaService::close_listeners() noexcept {
    if (parts_) parts_->listener.close_listeners();
}

void KafkaService::stop() {
    if (!parts_) return;
    parts_->listener.stop();
    if (parts_->offsets) parts_->offsets->stop_snapshots();
    parts_->service.reset();
    parts_->broker.reset();
    parts_->offsets.reset();
}

bool wants_kafka_service(const config::Config& config) noexcept { return !config.log.kafka && !config.kafka.listen.empty(); }

}  // namespace tenter::app
