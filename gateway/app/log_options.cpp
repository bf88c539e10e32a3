#include "gateway/app/log_options.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cstddef>

#include "gateway/app/forward_options.hpp"

namespace tenter::app {
namespace {

/// A topic whose segment is not open costs an open and a close for each of its batches: with 1,000 busy sources and 512 files 13 us of the
/// commit thread an event, with enough files 7. So as many as the process may have beside its connections.
std::size_t open_segments(std::size_t at_least, std::size_t max_connections) {
    constexpr std::size_t enough = 4096;
    constexpr std::size_t others = 1024;  // segments open for reading, journal, standard streams
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur <= max_connections + others) return at_least;
    return std::clamp<std::size_t>(limit.rlim_cur - max_connections - others, at_least, enough);
}

}  // namespace

log::SegmentLogOptions log_options(const config::Config& config) {
    log::SegmentLogOptions options;
    options.directory = config.data + "/log";
    options.journal_bytes = config.log.journal_bytes;
    options.segment_bytes = config.log.segment_bytes;
    options.queue_bytes = config.log.queue_bytes;
    options.reserve_bytes = config.log.reserve_bytes;
    const std::size_t consumers = config.kafka.listen.empty() ? 0 : config.kafka.max_connections;
    options.max_open_write_files = open_segments(options.max_open_write_files, config.http.max_connections + consumers);
    options.reserve_at_most_five_percent = config.log.reserve_is_default;
    return options;
}

log::KafkaLogOptions kafka_log_options(const config::Config& config) {
    const auto& kafka = *config.log.kafka;
    log::KafkaLogOptions options;
    options.cluster = {kafka.cluster.bootstrap, kafka.cluster.username, kafka.cluster.password, kafka.cluster.ca};
    options.topic_name = [topic = kafka.topic](std::string_view name) { return config::kafka_topic(topic, name); };
    for (const auto& source : config.sources) options.topics.push_back({source.name, source.partitions});
    options.create_topics = kafka.create_topics;
    options.largest_record_bytes = largest_payload(config);
    options.queue_bytes = config.log.queue_bytes;
    return options;
}

}  // namespace tenter::app
