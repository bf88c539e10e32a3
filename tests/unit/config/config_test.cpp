#include <chrono>
#include <variant>

#include "gateway/config/units.hpp"
#include "tests/unit/config/config_fixture.hpp"

namespace tenter::config {
namespace {

using namespace std::chrono_literals;

TEST(Units, durations_are_whole_numbers_with_a_unit) {
    EXPECT_EQ(parse_duration("250ms"), 250ms);
    EXPECT_EQ(parse_duration("30s"), 30s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("24h"), 24h);
    EXPECT_EQ(parse_duration("30d"), 720h);
    for (const char* wrong : {"", "30", "s", "1.5s", "-1s", "30 s", "30S", "30sec", "99999999999999999999s", "9999999999d"})
        EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
}

TEST(Units, sizes_are_powers_of_1024) {
    EXPECT_EQ(parse_size("512B"), 512U);
    EXPECT_EQ(parse_size("64KiB"), 65'536U);
    EXPECT_EQ(parse_size("1MiB"), 1'048'576U);
    EXPECT_EQ(parse_size("2TiB"), 2'199'023'255'552U);
    for (const char* wrong : {"", "1", "1MB", "1mib", "KiB", "1.5MiB", "-1B", "99999999999TiB"})
        EXPECT_EQ(parse_size(wrong), std::nullopt) << wrong;
}

TEST(Units, are_written_the_shortest_exact_way) {
    EXPECT_EQ(duration_text(90s), "90s");
    EXPECT_EQ(duration_text(120s), "2m");
    EXPECT_EQ(size_text(1536), "1536B");
    EXPECT_EQ(size_text(64 * 1024), "64KiB");
}

TEST_F(ConfigTest, an_empty_file_is_the_defaults_of_the_example) {
    const Config config = must_parse("");
    EXPECT_EQ(config.data, folder_ + "/tenter-data");
    ASSERT_EQ(config.http.listen.size(), 1U);
    EXPECT_EQ(config.http.listen[0].host, "127.0.0.1");
    EXPECT_EQ(config.http.listen[0].port, 8080);
    EXPECT_EQ(config.http.max_body_bytes, 1U << 20);
    EXPECT_EQ(config.http.max_header_bytes, 16U << 10);
    EXPECT_EQ(config.http.max_connections, 10'000U);
    EXPECT_EQ(config.http.header_timeout, 30s);
    EXPECT_EQ(config.http.body_timeout, 30s);
    EXPECT_EQ(config.http.idle_timeout, 75s);
    EXPECT_EQ(config.http.drain_timeout, 30s);
    EXPECT_EQ(config.http.threads, 0U);
    EXPECT_EQ(config.log.journal_bytes, 128U << 20);
    EXPECT_EQ(config.log.segment_bytes, 128U << 20);
    EXPECT_EQ(config.log.queue_bytes, 64U << 20);
    EXPECT_EQ(config.log.reserve_bytes, 1U << 30);
    EXPECT_TRUE(config.log.reserve_is_default);
    EXPECT_FALSE(config.log.kafka);
    EXPECT_FALSE(config.forward);
    ASSERT_EQ(config.kafka.listen.size(), 1U);
    EXPECT_EQ(config.kafka.listen[0].host, "127.0.0.1");
    EXPECT_EQ(config.kafka.listen[0].port, 9092);
    EXPECT_FALSE(config.kafka.advertise);
    EXPECT_EQ(config.kafka.topic_prefix, "");
    EXPECT_FALSE(config.kafka.tls);
    EXPECT_FALSE(config.kafka.allow_tls_1_2);
    EXPECT_EQ(config.kafka.max_connections, 1'000U);
    EXPECT_EQ(config.kafka.max_connections_per_consumer, 100U);
    EXPECT_EQ(config.kafka.max_request_bytes, 8U << 20);
    EXPECT_EQ(config.kafka.fetch_memory_bytes, 64U << 20);
    EXPECT_EQ(config.kafka.idle_timeout, 10min);
    EXPECT_TRUE(config.sources.empty());
}

TEST_F(ConfigTest, every_served_key_arrives) {
    const Config config = must_parse(R"(
data = "/var/lib/tenter"
[http]
listen = ["0.0.0.0:80", "[::1]:8081"]
max_body = "2MiB"
max_header = "32KiB"
max_connections = 7
header_timeout = "1s"
body_timeout = "2s"
idle_timeout = "3s"
drain_timeout = "4s"
threads = 5
[log]
kind = "segment"
journal = "64MiB"
segment_size = "1MiB"
queue = "8MiB"
reserve = "2GiB"
[[source]]
name = "a"
path = "/in/a"
methods = ["POST", "PUT"]
verify = "none"
content = "json"
key = "json:/x/0"
partitions = 3
format = "envelope"
[[source]]
name = "b"
verify = "none"
key = "header:X-Id"
)");
    EXPECT_EQ(config.data, "/var/lib/tenter");
    EXPECT_EQ(config.http.listen[1].host, "::1");
    EXPECT_EQ(config.http.listen[1].port, 8081);
    EXPECT_EQ(config.http.max_body_bytes, 2U << 20);
    EXPECT_EQ(config.http.max_header_bytes, 32U << 10);
    EXPECT_EQ(config.http.max_connections, 7U);
    EXPECT_EQ(config.http.header_timeout, 1s);
    EXPECT_EQ(config.http.body_timeout, 2s);
    EXPECT_EQ(config.http.idle_timeout, 3s);
    EXPECT_EQ(config.http.drain_timeout, 4s);
    EXPECT_EQ(config.http.threads, 5U);
    EXPECT_EQ(config.log.journal_bytes, 64U << 20);
    EXPECT_EQ(config.log.segment_bytes, 1U << 20);
    EXPECT_EQ(config.log.queue_bytes, 8U << 20);
    EXPECT_EQ(config.log.reserve_bytes, 2ULL << 30);
    EXPECT_FALSE(config.log.reserve_is_default);
    ASSERT_EQ(config.sources.size(), 2U);
    EXPECT_EQ(config.sources[0].path, "/in/a");
    EXPECT_EQ(config.sources[0].methods, (std::vector<std::string>{"POST", "PUT"}));
    EXPECT_EQ(config.sources[0].content, Content::json);
    EXPECT_EQ(std::get<KeyJsonPointer>(config.sources[0].key).pointer, "/x/0");
    EXPECT_EQ(config.sources[0].partitions, 3);
    EXPECT_EQ(config.sources[1].path, "/b");
    EXPECT_EQ(std::get<KeyHeader>(config.sources[1].key).name, "X-Id");
}

TEST_F(ConfigTest, the_listener_for_consumers_has_its_addresses_its_name_and_its_certificate) {
    write_file("server.pem", certificate);
    write_file("server.key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    write_file("ca.pem", certificate);
    const Config config = must_parse(R"([kafka]
listen = ["0.0.0.0:9092", "[::1]:9093"]
advertise = "webhooks.example:19092"
topic_prefix = "incoming.shop."
tls = { certificate = "server.pem", key = "server.key", ca = "ca.pem" }
min_tls = "1.2"
[[source]]
name = "orders"
verify = "none"
)");
    ASSERT_EQ(config.kafka.listen.size(), 2U);
    EXPECT_EQ(config.kafka.listen[1].host, "::1");
    EXPECT_EQ(config.kafka.listen[1].port, 9093);
    ASSERT_TRUE(config.kafka.advertise);
    EXPECT_EQ(config.kafka.advertise->host, "webhooks.example");
    EXPECT_EQ(config.kafka.advertise->port, 19092);
    EXPECT_EQ(config.kafka.topic_prefix, "incoming.shop.");
    ASSERT_TRUE(config.kafka.tls);
    EXPECT_EQ(config.kafka.tls->certificate, folder_ + "/server.pem");
    EXPECT_EQ(config.kafka.tls->key, folder_ + "/server.key");
    EXPECT_EQ(config.kafka.tls->ca, folder_ + "/ca.pem");
    EXPECT_TRUE(config.kafka.allow_tls_1_2);
}

TEST_F(ConfigTest, the_listener_for_consumers_has_its_limits) {
    const Config config = must_parse(R"([kafka]
max_connections = 50
max_connections_per_consumer = 7
max_request = "64KiB"
fetch_memory = "16GiB"
idle_timeout = "30d"
)");
    EXPECT_EQ(config.kafka.max_connections, 50U);
    EXPECT_EQ(config.kafka.max_connections_per_consumer, 7U);
    EXPECT_EQ(config.kafka.max_request_bytes, 65'536U);
    EXPECT_EQ(config.kafka.fetch_memory_bytes, 16ULL << 30);
    EXPECT_EQ(config.kafka.idle_timeout, 720h);
}

TEST_F(ConfigTest, the_listener_for_consumers_can_be_turned_off_and_be_known_by_an_address) {
    EXPECT_TRUE(must_parse("[kafka]\nlisten = []").kafka.listen.empty());
    EXPECT_EQ(must_parse("[kafka]\nadvertise = '[2001:db8::1]:9092'").kafka.advertise->host, "2001:db8::1");
    EXPECT_EQ(must_parse("[kafka]\nadvertise = '192.0.2.7:9092'").kafka.advertise->host, "192.0.2.7");
}

TEST_F(ConfigTest, a_log_in_kafka_names_its_cluster) {
    write_file("ca.pem", certificate);
    const Config config = must_parse(R"([log]
kind = "kafka"
bootstrap = ["kafka-1:9093", "[::1]:9093"]
username = "tenter"
password = "p"
ca = "ca.pem"
topic = "incoming.shop.{source}"
create_topics = true
queue = "8MiB"
)");
    ASSERT_TRUE(config.log.kafka);
    EXPECT_EQ(config.log.kafka->cluster.bootstrap, "kafka-1:9093,[::1]:9093");
    EXPECT_EQ(config.log.kafka->cluster.username, "tenter");
    EXPECT_EQ(config.log.kafka->cluster.password.reveal(), "p");
    EXPECT_EQ(config.log.kafka->cluster.ca, certificate);
    EXPECT_EQ(kafka_topic(config.log.kafka->topic, "orders"), "incoming.shop.orders");
    EXPECT_TRUE(config.log.kafka->create_topics);
    EXPECT_EQ(config.log.queue_bytes, 8U << 20);
    EXPECT_TRUE(config.kafka.listen.empty()) << "who consumes asks the cluster";
}

TEST_F(ConfigTest, a_copy_in_kafka_names_its_cluster_and_its_limits) {
    variables_["KAFKA_PASSWORD"] = "p";
    const Config config = must_parse(R"([forward]
bootstrap = ["kafka-1:9093"]
username = "tenter"
password = { env = "KAFKA_PASSWORD" }
oversize = "dead"
max_unforwarded = "1GiB"
)");
    ASSERT_TRUE(config.forward);
    EXPECT_EQ(config.forward->cluster.password.reveal(), "p");
    EXPECT_FALSE(config.forward->cluster.ca);
    EXPECT_EQ(kafka_topic(config.forward->topic, "orders"), "orders");
    EXPECT_EQ(config.forward->oversize, Oversize::dead);
    EXPECT_EQ(config.forward->max_unforwarded_bytes, 1U << 30);
}

TEST_F(ConfigTest, secrets_come_from_literals_variables_and_files) {
    variables_["GITHUB_OLD_SECRET"] = "from the environment";
    write_file("github.secret", "from the file\n");
    const Config config = must_parse(R"([[source]]
name = "github"
verify = { scheme = "github", secrets = ["literal", { env = "GITHUB_OLD_SECRET" }, { file = "github.secret" }] })");
    ASSERT_EQ(config.sources.size(), 1U);
    const auto& signature = std::get<SignatureVerification>(config.sources[0].verify);
    ASSERT_EQ(signature.secrets.size(), 3U);
    EXPECT_EQ(signature.secrets[0].reveal(), "literal");
    EXPECT_EQ(signature.secrets[1].reveal(), "from the environment");
    EXPECT_EQ(signature.secrets[2].reveal(), "from the file");
    EXPECT_EQ(config.sources[0].secret_files, std::vector{folder_ + "/github.secret"});
}

TEST_F(ConfigTest, credentials_may_be_several_for_rotation) {
    const Config config = must_parse(R"(
[[source]]
name = "a"
verify = { scheme = "basic", credentials = [{ username = "u", password = "p" }, { username = "u", password = "q" }] }
[[source]]
name = "b"
verify = { scheme = "bearer", tokens = ["t", "v"] }
[[source]]
name = "c"
verify = { scheme = "api-key", keys = ["k", "l"], header = "X-Partner-Key" }
)");
    EXPECT_EQ(std::get<std::vector<auth::BasicAuth>>(config.sources.at(0).verify).size(), 2U);
    EXPECT_EQ(std::get<std::vector<auth::BearerAuth>>(config.sources.at(1).verify).size(), 2U);
    EXPECT_EQ(std::get<std::vector<auth::ApiKeyAuth>>(config.sources.at(2).verify).at(1).header_name, "X-Partner-Key");
}

TEST_F(ConfigTest, a_named_scheme_is_a_set_of_defaults_that_each_key_can_replace) {
    const Config config = must_parse(R"([[source]]
name = "a"
verify = { scheme = "stripe", secrets = ["whsec_x"], tolerance = "10m", signature_pairs = { separator = ";", signature = "h1", timestamp = "ts" } })");
    const auto& scheme = std::get<SignatureVerification>(config.sources.at(0).verify).scheme;
    EXPECT_EQ(scheme.signature_header, "Stripe-Signature");
    EXPECT_EQ(scheme.tolerance, 600s);
    EXPECT_EQ(scheme.signature_pairs->separator, ";");
    EXPECT_EQ(scheme.signature_pairs->signature_key, "h1");
    EXPECT_EQ(scheme.signature_pairs->timestamp_key, "ts");
}

TEST_F(ConfigTest, the_spelled_out_scheme_of_the_example_arrives_whole) {
    const Config config = must_parse(R"([[source]]
name = "partner"
[source.verify]
scheme = "custom"
algorithm = "hmac-sha512"
secret_encoding = "hex"
signature_header = "X-Partner-Signature"
signature_encoding = "base64"
signature_format = "sha512={signature}"
signed = "{id}.{timestamp}.{body}"
id_header = "X-Partner-Id"
timestamp_header = "X-Partner-Timestamp"
timestamp_unit = "ms"
tolerance = "5m"
secrets = ["00ff"])");
    const auto& scheme = std::get<SignatureVerification>(config.sources.at(0).verify).scheme;
    EXPECT_EQ(scheme.algorithm, auth::Algorithm::hmac_sha512);
    EXPECT_EQ(scheme.secret_encoding, auth::SecretEncoding::hex);
    EXPECT_EQ(scheme.signature_encoding, auth::SignatureEncoding::base64);
    EXPECT_EQ(scheme.signature_format, "sha512={signature}");
    EXPECT_EQ(scheme.signed_template, "{id}.{timestamp}.{body}");
    EXPECT_EQ(scheme.timestamp_unit, auth::TimestampUnit::milliseconds);
    EXPECT_EQ(scheme.tolerance, 300s);
}

TEST_F(ConfigTest, paths_are_relative_to_the_folder_of_the_file) {
    EXPECT_EQ(parse(env_, "", "tenter.toml", process_environment())->data, "tenter-data");
    EXPECT_EQ(parse(env_, "", "./tenter.toml", process_environment())->data, "tenter-data");
    EXPECT_EQ(parse(env_, "", "/etc/tenter.toml", process_environment())->data, "/etc/tenter-data");
    EXPECT_EQ(parse(env_, "data = '/d'", "/etc/tenter.toml", process_environment())->data, "/d");
}

}  // namespace
}  // namespace tenter::config
