#include "gateway/app/log_options.hpp"

namespace tenter::app {

log::SegmentLogOptions log_options(const config::Config& config) {
    log::SegmentLogOptions options;
    options.directory = config.data + "/log";
    options.journal_bytes = config.log.journal_bytes;
    options.segment_bytes = config.log.segment_bytes;
    options.queue_bytes = config.log.queue_bytes;
    options.reserve_bytes = config.log.reserve_bytes;
    options.reserve_at_most_five_percent = config.log.reserve_is_default;
    return options;
}

}  // namespace tenter::app
