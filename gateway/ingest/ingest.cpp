#include "gateway/ingest/ingest.hpp"

#include <utility>

#include "gateway/ingest/ordering_key.hpp"
#include "gateway/ingest/stored_form.hpp"
#include "tenter/elytra/cloud_event.hpp"
#include "tenter/event/json_format.hpp"

namespace tenter::ingest {
namespace {

constexpr std::string_view retry_after_seconds = "1";

http::Response json_response(unsigned status, std::string body) { return {status, std::move(body), "application/json", {}}; }

/// `{"status":"ok","id":"..."}`, or `"ids":[...]` for a batch.
std::string success_body(const std::vector<Uuid>& ids, bool is_batch) {
    std::string body = is_batch ? R"({"status":"ok","ids":[)" : R"({"status":"ok","id":)";
    body.reserve(body.size() + ids.size() * 39 + 2);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (i > 0) body += ',';
        body += '"';
        const std::size_t at = body.size();
        body.resize(at + 36);
        ids[i].write_to(body.data() + at);
        body += '"';
    }
    body += is_batch ? "]}" : "}";
    return body;
}

http::Response failure_response(const Error& error) {
    auto response = json_response(receive::http_status(error.code), receive::error_body(to_string(error.code), error.message));
    if (response.status == 503) response.headers.push_back({"Retry-After", std::string(retry_after_seconds)});
    return response;
}

receive::Content content_of(config::Content content) {
    switch (content) {
        case config::Content::any: return receive::Content::any;
        case config::Content::json: return receive::Content::json;
        case config::Content::cloudevents: return receive::Content::cloudevents;
        case config::Content::elytra: return receive::Content::elytra;
    }
    return receive::Content::any;
}

/// What is stored of an event that Elytra sent in its plain form; `id` is also its `tenter-id`.
Result<Bytes> convert(elytra::CloudEvent event, const Uuid& id) {
    event.id = id.to_string();
    return event::encode_json(event);
}

receive::Refusal refusal_of(Error error) {
    return {receive::http_status(error.code), std::string(to_string(error.code)), std::move(error.message), {}};
}

}  // namespace

Ingest::Ingest(std::vector<Source> sources, log::EventLog& log, const Clock& clock, Random& random, RefusalListener refused)
    : sources_(std::move(sources)), log_(log), refused_(std::move(refused)), ids_(clock, random) {
    for (const auto& source : sources_) by_path_.emplace(source.path, &source);
}

Uuid Ingest::next_id() {
    const std::scoped_lock lock(ids_mutex_);
    return ids_.next();
}

void Ingest::handle(const http::Request& request, http::Responder responder) {
    const auto path = target_path(request.message.target);
    if (const auto found = by_path_.find(path); found != by_path_.end()) return take(*found->second, request, std::move(responder));
    if (path == "/healthz") return std::move(responder).send(json_response(200, R"({"status":"ok"})"));
    if (path == "/readyz") return answer_readiness(std::move(responder));
    refuse(nullptr, request.peer, {404, "not_found", "no source has this path", {}}, std::move(responder));
}

void Ingest::answer_readiness(http::Responder responder) const {
    const auto not_ready = [&](std::string_view reason) {
        std::move(responder).send(json_response(503, receive::error_body("not_ready", reason)));
    };
    if (draining_.load()) return not_ready("the gateway is stopping");
    switch (log_.state()) {
        case log::LogState::accepting: return std::move(responder).send(json_response(200, R"({"status":"ok"})"));
        case log::LogState::disk_full: return not_ready("the disk is full");
        case log::LogState::unreachable: return not_ready("the log's cluster does not answer");
        case log::LogState::failed: return not_ready("the log could not be made durable");
        case log::LogState::stopped: return not_ready("the log is closed");
    }
}

void Ingest::take(const Source& source, const http::Request& request, http::Responder responder) {
    if (request.message.method == "OPTIONS")
        return std::move(responder).send({204, "", "", {{"Allow", source.receiver.allowed_methods()}}});
    auto received = source.receiver.receive(request.message, request.received_at);
    if (!received) return refuse(&source, request.peer, std::move(received.error()), std::move(responder));
    append(source, request, std::move(*received), std::move(responder));
}

void Ingest::refuse(const Source* source, std::string_view peer, receive::Refusal refusal, http::Responder responder) const {
    refused_({source != nullptr ? source->name : std::string_view{}, peer, refusal.status, refusal.message});
    auto response = json_response(refusal.status, receive::error_body(refusal.code, refusal.message));
    response.headers = std::move(refusal.headers);
    std::move(responder).send(std::move(response));
}

void Ingest::append(const Source& source, const http::Request& request, receive::Received received, http::Responder responder) {
    const StoredRequest stored(request.message, source.receiver.credential_places(), received.is_event_json);
    const std::size_t count = received.events.size();
    const Uuid batch_id = received.is_batch ? next_id() : Uuid{};
    std::vector<Uuid> ids;
    std::vector<Bytes> converted;
    std::vector<StoredEvent> events;
    ids.reserve(count);
    converted.reserve(count);
    events.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto& event = received.events[i];
        const Uuid& id = ids.emplace_back(next_id());
        if (event.converted) {
            auto bytes = convert(std::move(*event.converted), id);
            if (!bytes) return refuse(&source, request.peer, refusal_of(std::move(bytes.error())), std::move(responder));
            event.body = converted.emplace_back(std::move(*bytes));
        }
        auto& added =
            events.emplace_back(stored, event, id, ordering_key(source.key, request.message, event), request.peer, received.verified_by);
        if (received.is_batch) added.set_batch(batch_id, {i, count});
    }
    std::vector<log::NewRecord> records;
    records.reserve(count);
    for (const auto& event : events) records.push_back(event.record(source.topic, request.received_at));
    log_.append(records, [this, &source, body = success_body(ids, received.is_batch), peer = std::string(request.peer),
                          responder = std::move(responder)](log::AppendResult result) mutable {
        if (result) return std::move(responder).send(json_response(200, std::move(body)));
        refused_({source.name, peer, receive::http_status(result.error().code), result.error().message});
        std::move(responder).send(failure_response(result.error()));
    });
}

Result<std::vector<Source>> make_sources(const std::vector<config::SourceConfig>& configured, log::EventLog& log) {
    std::vector<Source> sources;
    sources.reserve(configured.size());
    for (const auto& source : configured) {
        const std::string place = "source \"" + source.name + "\"";
        auto verifier = config::make_verifier(source.verify);
        if (!verifier) return fail(std::move(verifier.error()).within(place));
        auto topic = log.ensure_topic(source.name, source.partitions);
        if (!topic) return fail(std::move(topic.error()).within(place));
        receive::ReceiverOptions options{source.methods, content_of(source.content), source.elytra.source, source.elytra.type_prefix};
        sources.push_back({source.name, source.path, *topic, source.key, receive::Receiver(std::move(options), std::move(*verifier))});
    }
    return sources;
}

}  // namespace tenter::ingest
