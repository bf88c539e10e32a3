#pragma once
// gateway/app/log_options.hpp: the log as the configuration asks for it; the same for the gateway and for the commands that read or mend
// the embedded log beside it.

#include "gateway/config/config.hpp"
#include "gateway/log_kafka/kafka_log.hpp"
#include "gateway/log_segment/segment_log.hpp"

namespace tenter::app {

[[nodiscard]] log::SegmentLogOptions log_options(const config::Config& config);

/// Only where `config.log.kafka`.
[[nodiscard]] log::KafkaLogOptions kafka_log_options(const config::Config& config);

}  // namespace tenter::app
