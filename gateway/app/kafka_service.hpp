#pragma once
// gateway/app/kafka_service.hpp: the Kafka listener put together: who may read, the groups' offsets, the broker, its network side.
//
//   start:  certificates -> offsets replayed into the broker -> the listener, on whose thread the broker then is
//   stop:   the listener, with all connections -> the broker -> the offsets; then the log may stop

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/app/operator_log.hpp"
#include "gateway/broker/client.hpp"
#include "gateway/config/config.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/result.hpp"

namespace tenter::app {

/// Belongs to one thread, but for `close_listeners`.
class KafkaService {
public:
    /// The references must outlive it. `port`: in place of the port of every configured address; 0 takes a free one.
    KafkaService(const config::Config& config, std::optional<std::uint16_t> port, Env& env, const Clock& clock, Random& random,
                 OperatorLog& operator_log);
    KafkaService(const KafkaService&) = delete;
    KafkaService& operator=(const KafkaService&) = delete;
    /// `stop` must have been called if `start` was; and the log must have stopped, whose completions may still come this way.
    ~KafkaService();

    /// `overloaded`: the log is not recovered yet for want of room on the disk; to be called again later.
    [[nodiscard]] Result<void> start(log::SegmentLog& log);
    /// The addresses with the ports that were given; empty before `start`.
    [[nodiscard]] std::vector<broker::Endpoint> addresses() const;
    /// Takes no new connections, for a failed log. From any thread.
    void close_listeners() noexcept;
    void stop();

private:
    struct Parts;

    const config::Config& config_;
    const std::optional<std::uint16_t> port_;
    Env& env_;
    const Clock& clock_;
    Random& random_;
    OperatorLog& operator_log_;
    std::unique_ptr<Parts> parts_;
};

/// Whether the configuration asks for it.
[[nodiscard]] bool wants_kafka_service(const config::Config& config) noexcept;

}  // namespace tenter::app
