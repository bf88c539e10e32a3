// A consumer as a coroutine of Boost.Asio:  consume_coroutine TOPIC PROFILE
//
// One thread runs everything of this program's own; it is free while an event is worked on, here for a timer that stands for your
// database. Ctrl-C or SIGTERM ends it: the event under way is finished, and all that is done is committed.
#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <memory>
#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <tenter/consume_asio/asio_consumer.hpp>
#include <tenter/mister_webhooks.hpp>

namespace {

namespace asio = boost::asio;
using namespace tenter::mister_webhooks;
using tenter::consume_asio::AsioConsumer;

asio::awaitable<void> save(const WebhookEvent& event) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer database(executor, std::chrono::milliseconds(1));
    co_await database.async_wait(asio::use_awaitable);
    std::cout << event.payload() << std::endl;
}

asio::awaitable<void> consume(AsioConsumer& consumer, asio::signal_set& signals) {
    while (const WebhookEvent* event = co_await consumer.next()) co_await save(*event);
    signals.cancel();
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) throw std::invalid_argument("usage: consume_coroutine TOPIC PROFILE");
    asio::io_context context(1);
    AsioConsumer consumer(context.get_executor(), std::make_unique<WebhookConsumer>(argv[1], ConnectionProfile::from_file(argv[2])));
    asio::signal_set signals(context, SIGINT, SIGTERM);
    signals.async_wait([&](const boost::system::error_code& ended, int) {
        if (!ended) consumer.shutdown();
    });
    asio::co_spawn(context, consume(consumer, signals), [](const std::exception_ptr& thrown) {
        if (thrown) std::rethrow_exception(thrown);
    });
    context.run();
    std::cout << "stopped" << std::endl;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
