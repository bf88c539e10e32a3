#pragma once
// gateway/config/config.hpp: tenter.toml as checked structs with units. Whoever holds a `Config` need not check anything again.
//
//   file --> TOML --> [every key known? every value right? all faults in one go] --> Config | faults with file:line:column
//
// The names are those of tenter.example.toml. Keys that a later version will serve are refused as "not yet", never ignored.

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tenter/auth/credentials.hpp"
#include "tenter/auth/scheme.hpp"
#include "tenter/base/env.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/base/secret_source.hpp"

namespace tenter::config {

struct ListenAddress {
    std::string host;  ///< Numeric IPv4 or IPv6 address, without brackets.
    std::uint16_t port = 0;
};

struct HttpConfig {
    std::vector<ListenAddress> listen{{"127.0.0.1", 8080}};
    std::uint64_t max_body_bytes = 1024 * 1024;
    std::uint64_t max_header_bytes = 16 * 1024;
    std::uint32_t max_connections = 10'000;
    std::chrono::milliseconds header_timeout{30'000};
    std::chrono::milliseconds body_timeout{30'000};
    std::chrono::milliseconds idle_timeout{75'000};
    std::chrono::milliseconds drain_timeout{30'000};
    std::uint32_t threads = 0;  ///< 0: one per core.
};

/// A Kafka cluster, reached by SASL_SSL with PLAIN.
struct ClusterConfig {
    std::string bootstrap;  ///< "host:port", several with commas.
    std::string username;
    Secret password;
    std::optional<std::string> ca;  ///< PEM text; unset: the system's trust store.
};

/// The events of source `name` are in topic `topic` with "{source}" replaced by `name`.
[[nodiscard]] std::string kafka_topic(std::string_view topic, std::string_view name);

/// [log] kind = "kafka": events go to a cluster and not to the embedded log.
struct KafkaLogConfig {
    ClusterConfig cluster;
    std::string topic = "{source}";
    bool create_topics = false;
};

/// What happens to an event that is larger than the cluster takes.
enum class Oversize : std::uint8_t {
    stop,  ///< Forwarding stops before it.
    dead,  ///< It goes to the local topic "<source>.dead", and forwarding goes on.
};

/// [forward]: a copy of the embedded log in a cluster.
struct ForwardConfig {
    ClusterConfig cluster;
    std::string topic = "{source}";
    std::optional<Oversize> oversize;  ///< Unset: what may be accepted must fit.
    std::uint64_t max_unforwarded_bytes = 50ULL << 30;
};

struct LogConfig {
    std::optional<KafkaLogConfig> kafka;  ///< Unset: the embedded log, which the rest is about, `queue_bytes` excepted.
    std::uint64_t journal_bytes = 128ULL << 20;
    std::uint64_t segment_bytes = 128ULL << 20;
    std::uint64_t queue_bytes = 64ULL << 20;
    std::uint64_t reserve_bytes = 1ULL << 30;
    bool reserve_is_default = true;  ///< Not set: then 5 % of the disk if that is less.
};

/// [kafka].tls: paths of PEM files that could be read when the configuration was.
struct KafkaTlsFiles {
    std::string certificate;  ///< The server's, then those between it and its authority.
    std::string key;
    std::string ca;  ///< For connection profiles; empty: an authority that clients' systems know.
};

/// "host:port" as clients shall use it.
struct AdvertisedAddress {
    std::string host;  ///< A DNS name or a numeric address, without brackets.
    std::uint16_t port = 0;
};

/// [kafka]: the embedded log for consumers, over the Kafka protocol.
struct KafkaConfig {
    std::vector<ListenAddress> listen{{"127.0.0.1", 9092}};  ///< Empty: off.
    std::optional<AdvertisedAddress> advertise;              ///< Unset: as each client reached us.
    std::string topic_prefix;                                ///< A topic is this and the name of its source.
    std::optional<KafkaTlsFiles> tls;                        ///< Unset: the gateway's own authority and certificate, in the data folder.
    bool allow_tls_1_2 = false;
    std::uint32_t max_connections = 1'000;
    std::uint32_t max_connections_per_consumer = 100;
    std::uint64_t max_request_bytes = 8ULL << 20;
    std::uint64_t fetch_memory_bytes = 64ULL << 20;  ///< Of records on their way to clients, of all together.
    std::chrono::milliseconds idle_timeout{600'000};
};

struct NoVerification {};  ///< `verify = "none"`, said on purpose.
struct SignatureVerification {
    auth::SignatureScheme scheme;
    std::vector<Secret> secrets;
};
/// How a source proves who sent a request; secrets are resolved. Several credentials: rotation.
using Verification = std::variant<NoVerification, std::vector<auth::BasicAuth>, std::vector<auth::BearerAuth>,
                                  std::vector<auth::ApiKeyAuth>, SignatureVerification>;

enum class Content : std::uint8_t { any, json, cloudevents, elytra };

/// content = "elytra": what the CloudEvents say that are made of webhooks in Elytra's plain form.
struct ElytraEvents {
    std::string source = "elytra-pim";       ///< URI-reference.
    std::string type_prefix = "com.elytra";  ///< `type` is this, a dot and the event type.
};

/// Where the ordering key of a record comes from.
struct KeyNone {};
struct KeyCloudEvents {};  ///< `partitionkey`, else `subject`.
struct KeyElytra {};       ///< Object type and object id.
struct KeyHeader {
    std::string name;
};  ///< "header:X-Id"
struct KeyJsonPointer {
    std::string pointer;
};  ///< "json:/data/id", RFC 6901
using KeyRule = std::variant<KeyNone, KeyCloudEvents, KeyElytra, KeyHeader, KeyJsonPointer>;

struct SourceConfig {
    std::string name;  ///< Also the topic.
    std::string path;  ///< Default "/<name>".
    std::vector<std::string> methods{"POST"};
    Verification verify;
    std::vector<std::string> secret_files;  ///< Paths of the `{ file = ... }` secrets, in order: for printed curl lines.
    Content content = Content::any;
    ElytraEvents elytra;
    KeyRule key;
    std::int32_t partitions = 1;
};

struct Config {
    std::string file;  ///< Where it was read from.
    std::string data;  ///< Folder; relative paths are relative to the folder of the configuration file.
    HttpConfig http;
    LogConfig log;
    std::optional<ForwardConfig> forward;
    KafkaConfig kafka;  ///< With `log.kafka` off.
    std::vector<SourceConfig> sources;
};

/// One thing that is wrong, in the words that a person needs: "tenter.toml:12:3: http.max_bdy: unknown key; did you mean \"max_body\"?".
struct Fault {
    std::string file;
    std::uint32_t line = 0;  ///< From 1; 0 if the fault has no place.
    std::uint32_t column = 0;
    std::string key;      ///< Dotted: "source[1].verify.scheme"; empty for a syntax error.
    std::string message;  ///< What was expected; never a secret.
};
[[nodiscard]] std::string to_string(const Fault& fault);

/// All faults at once (a syntax error stops the reader, then it is the only one). Never empty.
using Faults = std::vector<Fault>;

/// Reads and checks a file. Secrets are resolved here: a missing variable or file is a fault.
[[nodiscard]] std::expected<Config, Faults> load(Env& env, const std::string& path, const Environment& environment);
/// The same for text; `file` is used in faults and to resolve relative paths.
[[nodiscard]] std::expected<Config, Faults> parse(Env& env, std::string_view text, const std::string& file, const Environment& environment);

/// The verifier that a source asked for; null for `NoVerification`. `parse` has already seen that it can be made.
[[nodiscard]] Result<std::unique_ptr<auth::Verifier>> make_verifier(const Verification& verification);

/// Every key with its type, default and meaning, as Markdown: `tenter config reference` and docs/configuration.md.
[[nodiscard]] std::string reference_markdown();

}  // namespace tenter::config
