#include "gateway/app/topic_commands.hpp"

#include "gateway/app/curl_line.hpp"
#include "gateway/app/forward_options.hpp"
#include "gateway/forward/topic_limits.hpp"

namespace tenter::app {

Result<std::string> topic_commands(const config::Config& config) {
    const config::ClusterConfig* cluster = nullptr;
    std::string topic;
    std::size_t largest = largest_payload(config);
    if (config.log.kafka) {
        cluster = &config.log.kafka->cluster;
        topic = config.log.kafka->topic;
    } else if (config.forward) {
        cluster = &config.forward->cluster;
        topic = config.forward->topic;
        largest = forward::forwarded_size_bound(largest);  // what the start asks for
    } else {
        return fail(Errc::not_found, "neither [log] kind = \"kafka\" nor [forward] is configured: no topics are needed in Kafka");
    }
    std::string lines =
        "# admin.properties: how kafka-topics.sh logs in (security.protocol, sasl.mechanism, sasl.jaas.config, ssl.truststore...).\n"
        "# On more than one broker add: --replication-factor 3 --config min.insync.replicas=2\n"
        "# Kafka keeps events for 7 days unless told otherwise: --config retention.ms=-1 keeps all of them.\n";
    for (const auto& source : config.sources) {
        lines += "kafka-topics.sh --bootstrap-server " + shell_quoted(cluster->bootstrap) +
                 " --command-config admin.properties --create --if-not-exists --topic " +
                 shell_quoted(config::kafka_topic(topic, source.name)) + " --partitions " + std::to_string(source.partitions) +
                 " --config max.message.bytes=" + std::to_string(largest) + "\n";
    }
    return lines;
}

}  // namespace tenter::app
