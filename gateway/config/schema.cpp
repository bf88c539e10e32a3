#include "gateway/config/schema.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "gateway/config/config.hpp"
#include "tenter/base/nearest_word.hpp"

namespace tenter::config {
namespace {

using enum Section;
using enum KeyStatus;

constexpr auto keys = std::to_array<Key>({
    {top, "data", "text", "\"./tenter-data\"",
     "Folder for everything durable; made with mode 0700. Relative to the folder of this file, as every path in it."},
    {top, "http", "table", "", "The HTTP listener."},
    {top, "log", "table", "", "Where events are kept."},
    {top, "source", "list of tables", "", "One `[[source]]` for each sender. Its name is also the name of its topic in the log."},
    {top, "kafka", "table", "", "The embedded log for consumers in any language, over the Kafka protocol; on unless `listen = []`."},
    {top, "destination", "list of tables", "", "HTTP endpoints that want to be called.", not_yet},
    {top, "forward", "table", "", "A copy of the embedded log in a Kafka cluster."},
    {top, "admin", "table", "", "Console, REST and metrics.", not_yet},

    {http, "listen", "list of texts", "[\"127.0.0.1:8080\"]", "Numeric addresses and ports: \"127.0.0.1:8080\", \"[::1]:8080\"."},
    {http, "tls", "table", "", "Certificate and key.", not_yet},
    {http, "max_body", "size", "\"1MiB\"", "The largest body, at least 64KiB; beyond it 413."},
    {http, "max_header", "size", "\"16KiB\"", "Request line and headers together, 1KiB to 1MiB; beyond it 431."},
    {http, "max_connections", "count", "10_000", "Connections at a time; beyond it 503."},
    {http, "header_timeout", "duration", "\"30s\"", "How long a request's head may take."},
    {http, "body_timeout", "duration", "\"30s\"", "How long its body may take."},
    {http, "idle_timeout", "duration", "\"75s\"", "How long a connection may wait for its next request."},
    {http, "drain_timeout", "duration", "\"30s\"", "How long requests under way may take to end after SIGTERM."},
    {http, "threads", "count", "0", "Threads that serve connections; 0 is one per core."},
    {http, "trusted_proxies", "list of texts", "[]", "Addresses whose X-Forwarded-For is believed.", not_yet},

    {log, "kind", "text", "\"segment\"", "segment: the embedded log, in the folder `data`; kafka: a Kafka cluster."},
    {log, "journal", "size", "\"128MiB\"",
     "The journal, in two halves; a restart replays at most all of it. 1MiB to 2GiB; at least 8 times max_body and 16 times max_header."},
    {log, "segment_size", "size", "\"128MiB\"", "A segment file of a topic is closed at this size. 64KiB to 1GiB."},
    {log, "queue", "size", "\"64MiB\"",
     "What may wait for the disk, or the cluster; beyond it 503. At least twice max_body and 4 times max_header."},
    {log, "reserve", "size", "\"1GiB\", or 5 % of the disk if that is less", "Free disk space under which events get 503."},
    {log, "bootstrap", "list of texts", "required by kafka", "kafka: brokers, \"host:port\"."},
    {log, "username", "text", "required by kafka", "kafka: the user (SASL PLAIN over TLS)."},
    {log, "password", "secret", "required by kafka", "kafka: its password."},
    {log, "ca", "text", "the system's", "kafka: file with the PEM certificates that the brokers' certificates must come from."},
    {log, "topic", "text", "\"{source}\"", "kafka: a source's topic, with the source's name in it: \"incoming.shop.{source}\"."},
    {log, "create_topics", "boolean", "false", "kafka: make missing topics at the start, with the brokers' default replication."},

    {forward, "bootstrap", "list of texts", "required", "Brokers, \"host:port\"."},
    {forward, "username", "text", "required", "The user (SASL PLAIN over TLS)."},
    {forward, "password", "secret", "required", "Its password."},
    {forward, "ca", "text", "the system's", "File with the PEM certificates that the brokers' certificates must come from."},
    {forward, "topic", "text", "\"{source}\"", "A source's topic, with the source's name in it: \"incoming.shop.{source}\"."},
    {forward, "oversize", "text", "what may be accepted must fit",
     "An event over the topic's max.message.bytes: stop (forwarding waits before it) or dead (it goes to the local topic "
     "`<source>.dead`)."},
    {forward, "max_unforwarded", "size", "\"50GiB\"", "How far the log may be ahead of the cluster; warns from half of it on."},

    {kafka, "listen", "list of texts", "[\"127.0.0.1:9092\"]",
     "Numeric addresses and ports, as in `[http]`; TLS always. `[]` turns the listener off."},
    {kafka, "advertise", "text", "as each client reached it",
     "\"host:port\" that clients are sent to. By default each is sent to the name that it asked for in TLS, else to the address that it "
     "reached."},
    {kafka, "topic_prefix", "text", "\"\"", "What consumers see before a source's name: \"incoming.shop.\"."},
    {kafka, "tls", "table", "own, made in the data folder",
     "Certificate and key. Without it the gateway makes an authority and a certificate, and renews the latter by itself."},
    {kafka, "min_tls", "text", "\"1.3\"", "The oldest TLS that is spoken: 1.3, or 1.2 for clients that know no better."},
    {kafka, "max_connections", "count", "1_000",
     "Connections at a time, 2 to 1_000_000; a client has two to four. Of those not yet authenticated half. Beyond it they are closed."},
    {kafka, "max_connections_per_consumer", "count", "100",
     "Of these, how many one consumer may have; beyond it they are closed at the login."},
    {kafka, "max_request", "size", "\"8MiB\"", "The largest request, 64KiB to 64MiB; beyond it the connection is closed."},
    {kafka, "fetch_memory", "size", "\"64MiB\"",
     "Records on their way to all clients together, 4MiB to 16GiB. Who reads slowly gets no more until it has read."},
    {kafka, "idle_timeout", "duration", "\"10m\"",
     "How long a connection may wait for its next request, 1s to 30d; then it is closed. Clients connect again by themselves."},

    {kafka_tls, "certificate", "text", "required",
     "PEM file with the server's certificate and those between it and its authority. Read again now and then."},
    {kafka_tls, "key", "text", "required", "PEM file with its key: ECDSA, Ed25519 or RSA, without a passphrase."},
    {kafka_tls, "ca", "text", "none",
     "PEM file with the authority's certificate, for connection profiles. Without it clients ask their own system."},

    {source, "name", "text", "required", "`[A-Za-z0-9._-]`, up to 249; not beginning with \"_\", not ending in \".dead\"."},
    {source, "path", "text", "\"/<name>\"", "The path that it is posted to, exactly."},
    {source, "methods", "list of texts", "[\"POST\"]", "Of GET, HEAD, POST, PUT, DELETE, PATCH."},
    {source, "verify", "table or \"none\"", "required", "How the sender is proven. \"none\" must be said."},
    {source, "content", "text", "\"any\"",
     "any: everything; json: valid JSON, else 400; cloudevents: CloudEvents 1.0, else 400; elytra: CloudEvents, or Elytra's plain "
     "`{type, operation, objectData, ...}`, which is stored as the CloudEvent that Elytra would send."},
    {source, "cloudevents", "table", "", "content = \"elytra\": what the CloudEvents made of the plain form say."},
    {source, "key", "text", "\"none\"",
     "Whose events keep their order: none; cloudevents (`partitionkey`, else `subject`); elytra (object type and id); header:NAME; "
     "json:/pointer."},
    {source, "partitions", "count", "1", "Partitions of the topic, up to 10_000. May grow at a restart, never shrink."},
    {source, "format", "text", "\"envelope\"", "How events are stored. Only \"envelope\" for now."},
    {source, "dedupe", "table", "off", "Skipping what comes twice.", not_yet},
    {source, "retention", "table", "keep everything", "How long events are kept.", not_yet},
    {source, "rate", "text", "no limit", "Requests a second.", not_yet},
    {source, "allow_from", "list of texts", "everyone", "Addresses that may post.", not_yet},
    {source, "respond", "table", "200 and JSON", "Another answer, where a provider insists.", not_yet},
    {source, "challenge", "text", "the scheme's own", "The provider's registration handshake.", not_yet},

    {verify, "scheme", "text", "required", "basic, bearer, api-key, standard-webhooks, github, stripe, shopify, slack or custom."},
    {verify, "username", "text", "", "basic: the user name."},
    {verify, "password", "secret", "", "basic: the password."},
    {verify, "credentials", "list of tables", "", "basic: several `{ username, password }`, for rotation."},
    {verify, "token", "secret", "", "bearer: the token."},
    {verify, "tokens", "list of secrets", "", "bearer: several, for rotation."},
    {verify, "key", "secret", "", "api-key: the key."},
    {verify, "keys", "list of secrets", "", "api-key: several, for rotation."},
    {verify, "header", "text", "\"X-API-Key\"", "api-key: the header that carries it."},
    {verify, "secrets", "list of secrets", "", "Signatures: the secrets that are accepted; several for rotation."},
    {verify, "algorithm", "text", "\"hmac-sha256\"",
     "hmac-sha1, hmac-sha256, hmac-sha512, sha256, token, ed25519, ecdsa-p256-sha256, ecdsa-p256-sha256-p1363, rsa-sha256."},
    {verify, "secret_encoding", "text", "\"utf8\"", "utf8, hex, base64, whsec, spki-base64, pem."},
    {verify, "signature_header", "text", "", "The header that carries the signature."},
    {verify, "signature_encoding", "text", "\"hex\"", "hex or base64."},
    {verify, "signature_format", "text", "\"{signature}\"", "What stands around it: \"sha256={signature}\"."},
    {verify, "signature_list", "text", "", "The separator where the header lists several signatures."},
    {verify, "signature_pairs", "table", "", "Where one header holds several `key=value`: Stripe's `t=...,v1=...`."},
    {verify, "signed", "text", "\"{body}\"",
     "What is signed: {id} {timestamp} {body} {method} {url} {path} {query} {secret} {header:NAME} and literals."},
    {verify, "timestamp_header", "text", "", "The header that carries the signed time."},
    {verify, "timestamp_unit", "text", "\"s\"", "s, ms or rfc3339."},
    {verify, "id_header", "text", "", "The header that carries the signed message id."},
    {verify, "tolerance", "duration", "", "How far the signed time may be from now, both ways."},

    {credential, "username", "text", "required", "The user name."},
    {credential, "password", "secret", "required", "The password."},

    {signature_pairs, "separator", "text", "\",\"", "What stands between the pairs."},
    {signature_pairs, "signature", "text", "required", "The key of a signature; may occur several times."},
    {signature_pairs, "timestamp", "text", "", "The key of the time."},

    {cloudevents, "source", "text", "\"elytra-pim\"", "Their `source`, a URI-reference."},
    {cloudevents, "type_prefix", "text", "\"com.elytra\"", "Their `type` is this, a dot and the event type: \"com.elytra.product\"."},

    {secret, "env", "text", "", "The environment variable that holds the secret."},
    {secret, "file", "text", "", "The file that holds it; a line feed at its end does not count. Keep it readable by its owner only."},
});

struct SectionText {
    Section section;
    std::string_view heading;
    std::string_view introduction;
};

constexpr auto section_texts = std::to_array<SectionText>({
    {top, "Top", "Before the first `[section]`."},
    {http, "`[http]`", ""},
    {log, "`[log]`", ""},
    {forward, "`[forward]`", "Only with `kind = \"segment\"`."},
    {kafka, "`[kafka]`", "Only with `kind = \"segment\"`. Who may read: `tenter consumer`."},
    {kafka_tls, "`tls = { ... }`", "Of `[kafka]`."},
    {source, "`[[source]]`", "One for each sender."},
    {verify, "`[source.verify]`",
     "Or `verify = { ... }`. A named scheme is a set of defaults for the signature keys; each can be given anew."},
    {credential, "`credentials = [{ ... }]`", ""},
    {signature_pairs, "`signature_pairs = { ... }`", ""},
    {cloudevents, "`cloudevents = { ... }`", "Only with `content = \"elytra\"`."},
    {secret, "Secrets", "A secret is a text, `{ env = \"NAME\" }` or `{ file = \"path\" }`. Secrets are never printed."},
});

}  // namespace

std::span<const Key> all_keys() noexcept { return keys; }

const Key* find_key(Section section, std::string_view name) noexcept {
    const auto* const found = std::ranges::find_if(keys, [&](const Key& key) { return key.section == section && key.name == name; });
    return found == keys.end() ? nullptr : &*found;
}

std::string_view nearest_key(Section section, std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& key : keys)
        if (key.section == section) names.push_back(key.name);
    return nearest_word(names, name);
}

std::string reference_markdown() {
    std::string out =
        "# Configuration\n\n"
        "Every key of `tenter.toml`. Made by `tenter config reference`. Durations: `250ms`, `30s`, `5m`, `24h`, `30d`. Sizes: `64KiB`, "
        "`1MiB`, `1GiB`.\n"
        "Keys marked *not yet* are refused until the version that serves them.\n";
    for (const auto& section : section_texts) {
        out.append("\n## ").append(section.heading).append("\n\n");
        if (!section.introduction.empty()) out.append(section.introduction).append("\n\n");
        out += "| key | type | default | meaning |\n|---|---|---|---|\n";
        for (const auto& key : keys) {
            if (key.section != section.section) continue;
            out.append("| `").append(key.name).append("` | ").append(key.type).append(" | ");
            const bool is_code = key.default_value.starts_with('"') || key.default_value.starts_with('[');
            out.append(is_code && !key.default_value.contains(", or") ? "`" + std::string(key.default_value) + "`" : key.default_value);
            out.append(" | ").append(key.status == not_yet ? "*Not yet.* " : "").append(key.meaning).append(" |\n");
        }
    }
    return out;
}

}  // namespace tenter::config
