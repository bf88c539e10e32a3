#pragma once
// tests/docs/prelude.hpp: what the documents' C++ blocks speak of.

#include <optional>
#include <string>
#include <vector>

#include "tenter/webhooks.hpp"

using namespace std::chrono_literals;
using namespace tenter::webhooks;

extern const std::string payload;
extern const std::vector<HeaderView> headers;
extern const WebhookValidator validator;
extern const CloudEvent event;
extern SimpleWebhookEventDispatcher dispatcher;

void reply(unsigned status, const std::string& message);
void store(const CloudEvent& event);
int save(const CloudEvent& event);
