#pragma once
// tenter/receive/webhook_handler.hpp: a request in, an answer out: what stands between any web framework and your function.
//
//   request --> method --> validator --> your function, once for each event --> 200 {"status":"ok"}
//                 405        401 400 415     503 when it says overloaded, 500 when it throws
//
// `handle_request(body, headers)` is that of the Python package's Flask and FastAPI examples. A framework needs twenty lines around it:
// docs/adapters.md.

#include <functional>
#include <string>
#include <vector>

#include "tenter/base/bytes.hpp"
#include "tenter/base/http_message.hpp"
#include "tenter/base/result.hpp"
#include "tenter/elytra/cloud_event.hpp"
#include "tenter/receive/webhook_validator.hpp"

namespace tenter::receive {

/// An answer, ready for any framework.
struct HttpReply {
    unsigned status = 200;
    std::vector<Header> headers;  ///< Content-Type and what the status asks for; not Content-Length.
    std::string body;             ///< `{"status":"ok"}` or `{"status":"error","code":"...","message":"..."}`
};

/// Immutable: `handle_request` may run on several threads at once if the function may.
class WebhookHandler {
public:
    /// Takes one proven event before its sender gets 200. An Error becomes its HTTP status, `overloaded` and `unavailable` with
    /// Retry-After; an exception becomes 500, and its text stays here. Of a batch the events before a failure have been taken: the sender
    /// sends all of them again, so be idempotent (`dispatch::IdempotentHandler`).
    using Take = std::function<Result<void>(const elytra::CloudEvent& event)>;

    WebhookHandler(WebhookValidator validator, Take take);

    /// POST takes events, OPTIONS says so, every other method is 405.
    [[nodiscard]] HttpReply handle_request(const HttpRequestView& request) const;
    /// A POST to "/".
    [[nodiscard]] HttpReply handle_request(BytesView body, HeaderViews headers) const;

private:
    [[nodiscard]] Result<void> take_all(const HttpRequestView& request) const;

    WebhookValidator validator_;
    Take take_;
};

}  // namespace tenter::receive
