// Receives Elytra's webhooks with Boost.Beast, one connection after the other:  beast_server PORT      (0: any free one)
//   curl -d @event.json -H 'Authorization: Bearer your-token' http://127.0.0.1:PORT/webhook
#include <cstdio>
#include <cstdlib>

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <tenter/adapters/boost_beast.hpp>
#include <tenter/webhooks.hpp>

namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

/// Answers the requests of one connection until its other end closes it.
void serve(tcp::socket socket, const tenter::receive::WebhookHandler& handler) {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    for (bool keep_alive = true; keep_alive && !error;) {
        http::request<http::string_body> request;
        http::read(socket, buffer, request, error);
        if (error) return;
        auto response = tenter::adapters::handle(handler, request);
        keep_alive = response.keep_alive();
        http::write(socket, response, error);
    }
}

}  // namespace

int main(int argc, char** argv) {
    using namespace tenter::webhooks;

    WebhookEventDispatcher dispatcher;
    dispatcher.register_default_handler([](const CloudEvent& event) { std::printf("%s %s\n", event.type.c_str(), event.id.c_str()); });
    const WebhookHandler handler(WebhookValidator(BearerAuth{Secret("your-token")}), [&](const CloudEvent& event) {
        dispatcher.dispatch(event);
        return Result<void>();
    });

    boost::asio::io_context context;
    const int port = argc > 1 ? std::atoi(argv[1]) : 8000;
    tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), static_cast<boost::asio::ip::port_type>(port)});
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::printf("listening on http://127.0.0.1:%d\n", acceptor.local_endpoint().port());
    for (;;) serve(acceptor.accept(), handler);
}
