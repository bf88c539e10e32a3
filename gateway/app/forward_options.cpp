#include "gateway/app/forward_options.hpp"

#include <algorithm>
#include <variant>

namespace tenter::app {
namespace {

bool is_key_in_body(const config::SourceConfig& source) {
    return !std::holds_alternative<config::KeyNone>(source.key) && !std::holds_alternative<config::KeyHeader>(source.key);
}

}  // namespace

std::size_t largest_payload(const config::Config& config) {
    constexpr std::size_t identifiers = 4096;  // tenter-id, -peer, -verified, -batch, and lengths
    const auto body = static_cast<std::size_t>(config.http.max_body_bytes);
    const auto head = static_cast<std::size_t>(config.http.max_header_bytes);
    const bool twice = std::ranges::any_of(config.sources, is_key_in_body);
    return (twice ? 2 : 1) * body + 4 * head + identifiers;
}

forward::ForwarderOptions forward_options(const config::Config& config, std::function<Result<std::string>()> log_id) {
    const auto& wanted = *config.forward;
    forward::ForwarderOptions options;
    options.link.cluster = {wanted.cluster.bootstrap, wanted.cluster.username, wanted.cluster.password, wanted.cluster.ca};
    options.log_id = std::move(log_id);
    for (const auto& source : config.sources) options.routes.push_back({source.name, config::kafka_topic(wanted.topic, source.name)});
    if (wanted.oversize) options.oversize = *wanted.oversize == config::Oversize::dead ? forward::Oversize::dead : forward::Oversize::stop;
    options.largest_payload = largest_payload(config);
    options.max_unforwarded_bytes = wanted.max_unforwarded_bytes;
    return options;
}

}  // namespace tenter::app
