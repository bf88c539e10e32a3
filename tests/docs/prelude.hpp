#pragma once
// tests/docs/prelude.hpp: what the documents' C++ blocks speak of.

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "tenter/mister_webhooks.hpp"
#include "tenter/webhooks.hpp"

using namespace std::chrono_literals;
using namespace tenter::mister_webhooks;
using namespace tenter::webhooks;

extern const std::string payload;
extern const std::vector<HeaderView> headers;
extern const WebhookValidator validator;
extern const CloudEvent event;
extern SimpleWebhookEventDispatcher dispatcher;

void reply(unsigned status, const std::string& message);
void store(const CloudEvent& event);
int save(const CloudEvent& event);

extern const ConnectionProfile profile;
extern MisterWebhooksConsumer consumer;

void handle(const boost::json::value& payload);
template <class Order>
void ship(const Order& order);
boost::asio::awaitable<void> ship_later(const WebhookEvent& event);
