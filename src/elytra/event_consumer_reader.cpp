// src/elytra/event_consumer_reader.cpp: from the document to the struct, with every fault.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <initializer_list>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "src/elytra/xml_document.hpp"
#include "tenter/base/exception.hpp"
#include "tenter/base/nearest_word.hpp"
#include "tenter/base/text.hpp"

namespace tenter::elytra {
namespace {

using Words = std::initializer_list<std::string_view>;

std::string tag(pugi::xml_node node) { return "<" + std::string(node.name()) + ">"; }

std::string did_you_mean(Words known, std::string_view name) {
    const auto nearest = nearest_word({known.begin(), known.size()}, name);
    return nearest.empty() ? "" : "; did you mean " + std::string(nearest) + "?";
}

/// "a, b or c"
std::string listed(Words words) {
    std::string text;
    for (const auto* word = words.begin(); word != words.end(); ++word) {
        if (word != words.begin()) text += word + 1 == words.end() ? " or " : ", ";
        text += *word;
    }
    return text;
}

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == std::string_view::npos ? std::string_view{} : text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

bool is_http_url(std::string_view url) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!url.starts_with(scheme)) continue;
        const auto rest = url.substr(scheme.size());
        return !rest.empty() && rest.front() != '/' && std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F; });
    }
    return false;
}

class Reader {
public:
    explicit Reader(const XmlDocument& document) : document_(document) {}

    EventConsumer read() {
        EventConsumer consumer;
        const auto root = document_.root();
        if (std::string_view(root.name()) != "event-consumer") {
            fault(root, "expected <event-consumer>, found " + tag(root));
            return consumer;
        }
        check_members(root, {"type", "events", "retry", "cloudevents"}, {});
        if (const auto type = required(root, "type"); type && text(type) != "webhook") fault(type, "<type>: webhook expected");
        if (const auto events = required(root, "events")) read_events(events, consumer);
        if (const auto retry = root.child("retry")) read_retry(retry, consumer.retry);
        if (const auto cloudevents = root.child("cloudevents")) read_cloudevents(cloudevents, consumer);
        return consumer;
    }

    std::vector<XmlFault> take_faults() {
        std::ranges::sort(faults_, [](const auto& a, const auto& b) {
            return std::tie(a.line, a.column, a.message) < std::tie(b.line, b.column, b.message);
        });
        return std::move(faults_);
    }

private:
    void fault(pugi::xml_node node, std::string message) { faults_.push_back(document_.fault_at(node, std::move(message))); }

    /// Unknown children and attributes, those that stand there twice, and stray text. `repeated`: the one child that may be there often.
    void check_members(pugi::xml_node node, Words children, Words attributes, std::string_view repeated = "") {
        std::vector<std::string_view> seen;  // Of `children`, so it stays short.
        for (const auto& child : node.children()) {
            const std::string_view name = child.name();
            if (child.type() != pugi::node_element) {
                if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
                    fault(node, tag(node) + ": text is not expected here");
            } else if (std::ranges::find(children, name) == children.end()) {
                fault(child, tag(child) + " is unknown in " + tag(node) + did_you_mean(children, name));
            } else if (std::ranges::find(seen, name) == seen.end()) {
                seen.push_back(name);
            } else if (name != repeated) {
                fault(child, tag(child) + " stands there twice");
            }
        }
        check_attributes(node, attributes);
    }

    void check_attributes(pugi::xml_node node, Words attributes) {
        std::vector<std::string_view> seen;  // Of `attributes`, so it stays short.
        for (const auto& attribute : node.attributes()) {
            const std::string_view name = attribute.name();
            if (std::ranges::find(attributes, name) == attributes.end())
                fault(node, tag(node) + ": the attribute " + std::string(name) + " is unknown" + did_you_mean(attributes, name));
            else if (std::ranges::find(seen, name) == seen.end())
                seen.push_back(name);
            else
                fault(node, tag(node) + ": the attribute " + std::string(name) + " stands there twice");
        }
    }

    pugi::xml_node required(pugi::xml_node node, const char* name) {
        const auto child = node.child(name);
        if (!child) fault(node, tag(node) + ": <" + name + "> is missing");
        return child;
    }

    /// The text of an element that holds nothing else, as it stands.
    std::string raw_text(pugi::xml_node node) {
        std::string all;
        for (const auto& child : node.children()) {
            if (child.type() == pugi::node_element)
                fault(child, tag(child) + " is unknown in " + tag(node));
            else
                all += child.value();
        }
        check_attributes(node, {});
        return all;
    }
    std::string text(pugi::xml_node node) { return std::string(trimmed(raw_text(node))); }

    std::string required_text(pugi::xml_node node, const char* name) {
        const auto child = required(node, name);
        if (!child) return "";
        auto value = text(child);
        if (value.empty()) fault(child, tag(child) + ": must not be empty");
        return value;
    }

    /// White space around a secret is a mistake or a part of it, and nobody can tell.
    Secret required_secret(pugi::xml_node node, const char* name) {
        const auto child = required(node, name);
        if (!child) return {};
        auto value = raw_text(child);
        if (value.empty())
            fault(child, tag(child) + ": must not be empty");
        else if (trimmed(value).size() != value.size())
            fault(child, tag(child) + ": must not have white space around it");
        return Secret(std::move(value));
    }

    /// The index of the word, or nothing after a fault.
    std::string word(pugi::xml_node node, Words words) {
        auto value = text(node);
        std::ranges::transform(value, value.begin(), ascii_lower);
        if (std::ranges::find(words, value) != words.end()) return value;
        fault(node, tag(node) + ": " + listed(words) + " expected");
        return "";
    }

    void read_events(pugi::xml_node events, EventConsumer& consumer) {
        check_members(events, {"event"}, {}, "event");
        for (const auto& event : events.children("event")) consumer.events.push_back(read_event(event));
        if (consumer.events.empty()) fault(events, "<events>: at least one <event> expected");
    }

    Subscription read_event(pugi::xml_node event) {
        Subscription subscription;
        check_members(event, {"types", "operations", "webhook"}, {});
        if (const auto types = required(event, "types")) {
            read_list(types, "type", subscription.types);
            if (subscription.types.empty()) fault(types, "<types>: at least one <type> expected");
        }
        if (const auto operations = event.child("operations")) read_list(operations, "operation", subscription.operations);
        if (const auto webhook = required(event, "webhook")) read_webhook(webhook, subscription.webhook);
        return subscription;
    }

    template <class Value>
    void read_list(pugi::xml_node list, const char* name, std::vector<Value>& values) {
        check_members(list, {name}, {}, name);
        std::unordered_set<std::string> seen;
        for (const auto& child : list.children(name)) {
            Value value{std::string_view(text(child))};
            if (value.value().empty())
                fault(child, tag(child) + ": must not be empty");
            else if (!seen.emplace(value.value()).second)
                fault(child, tag(child) + ": " + std::string(value.value()) + " stands there twice");
            else
                values.push_back(std::move(value));
        }
    }

    void read_webhook(pugi::xml_node node, Webhook& webhook) {
        check_members(node, {"url", "method", "auth-type", "username", "password", "token", "api-key", "header-name"}, {});
        webhook.url = required_text(node, "url");
        if (!webhook.url.empty() && !is_http_url(webhook.url))
            fault(node.child("url"), "<url>: a URL that begins with https:// or http:// expected");
        if (const auto method = node.child("method")) webhook.method = word(method, {"post", "put", "patch"});
        const auto type = required(node, "auth-type");
        const std::string name = type ? word(type, {"basic", "bearer", "apikey", "none"}) : "";
        if (name == "basic") {
            only_of(node, name, {"username", "password"});
            BasicAuthentication basic{required_text(node, "username"), required_secret(node, "password")};
            if (basic.username.contains(':')) fault(node.child("username"), "<username>: must not hold a colon (RFC 7617)");
            webhook.authentication = std::move(basic);
        } else if (name == "bearer") {
            only_of(node, name, {"token"});
            webhook.authentication = BearerAuthentication{required_secret(node, "token")};
        } else if (name == "apikey") {
            only_of(node, name, {"api-key", "header-name"});
            ApiKeyAuthentication key{required_secret(node, "api-key")};
            if (node.child("header-name")) key.header_name = required_text(node, "header-name");
            webhook.authentication = std::move(key);
        } else if (name == "none") {
            only_of(node, name, {});
        }
    }

    /// Elements that belong to another kind of authentication.
    void only_of(pugi::xml_node node, const std::string& type, Words own) {
        for (const std::string_view name : {"username", "password", "token", "api-key", "header-name"})
            if (const auto child = node.child(std::string(name).c_str()); child && std::ranges::find(own, name) == own.end())
                fault(child, tag(child) + " does not belong to <auth-type>" + type);
    }

    template <class Number>
    void read_number(pugi::xml_node node, const char* name, Number& out, const char* what) {
        const auto attribute = node.attribute(name);
        if (!attribute) return;
        const std::string_view text = attribute.value();
        Number value{};
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
            fault(node, tag(node) + " " + name + ": " + what + " expected");
        } else {
            out = value;
        }
    }

    void read_retry(pugi::xml_node node, retry::RetryConfig& config) {
        check_members(node, {}, {"maxRetries", "initialDelay", "backoffMultiplier", "maxDelay"});
        const std::size_t before = faults_.size();
        std::int64_t initial = config.initial_delay.count(), longest = config.max_delay.count();
        read_number(node, "maxRetries", config.max_retries, "a whole number from 0 to 4294967295");
        read_number(node, "initialDelay", initial, "milliseconds as a whole number");
        read_number(node, "backoffMultiplier", config.backoff_multiplier, "a number");
        read_number(node, "maxDelay", longest, "milliseconds as a whole number");
        config.initial_delay = std::chrono::milliseconds(initial);
        config.max_delay = std::chrono::milliseconds(longest);
        if (faults_.size() > before) return;
        if (auto valid = config.validate(); !valid) fault(node, "<retry> " + valid.error().message);
    }

    void read_cloudevents(pugi::xml_node node, EventConsumer& consumer) {
        check_members(node, {}, {"source", "typePrefix"});
        const auto read = [&](const char* name, std::string& out) {
            const auto attribute = node.attribute(name);
            if (!attribute) return;
            out = attribute.value();
            if (out.empty()) fault(node, tag(node) + " " + name + ": must not be empty");
        };
        read("source", consumer.source);
        read("typePrefix", consumer.type_prefix);
    }

    const XmlDocument& document_;
    std::vector<XmlFault> faults_;
};

}  // namespace

std::string to_string(const XmlFault& fault) {
    return std::to_string(fault.line) + ":" + std::to_string(fault.column) + ": " + fault.message;
}

std::expected<EventConsumer, std::vector<XmlFault>> try_parse_event_consumer(std::string_view xml) {
    XmlDocument document;
    if (auto fault = document.load(xml)) return std::unexpected(std::vector{std::move(*fault)});
    Reader reader(document);
    auto consumer = reader.read();
    auto faults = reader.take_faults();
    if (!faults.empty()) return std::unexpected(std::move(faults));
    return consumer;
}

EventConsumer parse_event_consumer(std::string_view xml) {
    auto consumer = try_parse_event_consumer(xml);
    if (consumer) return std::move(*consumer);
    std::string message;
    for (const auto& fault : consumer.error()) message += (message.empty() ? "" : "\n") + to_string(fault);
    throw Exception(Error{Errc::invalid_input, std::move(message), 0});
}

}  // namespace tenter::elytra
