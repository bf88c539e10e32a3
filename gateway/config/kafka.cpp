// `[kafka]`: the embedded log for consumers.
#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>

#include "gateway/config/reader.hpp"
#include "tenter/base/kafka_address.hpp"
#include "tenter/base/text.hpp"

namespace tenter::config {
namespace {

constexpr std::array<std::string_view, 2> tls_versions{"1.3", "1.2"};
constexpr std::int64_t most_connections = 1'000'000;
constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::size_t max_pem_bytes = 1024 * 1024;
constexpr std::size_t max_topic_length = 249;
constexpr std::string_view dead_letters = ".dead";

std::optional<AdvertisedAddress> read_advertise(TableReader& kafka) {
    const auto text = kafka.text("advertise");
    if (!text) return std::nullopt;
    if (!is_host_and_port(*text)) {
        kafka.fault("advertise", "expected a host and a port, like \"webhooks.example:9092\" or \"[2001:db8::1]:9092\"");
        return std::nullopt;
    }
    const auto colon = text->rfind(':');
    AdvertisedAddress address{text->substr(0, colon), 0};
    if (address.host.starts_with('[')) address.host = address.host.substr(1, address.host.size() - 2);
    std::from_chars(text->data() + colon + 1, text->data() + text->size(), address.port);
    return address;
}

/// The path that a key gives, and what is in the file if it can be read.
struct PemFile {
    std::string path;
    std::optional<Secret> content;
};

PemFile read_pem(TableReader& tls, std::string_view key) {
    const auto file = tls.text(key);
    if (!file) return {};
    PemFile pem{tls.context().resolved(*file), std::nullopt};
    auto text = read_file(tls.context().env, pem.path, max_pem_bytes);
    if (!text) tls.fault(key, text.error().message);
    if (text) pem.content = Secret(std::move(*text));
    return pem;
}

std::string read_certificates(TableReader& tls, std::string_view key) {
    const auto file = read_pem(tls, key);
    if (!file.content) return file.path;
    const auto checked = check_pem_certificates(file.content->reveal());
    if (!checked) tls.fault(key, file.path + ": " + checked.error().message);
    return file.path;
}

KafkaTlsFiles read_tls(TableReader& tls) {
    KafkaTlsFiles files;
    tls.required("certificate", "the file with the server's certificate");
    files.certificate = read_certificates(tls, "certificate");
    tls.required("key", "the file with the certificate's key");
    const auto key = read_pem(tls, "key");
    if (key.content && key.content->reveal().find("PRIVATE KEY-----") == BytesView::npos)
        tls.fault("key", key.path + ": no private key in it");
    files.key = key.path;
    files.ca = read_certificates(tls, "ca");
    return files;
}

bool is_topic_character(char c) {
    return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '.' || c == '_' || c == '-';
}

/// A request may not be larger than what the listener keeps of all large ones together (`ListenerOptions::large_requests_bytes`); and an
/// answer of the usual size should fit in the memory for records (`Limits::fetch_answer_bytes`).
void read_limits(TableReader& kafka, KafkaConfig& config) {
    if (const auto count = kafka.count("max_connections", {2, most_connections}))
        config.max_connections = static_cast<std::uint32_t>(*count);
    if (const auto count = kafka.count("max_connections_per_consumer", {1, most_connections}))
        config.max_connections_per_consumer = static_cast<std::uint32_t>(*count);
    if (const auto bytes = kafka.size("max_request", {64 * kib, 64 * mib})) config.max_request_bytes = *bytes;
    if (const auto bytes = kafka.size("fetch_memory", {4 * mib, 16 * 1024 * mib})) config.fetch_memory_bytes = *bytes;
    if (const auto idle = kafka.duration("idle_timeout", {std::chrono::seconds(1), std::chrono::days(30)})) config.idle_timeout = *idle;
}

}  // namespace

KafkaConfig read_kafka(TableReader& kafka) {
    KafkaConfig config;
    if (auto addresses = read_addresses(kafka, "listen")) config.listen = std::move(*addresses);
    config.advertise = read_advertise(kafka);
    if (auto prefix = kafka.text("topic_prefix")) {
        if (!std::ranges::all_of(*prefix, is_topic_character)) kafka.fault("topic_prefix", "expected letters, digits, '.', '_' or '-'");
        if (prefix->starts_with("__")) kafka.fault("topic_prefix", "must not begin with \"__\": clients take such topics for Kafka's own");
        config.topic_prefix = std::move(*prefix);
    }
    if (const auto* const tls = kafka.table("tls")) {
        TableReader reader(kafka.context(), *tls, Section::kafka_tls, kafka.dotted("tls"));
        config.tls = read_tls(reader);
    }
    config.allow_tls_1_2 = kafka.word("min_tls", tls_versions) == "1.2";
    read_limits(kafka, config);
    return config;
}

void check_kafka_topics(TableReader& top, const Config& config) {
    if (config.kafka.topic_prefix.empty()) return;
    const std::size_t longest = max_topic_length - dead_letters.size();
    for (const auto& source : config.sources)
        if (config.kafka.topic_prefix.size() + source.name.size() > longest)
            top.fault("kafka", "topic_prefix: over " + std::to_string(max_topic_length) + " characters with the source name \"" +
                                   source.name + "\" and \"" + std::string(dead_letters) + "\"");
}

}  // namespace tenter::config
