#pragma once
// tenter/webhooks.hpp: everything that users of the Python package `elytra_client.webhooks` know, under one name. docs/elytra.md shows each
// of its snippets in C++.
//
//   #include <tenter/webhooks.hpp>
//   using namespace tenter::webhooks;
//
// Reads Boost.JSON and Boost.Describe; who needs less includes the headers of the rooms..

#include <boost/describe.hpp>
#include <boost/json/value.hpp>

#include "tenter/auth/credentials.hpp"
#include "tenter/auth/scheme.hpp"
#include "tenter/base/exception.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/dispatch/dispatcher.hpp"
#include "tenter/dispatch/idempotency.hpp"
#include "tenter/dispatch/queued_dispatcher.hpp"
#include "tenter/elytra/cloud_event.hpp"
#include "tenter/elytra/data_as.hpp"
#include "tenter/elytra/event_type.hpp"
#include "tenter/elytra/operation.hpp"
#include "tenter/elytra/parse.hpp"
#include "tenter/receive/webhook_handler.hpp"
#include "tenter/receive/webhook_validator.hpp"
#include "tenter/retry/execute.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::webhooks {

using tenter::BytesView;
using tenter::Errc;
using tenter::Error;
using tenter::Exception;
using tenter::Header;
using tenter::HeaderView;
using tenter::HeaderViews;
using tenter::HttpRequestView;
using tenter::Result;
using tenter::Secret;
using tenter::value_or_throw;

using auth::APIKeyAuth;
using auth::BasicAuth;
using auth::BearerAuth;
using auth::find_scheme;
using auth::make_signature_verifier;
using auth::make_verifier;

using elytra::CloudEvent;
using elytra::EventType;
using elytra::Operation;
using elytra::parse_webhook_batch;
using elytra::parse_webhook_payload;
using elytra::try_parse_webhook_batch;
using elytra::try_parse_webhook_payload;

using receive::HttpReply;
using receive::WebhookHandler;
using receive::WebhookValidationError;
using receive::WebhookValidator;

using dispatch::HandlerFailure;
using dispatch::HandlerId;
using dispatch::IdempotentHandler;
using dispatch::MemoryIdempotencyStore;
using dispatch::QueuedDispatcher;
using dispatch::SimpleWebhookEventDispatcher;
using dispatch::WebhookEventDispatcher;

using retry::execute_with_retry;
using retry::ExponentialBackoffRetry;
using retry::RetryConfig;
using retry::RetryOptions;

}  // namespace tenter::webhooks
