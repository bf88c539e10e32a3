// src/elytra/event_consumer_writer.cpp: from the struct to the document.

#include <charconv>
#include <sstream>
#include <utility>

#include <pugixml.hpp>

#include "tenter/base/exception.hpp"
#include "tenter/elytra/event_consumer.hpp"

namespace tenter::elytra {
namespace {

void add_text(pugi::xml_node parent, const char* name, std::string_view text) {
    parent.append_child(name).append_child(pugi::node_pcdata).set_value(std::string(text).c_str());
}

/// The shortest text that reads as the same number.
std::string to_text(double number) {
    char buffer[32];
    const auto [end, error] = std::to_chars(buffer, buffer + sizeof buffer, number);
    return {buffer, end};
}

struct AuthenticationWriter {
    pugi::xml_node webhook;

    void operator()(const NoAuthentication&) { add_text(webhook, "auth-type", "none"); }
    void operator()(const BasicAuthentication& basic) {
        add_text(webhook, "auth-type", "basic");
        add_text(webhook, "username", basic.username);
        add_text(webhook, "password", basic.password.reveal());
    }
    void operator()(const BearerAuthentication& bearer) {
        add_text(webhook, "auth-type", "bearer");
        add_text(webhook, "token", bearer.token.reveal());
    }
    void operator()(const ApiKeyAuthentication& key) {
        add_text(webhook, "auth-type", "apikey");
        add_text(webhook, "api-key", key.api_key.reveal());
        add_text(webhook, "header-name", key.header_name);
    }
};

void add_event(pugi::xml_node events, const Subscription& subscription) {
    auto event = events.append_child("event");
    auto types = event.append_child("types");
    for (const auto& type : subscription.types) add_text(types, "type", type.value());
    if (!subscription.operations.empty()) {
        auto operations = event.append_child("operations");
        for (const auto& operation : subscription.operations) add_text(operations, "operation", operation.value());
    }
    auto webhook = event.append_child("webhook");
    add_text(webhook, "url", subscription.webhook.url);
    add_text(webhook, "method", subscription.webhook.method);
    std::visit(AuthenticationWriter{webhook}, subscription.webhook.authentication);
}

}  // namespace

Result<std::string> try_write_event_consumer(const EventConsumer& consumer) {
    pugi::xml_document document;
    auto root = document.append_child("event-consumer");
    add_text(root, "type", "webhook");
    auto events = root.append_child("events");
    for (const auto& subscription : consumer.events) add_event(events, subscription);
    auto retry = root.append_child("retry");
    retry.append_attribute("maxRetries").set_value(consumer.retry.max_retries);
    retry.append_attribute("initialDelay").set_value(static_cast<long long>(consumer.retry.initial_delay.count()));
    retry.append_attribute("backoffMultiplier").set_value(to_text(consumer.retry.backoff_multiplier).c_str());
    retry.append_attribute("maxDelay").set_value(static_cast<long long>(consumer.retry.max_delay.count()));
    auto cloudevents = root.append_child("cloudevents");
    cloudevents.append_attribute("source").set_value(consumer.source.c_str());
    cloudevents.append_attribute("typePrefix").set_value(consumer.type_prefix.c_str());

    std::ostringstream out;
    document.save(out, "  ", pugi::format_default | pugi::format_no_declaration, pugi::encoding_utf8);
    auto xml = std::move(out).str();
    const auto readable = try_parse_event_consumer(xml);
    if (!readable) return fail(Errc::invalid_input, "no document can hold this: " + readable.error().front().message);
    if (*readable != consumer) return fail(Errc::invalid_input, "no document can hold this: it would read as another");
    return xml;
}

std::string write_event_consumer(const EventConsumer& consumer) { return value_or_throw(try_write_event_consumer(consumer)); }

}  // namespace tenter::elytra
