// Receives Elytra's webhooks with cpp-httplib:  httplib_server PORT      (0: any free one)
//   curl -d @event.json -H 'X-API-Key: your-key' http://127.0.0.1:PORT/webhook
#include <cstdio>
#include <cstdlib>

#include <tenter/adapters/cpp_httplib.hpp>
#include <tenter/webhooks.hpp>

int main(int argc, char** argv) {
    using namespace tenter::webhooks;

    WebhookEventDispatcher dispatcher;
    dispatcher.register_handler(
        [](const CloudEvent& event) { std::printf("product %s added\n", event.get_object_id().value_or("?").c_str()); }, EventType::product,
        Operation::add);
    dispatcher.register_default_handler([](const CloudEvent& event) { std::printf("%s\n", event.type.c_str()); });

    const WebhookHandler handler(WebhookValidator(APIKeyAuth{Secret("your-key")}), [&](const CloudEvent& event) {
        dispatcher.dispatch(event);
        return Result<void>();
    });

    httplib::Server server;
    server.Post("/webhook", tenter::adapters::handle_with(handler));
    server.Options("/webhook", tenter::adapters::handle_with(handler));
    const int port = argc > 1 ? std::atoi(argv[1]) : 8000;
    const int bound = port == 0 ? server.bind_to_any_port("127.0.0.1") : (server.bind_to_port("127.0.0.1", port) ? port : -1);
    if (bound < 0) return std::fprintf(stderr, "port %d cannot be had\n", port), 1;
    std::setvbuf(stdout, nullptr, _IOLBF, 0);
    std::printf("listening on http://127.0.0.1:%d\n", bound);
    return server.listen_after_bind() ? 0 : 1;
}
