#pragma once
// gateway/app/open_log.hpp: the log that the configuration asks for, and a word about what opening it did.

#include <functional>
#include <memory>
#include <string>

#include "gateway/config/config.hpp"
#include "gateway/log/event_log.hpp"
#include "gateway/log_segment/segment_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"

namespace tenter::app {

struct OpenedLog {
    std::unique_ptr<log::EventLog> log;
    log::SegmentLog* embedded = nullptr;      ///< The same, where it is the embedded one.
    std::function<Result<std::string>()> id;  ///< The embedded log's own, once it has one; empty for another kind. Lives as the log does.
    std::string summary;                      ///< For the start screen: where the log is, and what was recovered.
};

/// Makes the data folder where there is none. `env` and `clock` must outlive the log.
[[nodiscard]] Result<OpenedLog> open_log(const config::Config& config, Env& env, const Clock& clock, log::LogObserver observer);

}  // namespace tenter::app
