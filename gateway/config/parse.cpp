#include <algorithm>
#include <array>
#include <map>

#include "gateway/config/reader.hpp"
#include "gateway/config/units.hpp"
#include "tenter/base/text.hpp"
#include "tenter/event/cloud_event.hpp"

namespace tenter::config {
namespace {

constexpr std::array<std::string_view, 6> methods{"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"};
constexpr std::array<std::string_view, 4> contents{"any", "json", "cloudevents", "elytra"};
constexpr std::array<std::string_view, 2> formats{"envelope", "cloudevents"};
constexpr std::array<std::string_view, 2> log_kinds{"segment", "kafka"};
constexpr std::array<std::string_view, 2> reserved_paths{"/healthz", "/readyz"};
constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint64_t gib = 1024 * mib;

template <class Target, class Value>
void set(Target& target, const std::optional<Value>& value) {
    if (value) target = static_cast<Target>(*value);
}

void read_http(TableReader& http, HttpConfig& config) {
    if (auto addresses = read_addresses(http, "listen")) {
        if (addresses->empty()) http.fault("listen", "expected at least one address");
        config.listen = std::move(*addresses);
    }
    set(config.max_body_bytes, http.size("max_body", {64 * kib, gib / 4}));
    set(config.max_header_bytes, http.size("max_header", {kib, mib}));
    set(config.max_connections, http.count("max_connections", {1, 1'000'000}));
    set(config.header_timeout, http.duration("header_timeout"));
    set(config.body_timeout, http.duration("body_timeout"));
    set(config.idle_timeout, http.duration("idle_timeout"));
    set(config.drain_timeout, http.duration("drain_timeout"));
    set(config.threads, http.count("threads", {0, 1024}));
}

/// Keys that only one kind of log has; a key of the other kind is a mistake that would otherwise go unnoticed.
constexpr std::array<std::string_view, 3> segment_keys{"journal", "segment_size", "reserve"};
constexpr std::array<std::string_view, 6> kafka_keys{"bootstrap", "username", "password", "ca", "topic", "create_topics"};

void fault_at_each(TableReader& log, std::span<const std::string_view> keys, const std::string& message) {
    for (const auto key : keys)
        if (log.has(key)) log.fault(key, message);
}

void read_log(TableReader& log, LogConfig& config) {
    if (log.word("kind", log_kinds) == "kafka") {
        config.kafka = read_kafka_log(log);
        fault_at_each(log, segment_keys, "only with kind = \"segment\"");
    } else {
        fault_at_each(log, kafka_keys, "only with kind = \"kafka\"");
    }
    set(config.journal_bytes, log.size("journal", {mib, 2 * gib}));
    set(config.segment_bytes, log.size("segment_size", {64 * kib, gib}));
    set(config.queue_bytes, log.size("queue", {128 * kib, 16 * gib}));
    if (const auto reserve = log.size("reserve", {0, 1024 * 1024 * gib})) {
        config.reserve_bytes = *reserve;
        config.reserve_is_default = false;
    }
}

/// Complains at the first of these keys that the file gives: somebody wrote the number that does not fit.
void fault_at_given(ReadContext& context, const toml::table& root, std::initializer_list<std::string_view> keys, std::string message) {
    for (const auto key : keys)
        if (const auto node = root.at_path(key)) return context.fault(node.node()->source(), std::string(key), std::move(message));
}

/// A request that is accepted must fit in half of the journal, and in the queue with room for others. A record may be 2 bodies (the body,
/// and as its ordering key a part of it) and 4 heads (Latin-1 doubles as UTF-8, and short headers carry their lengths) in size.
void check_proportions(ReadContext& context, const toml::table& root, const Config& config) {
    const std::uint64_t body = config.http.max_body_bytes;
    const std::uint64_t head = config.http.max_header_bytes;
    if (const std::uint64_t least = std::max(8 * body, 16 * head); !config.log.kafka && config.log.journal_bytes < least)
        fault_at_given(context, root, {"log.journal", "http.max_body", "http.max_header"},
                       "log.journal must be at least 8 times http.max_body and 16 times http.max_header (" + size_text(least) + ")");
    if (const std::uint64_t least = std::max(2 * body, 4 * head); config.log.queue_bytes < least)
        fault_at_given(context, root, {"log.queue", "http.max_body", "http.max_header"},
                       "log.queue must be at least twice http.max_body and 4 times http.max_header (" + size_text(least) + ")");
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_ascii_digit(c) || c == '.' || c == '_' || c == '-';
}

void check_name(TableReader& source, const std::string& name) {
    if (name.empty() || name.size() > 249 || !std::ranges::all_of(name, is_name_character) || name == "." || name == "..")
        return source.fault("name", "expected 1 to 249 letters, digits, '.', '_' or '-'");
    if (name.starts_with('_')) source.fault("name", "must not begin with \"_\": such topics are internal");
    if (name.ends_with(".dead")) source.fault("name", "must not end in \".dead\": such topics hold dead letters");
}

void check_path(TableReader& source, const std::string& path) {
    const std::string_view key = source.has("path") ? "path" : "name";  // "/<name>" may be the gateway's own as well
    if (std::ranges::find(reserved_paths, path) != reserved_paths.end())
        return source.fault(key, "the path " + path + " is the gateway's own; give another path");
    if (!source.has("path")) return;
    const bool is_visible = std::ranges::all_of(path, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!path.starts_with('/') || !is_visible || path.find_first_of("?#") != std::string::npos)
        source.fault("path", "expected a path that begins with \"/\", without query, fragment, spaces or letters beyond ASCII");
}

void read_methods(TableReader& source, SourceConfig& config) {
    auto given = source.texts("methods");
    if (!given) return;
    if (given->empty()) return source.fault("methods", "expected at least one method");
    for (const auto& method : *given)
        if (std::ranges::find(methods, method) == methods.end())
            return source.fault("methods", "expected GET, HEAD, POST, PUT, DELETE or PATCH; found \"" + method + "\"");
    config.methods = std::move(*given);
}

void read_content(TableReader& source, SourceConfig& config) {
    const auto content = source.word("content", contents);
    if (!content) return;
    config.content = *content == "json"          ? Content::json
                     : *content == "cloudevents" ? Content::cloudevents
                     : *content == "elytra"      ? Content::elytra
                                                 : Content::any;
}

/// A token (RFC 9110 5.6.2).
bool is_header_name(std::string_view name) {
    constexpr std::string_view delimiters = "\"(),/:;<=>?@[\\]{}";
    return !name.empty() &&
           std::ranges::all_of(name, [&](char c) { return c > 0x20 && c < 0x7F && delimiters.find(c) == delimiters.npos; });
}

void read_elytra_events(ReadContext& context, TableReader& source, SourceConfig& config) {
    const auto* const table = source.table("cloudevents");
    if (table == nullptr) return;
    if (config.content != Content::elytra) return source.fault("cloudevents", "needs content = \"elytra\"");
    TableReader reader(context, *table, Section::cloudevents, source.dotted("cloudevents"));
    set(config.elytra.source, reader.text("source"));
    set(config.elytra.type_prefix, reader.text("type_prefix"));
    const auto check = [&](std::string_view key, const event::CloudEvent& sample) {
        const auto valid = sample.validate();
        if (!valid) reader.fault(key, valid.error().message.substr(valid.error().message.find(": ") + 2));  // the key says which
    };
    check("source", {.id = "1", .source = config.elytra.source, .type = "t"});
    check("type_prefix", {.id = "1", .source = "s", .type = config.elytra.type_prefix});
}

/// RFC 6901: "~" only as "~0" or "~1". The pointer to the whole document, "", cannot be a key.
bool is_json_pointer(std::string_view pointer) {
    if (!pointer.starts_with('/')) return false;
    for (auto at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1))
        if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1')) return false;
    return true;
}

void read_key_rule(TableReader& source, SourceConfig& config) {
    const auto rule = source.text("key");
    if (!rule) return;
    if (*rule == "none") {
        config.key = KeyNone{};
    } else if (*rule == "cloudevents") {
        config.key = KeyCloudEvents{};
        if (config.content != Content::cloudevents && config.content != Content::elytra)
            source.fault("key", "\"cloudevents\" needs content = \"cloudevents\" or \"elytra\"");
    } else if (*rule == "elytra") {
        config.key = KeyElytra{};
    } else if (rule->starts_with("header:") && is_header_name(std::string_view(*rule).substr(7))) {
        config.key = KeyHeader{rule->substr(7)};
    } else if (rule->starts_with("json:") && is_json_pointer(std::string_view(*rule).substr(5))) {
        config.key = KeyJsonPointer{rule->substr(5)};
    } else {
        source.fault("key", "expected none, cloudevents, elytra, \"header:NAME\" or \"json:/pointer\" (RFC 6901)");
    }
}

SourceConfig read_source(ReadContext& context, TableReader& source) {
    SourceConfig config;
    source.required("name", "the source's name, like \"github\"");
    if (auto name = source.text("name")) {
        check_name(source, *name);
        config.name = std::move(*name);
    }
    config.path = source.text("path").value_or("/" + config.name);
    check_path(source, config.path);
    read_methods(source, config);
    read_content(source, config);
    read_elytra_events(context, source, config);
    read_key_rule(source, config);
    if (const auto format = source.word("format", formats); format && *format != "envelope")
        source.fault("format", "not yet: only \"envelope\" is served by this version");
    set(config.partitions, source.count("partitions", {1, 10'000}));
    if (auto verification = read_verification(source, config.secret_files)) config.verify = std::move(*verification);
    return config;
}

void check_unique(TableReader& source, const SourceConfig& added, const std::vector<SourceConfig>& before) {
    if (added.name.empty()) return;  // that fault is told already
    for (const auto& other : before) {
        if (other.name == added.name) source.fault("name", "another source has this name");
        if (other.path == added.path) source.fault(source.has("path") ? "path" : "name", "another source has the path " + other.path);
    }
}

void read_sources(ReadContext& context, TableReader& top, Config& config) {
    const auto* const node = top.find("source");
    if (node == nullptr) return;
    const auto* const list = node->as_array();
    if (list == nullptr) return top.fault("source", "expected [[source]], with two brackets");
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string place = "source[" + std::to_string(i) + "]";
        const auto* const table = list->get(i)->as_table();
        if (table == nullptr) {
            context.fault(list->get(i)->source(), place, "expected a table");
            continue;
        }
        TableReader reader(context, *table, Section::source, place);
        auto source = read_source(context, reader);
        check_unique(reader, source, config.sources);
        config.sources.push_back(std::move(source));
    }
}

void check_topic_lengths(TableReader& top, const Config& config) {
    const auto check = [&](std::string_view table, std::string_view topic) {
        for (const auto& source : config.sources)
            if (kafka_topic(topic, source.name).size() > 249)
                top.fault(table, "topic: over 249 characters with the source name \"" + source.name + "\"");
    };
    if (config.log.kafka) check("log", config.log.kafka->topic);
    if (config.forward) check("forward", config.forward->topic);
}

Config read_all(ReadContext& context, const toml::table& table) {
    Config config;
    config.file = context.file;
    TableReader top(context, table, Section::top, "");
    config.data = context.resolved(top.text("data").value_or("./tenter-data"));
    if (const auto* const http = top.table("http")) {
        TableReader reader(context, *http, Section::http, "http");
        read_http(reader, config.http);
    }
    if (const auto* const log = top.table("log")) {
        TableReader reader(context, *log, Section::log, "log");
        read_log(reader, config.log);
    }
    check_proportions(context, table, config);
    if (const auto* const forward = top.table("forward")) {
        TableReader reader(context, *forward, Section::forward, "forward");
        config.forward = read_forward(reader);
        if (config.log.kafka) top.fault("forward", "needs log.kind = \"segment\": there is no other log to copy");
    }
    if (const auto* const kafka = top.table("kafka")) {
        TableReader reader(context, *kafka, Section::kafka, "kafka");
        config.kafka = read_kafka(reader);
        if (config.log.kafka) top.fault("kafka", "needs log.kind = \"segment\": consumers read a log in Kafka from Kafka");
    }
    if (config.log.kafka) config.kafka.listen.clear();
    read_sources(context, top, config);
    check_topic_lengths(top, config);
    check_kafka_topics(top, config);
    return config;
}

/// toml++ quotes what it stumbled over, and that may be a secret whose quotes were forgotten: "expected digit, saw 's'", "'1234...' is not
/// representable". What stands in quotes before the "saw" is TOML's own punctuation, or the name of a key.
std::string without_quotations(std::string_view description) {
    description = description.substr(0, description.find(", saw "));
    const auto value = description.find(": '");
    const auto end = description.rfind("' ");
    if (value == std::string_view::npos || end == std::string_view::npos || end < value) return std::string(description);
    return std::string(description.substr(0, value)) + ": the value" + std::string(description.substr(end + 1));
}

/// Several faults of one place keep the order in which they were found. (Not std::stable_sort: clang refuses libstdc++ 12's as deprecated.)
Faults in_order_of_the_file(Faults faults) {
    std::multimap<std::pair<std::uint32_t, std::uint32_t>, Fault> ordered;
    for (auto& fault : faults) {
        const std::pair place(fault.line, fault.column);
        ordered.emplace(place, std::move(fault));
    }
    faults.clear();
    for (auto& [place, fault] : ordered) faults.push_back(std::move(fault));
    return faults;
}

}  // namespace

std::expected<Config, Faults> parse(Env& env, std::string_view text, const std::string& file, const Environment& environment) {
    const auto slash = file.rfind('/');
    std::string folder = slash == std::string::npos ? "" : file.substr(0, std::max<std::size_t>(slash, 1));
    if (folder == ".") folder.clear();
    ReadContext context{env, environment, file, std::move(folder), {}};
    try {
        const toml::table table = toml::parse(text);
        Config config = read_all(context, table);
        if (context.faults.empty()) return config;
    } catch (const toml::parse_error& error) {
        context.fault(error.source(), "", "not TOML: " + without_quotations(error.description()));
    }
    return std::unexpected(in_order_of_the_file(std::move(context.faults)));
}

}  // namespace tenter::config
