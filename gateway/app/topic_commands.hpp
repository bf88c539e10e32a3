#pragma once
// gateway/app/topic_commands.hpp: how somebody who may make topics makes those that the configuration needs in Kafka.

#include <string>

#include "gateway/config/config.hpp"
#include "tenter/base/result.hpp"

namespace tenter::app {

/// Lines for a shell, with comments: one `kafka-topics.sh` for each source. No secret is in them. `not_found` where the configuration names
/// no cluster.
[[nodiscard]] Result<std::string> topic_commands(const config::Config& config);

}  // namespace tenter::app
