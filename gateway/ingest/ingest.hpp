#pragma once
// gateway/ingest/ingest.hpp: what the gateway does with a request.
//
//   path --> source --> receive (verify, check) --> ordering key, stored form --> log.append --> durable --> 200
//     404      |            400 401 405 415                                          503 + Retry-After
//              `-- /healthz, /readyz
//
// The one promise: a 2xx leaves only after the log said that every record of the request is durable.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/config/config.hpp"
#include "gateway/http/server.hpp"
#include "gateway/log/event_log.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/random.hpp"
#include "tenter/base/uuid.hpp"
#include "tenter/receive/receiver.hpp"

namespace tenter::ingest {

/// A source as the gateway serves it.
struct Source {
    std::string name;
    std::string path;
    log::TopicId topic;
    config::KeyRule key;
    receive::Receiver receiver;
};

/// A request that was not accepted, for the operator's log. Holds no secret. Views live until the call returns.
struct RefusedRequest {
    std::string_view source;  ///< Empty where the path belongs to none.
    std::string_view peer;
    unsigned status = 0;
    std::string_view message;
};
/// Called on the io threads and on the log's commit thread; must not block.
using RefusalListener = std::function<void(const RefusedRequest&)>;

/// The gateway's request handler. `handle` may run on several threads at once. The log, clock and random source must outlive it, and it
/// must outlive the log's last completion: stop the log first.
class Ingest final : public http::Handler {
public:
    Ingest(std::vector<Source> sources, log::EventLog& log, const Clock& clock, Random& random, RefusalListener refused);

    void handle(const http::Request& request, http::Responder responder) override;

    /// From now on `/readyz` answers 503: the gateway is about to stop.
    void set_draining() noexcept { draining_.store(true); }

private:
    void answer_readiness(http::Responder responder) const;
    void take(const Source& source, const http::Request& request, http::Responder responder);
    void refuse(const Source* source, std::string_view peer, receive::Refusal refusal, http::Responder responder) const;
    void append(const Source& source, const http::Request& request, receive::Received received, http::Responder responder);
    [[nodiscard]] Uuid next_id();

    std::vector<Source> sources_;
    std::unordered_map<std::string_view, const Source*> by_path_;
    log::EventLog& log_;
    RefusalListener refused_;
    std::atomic<bool> draining_ = false;
    std::mutex ids_mutex_;  ///< One generator for all threads, so that ids rise over the whole gateway.
    UuidV7Generator ids_;
};

/// A verifier, receiver and topic for each source; topics are made if missing. Errors name the source.
[[nodiscard]] Result<std::vector<Source>> make_sources(const std::vector<config::SourceConfig>& configured, log::EventLog& log);

}  // namespace tenter::ingest
