// The smallest consumer, in the ten lines that the documentation of Mister Webhooks' client for Python has:  consume TOPIC PROFILE
// Prints the payload of each event. Ctrl-C or SIGTERM ends it, with everything committed that was printed.
#include <iostream>

#include <tenter/mister_webhooks.hpp>

using namespace tenter::mister_webhooks;

int main(int argc, char** argv) try {
    if (argc != 3) throw std::invalid_argument("usage: consume TOPIC PROFILE");
    const auto profile = ConnectionProfile::from_file(argv[2]);
    MisterWebhooksConsumer consumer(argv[1], profile, {.stop_on_signals = true});
    consumer.run([](const WebhookEvent& event) { std::cout << event.payload() << std::endl; });
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
