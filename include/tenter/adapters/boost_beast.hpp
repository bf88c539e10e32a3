#pragma once
// tenter/adapters/boost_beast.hpp: a WebhookHandler behind a Boost.Beast server.
//
//   http::async_read(stream, buffer, request, ...);
//   auto response = tenter::adapters::handle(handler, request, "https://hooks.example");

#include <string_view>
#include <utility>
#include <vector>

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include "tenter/base/http_message.hpp"
#include "tenter/receive/webhook_handler.hpp"

namespace tenter::adapters {

/// The answer to a request that has been read as a whole; keep-alive as the request has it. `origin`, the scheme and authority under which
/// senders reach the server, is needed only by schemes that sign the URL.
template <class Fields>
boost::beast::http::response<boost::beast::http::string_body> handle(
    const receive::WebhookHandler& handler, const boost::beast::http::request<boost::beast::http::string_body, Fields>& request,
    std::string_view origin = "") {
    std::vector<HeaderView> headers;
    for (const auto& field : request) headers.push_back({field.name_string(), field.value()});
    auto reply = handler.handle_request({request.method_string(), request.target(), headers, request.body(), origin});

    boost::beast::http::response<boost::beast::http::string_body> response;
    response.version(request.version());
    response.result(reply.status);
    response.keep_alive(request.keep_alive());
    for (const auto& header : reply.headers) response.insert(header.name, header.value);
    response.body() = std::move(reply.body);
    response.prepare_payload();
    return response;
}

}  // namespace tenter::adapters
