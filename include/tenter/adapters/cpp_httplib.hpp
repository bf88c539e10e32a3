#pragma once
// tenter/adapters/cpp_httplib.hpp: a WebhookHandler behind a cpp-httplib server.
//
//   httplib::Server server;
//   server.Post("/webhooks", tenter::adapters::handle_with(handler));
//
// cpp-httplib undoes Content-Encoding where it is built with zlib or brotli; a signature over the compressed bytes then cannot be right.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <httplib.h>

#include "tenter/base/http_message.hpp"
#include "tenter/receive/webhook_handler.hpp"

namespace tenter::adapters {

/// Fills the response to a request. `origin`, the scheme and authority under which senders reach the server, is needed only by schemes that
/// sign the URL.
inline void handle(const receive::WebhookHandler& handler, const httplib::Request& request, httplib::Response& response,
                   std::string_view origin = "") {
    std::vector<HeaderView> headers;
    for (const auto& [name, value] : request.headers) headers.push_back({name, value});
    auto reply = handler.handle_request({request.method, request.target, headers, request.body, origin});

    response.status = static_cast<int>(reply.status);
    for (const auto& header : reply.headers) response.set_header(header.name, header.value);
    response.body = std::move(reply.body);
}

/// For `Server::Post`, `Server::Options`. The handler must outlive the server.
[[nodiscard]] inline httplib::Server::Handler handle_with(const receive::WebhookHandler& handler, std::string origin = "") {
    return [&handler, origin = std::move(origin)](const httplib::Request& request, httplib::Response& response) {
        handle(handler, request, response, origin);
    };
}

}  // namespace tenter::adapters
