#pragma once
// cli/tail.hpp: `tenter tail` of the embedded log: the events of sources, from a point on, oldest first; then, if asked to, each new one as
// it becomes durable.

#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "cli/start_point.hpp"
#include "cli/tail_view.hpp"
#include "gateway/log/types.hpp"
#include "gateway/log_segment/log_reader.hpp"
#include "tenter/base/result.hpp"

namespace tenter::cli {

struct TailOptions {
    std::vector<std::string> sources;
    StartPoint from;
    std::optional<log::PartitionId> partition;  ///< Unset: all, merged by time.
    bool follow = false;
};

/// Returns at the end of the log, when the view has ended, or when `stop` is requested; with `follow` only the latter two. Errors name
/// source, partition, offset.
[[nodiscard]] Result<void> tail(log::LogReader& reader, const TailOptions& options, TailView& view, const std::stop_token& stop);

}  // namespace tenter::cli
