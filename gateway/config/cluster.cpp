// The tables that name a Kafka cluster: `[log]` of kind "kafka", and `[forward]`.
#include <algorithm>
#include <array>

#include "gateway/config/reader.hpp"
#include "tenter/base/kafka_address.hpp"
#include "tenter/base/text.hpp"

namespace tenter::config {
namespace {

constexpr std::array<std::string_view, 2> oversizes{"stop", "dead"};
constexpr std::string_view placeholder = "{source}";
constexpr std::size_t max_certificates_bytes = 1024 * 1024;

std::string read_bootstrap(TableReader& table) {
    table.required("bootstrap", "the brokers, like [\"kafka-1:9093\", \"kafka-2:9093\"]");
    const auto brokers = table.texts("bootstrap");
    if (!brokers) return {};
    if (brokers->empty()) table.fault("bootstrap", "expected at least one broker");
    std::string list;
    for (std::size_t i = 0; i < brokers->size(); ++i) {
        if (!is_host_and_port((*brokers)[i])) {  // not shown: somebody may have put a password into it
            table.fault("bootstrap", "entry " + std::to_string(i + 1) + " is not \"host:port\"");
            return {};
        }
        list.append(list.empty() ? "" : ",").append((*brokers)[i]);
    }
    return list;
}

std::optional<std::string> read_ca(TableReader& table) {
    const auto file = table.text("ca");
    if (!file) return std::nullopt;
    const auto path = table.context().resolved(*file);
    auto text = read_file(table.context().env, path, max_certificates_bytes);
    if (!text) {
        table.fault("ca", text.error().message);
        return std::nullopt;
    }
    if (const auto checked = check_pem_certificates(*text); !checked) table.fault("ca", path + ": " + checked.error().message);
    return std::move(*text);
}

ClusterConfig read_cluster(TableReader& table) {
    ClusterConfig cluster;
    cluster.bootstrap = read_bootstrap(table);
    table.required("username", "the user at the cluster");
    cluster.username = table.text("username").value_or("");
    if (table.has("username") && cluster.username.find('\0') != std::string::npos) table.fault("username", "has a NUL in it");
    table.required("password", "the user's password, like { env = \"KAFKA_PASSWORD\" }");
    std::vector<std::string> files;
    if (auto password = table.secret("password", files)) {
        if (password->reveal().find('\0') != BytesView::npos) table.fault("password", "has a NUL in it");
        cluster.password = std::move(*password);
    }
    cluster.ca = read_ca(table);
    return cluster;
}

bool is_topic_character(char c) {
    return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '.' || c == '_' || c == '-';
}

std::optional<std::string> read_topic(TableReader& table) {
    auto topic = table.text("topic");
    if (!topic) return std::nullopt;
    const auto at = topic->find(placeholder);
    std::string rest = *topic;
    if (at != std::string::npos) rest.erase(at, placeholder.size());
    if (at == std::string::npos || !std::ranges::all_of(rest, is_topic_character)) {
        table.fault("topic", "expected \"{source}\" once, and around it letters, digits, '.', '_' or '-'");
        return std::nullopt;
    }
    return topic;
}

}  // namespace

std::string kafka_topic(std::string_view topic, std::string_view name) {
    std::string made(topic);
    return made.replace(made.find(placeholder), placeholder.size(), name);
}

KafkaLogConfig read_kafka_log(TableReader& log) {
    KafkaLogConfig config;
    config.cluster = read_cluster(log);
    if (auto topic = read_topic(log)) config.topic = std::move(*topic);
    config.create_topics = log.flag("create_topics").value_or(config.create_topics);
    return config;
}

ForwardConfig read_forward(TableReader& forward) {
    ForwardConfig config;
    config.cluster = read_cluster(forward);
    if (auto topic = read_topic(forward)) config.topic = std::move(*topic);
    if (const auto oversize = forward.word("oversize", oversizes)) config.oversize = *oversize == "dead" ? Oversize::dead : Oversize::stop;
    config.max_unforwarded_bytes = forward.size("max_unforwarded", {1ULL << 20, 1ULL << 50}).value_or(config.max_unforwarded_bytes);
    return config;
}

}  // namespace tenter::config
