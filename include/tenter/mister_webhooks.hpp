#pragma once
// tenter/mister_webhooks.hpp: everything that users of Mister Webhooks' clients know, under one name. docs/mister-webhooks.md shows each of
// their snippets in C++.
//
//   #include <tenter/mister_webhooks.hpp>
//   using namespace tenter::mister_webhooks;
//
// Reads Boost.JSON and Boost.Describe; who needs less includes the headers of the rooms. Coroutines: tenter/consume_asio/asio_consumer.hpp.

#include <boost/describe.hpp>
#include <boost/json/value.hpp>

#include "tenter/base/exception.hpp"
#include "tenter/base/secret.hpp"
#include "tenter/consume/consumer.hpp"
#include "tenter/consume/errors.hpp"
#include "tenter/consume/options.hpp"
#include "tenter/consume/payload_as.hpp"
#include "tenter/consume/scripted_consumer.hpp"
#include "tenter/consume/webhook_event.hpp"
#include "tenter/envelope/connection_profile.hpp"
#include "tenter/envelope/envelope.hpp"
#include "tenter/retry/retry.hpp"

namespace tenter::mister_webhooks {

using tenter::Bytes;
using tenter::BytesView;
using tenter::Errc;
using tenter::Error;
using tenter::Exception;
using tenter::Result;
using tenter::Secret;
using tenter::UnixMillis;

using envelope::ConnectionProfile;
using envelope::Encoding;
using HTTPMethod = envelope::Method;  ///< The name in the Python package.

using consume::DecodeError;
using consume::EnvelopeDecodeError;
using consume::FormatError;
using consume::PayloadDecodeError;
using consume::RecordPlace;

using consume::Headers;
using consume::RecordHeaders;
using consume::WebhookEvent;

using consume::Callback;
using consume::Consumer;
using consume::MisterWebhooksConsumer;
using consume::StopConsuming;
using consume::WebhookConsumer;

using consume::captured_file;
using consume::captured_webhook;
using consume::DeadLettered;
using consume::read_captured;
using consume::ScriptedConsumer;
using consume::ScriptedRecord;
using consume::webhook;

using consume::CommitPolicy;
using consume::ConsumerGroup;
using consume::ConsumerOptions;
using consume::Notice;
using consume::StartPoint;
using consume::Undecodable;
using consume::UndecodableRecord;
using retry::RetryConfig;

}  // namespace tenter::mister_webhooks
