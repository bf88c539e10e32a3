// AsioConsumer before the consumer that runs in production, with records from memory.
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "tenter/consume/scripted_consumer.hpp"
#include "tenter/consume_asio/asio_consumer.hpp"

namespace tenter::consume_asio {
namespace {

using boost::asio::awaitable;
using consume::ScriptedConsumer;
using consume::WebhookEvent;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

/// What crosses threads here. Its text is not counted like that of a runtime_error, which libstdc++ does where ThreadSanitizer cannot see
/// it.
struct Refused : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "refused"; }
};

void add_events(ScriptedConsumer& scripted, int count) {
    for (int i = 0; i < count; ++i) scripted.add(consume::webhook(consume::Method::post, {}, std::to_string(i)));
}

/// Runs a coroutine to its end; what it throws comes out.
void run(awaitable<void> coroutine) {
    boost::asio::io_context context;
    std::exception_ptr thrown;
    boost::asio::co_spawn(context, std::move(coroutine), [&](std::exception_ptr error) { thrown = std::move(error); });
    context.run();
    if (thrown) std::rethrow_exception(thrown);
}

TEST(AsioConsumerOfAScript, commits_what_was_awaited_beyond) {
    ScriptedConsumer scripted;
    add_events(scripted, 3);
    std::vector<std::string> payloads;
    const auto take_all = [&]() -> awaitable<void> {
        AsioConsumer consumer(co_await boost::asio::this_coro::executor, scripted);
        while (const WebhookEvent* event = co_await consumer.next()) payloads.emplace_back(event->payload_bytes);
    };
    run(take_all());
    EXPECT_THAT(payloads, ElementsAre("0", "1", "2"));
    EXPECT_EQ(scripted.committed("scripted", 0), 3);
}

TEST(AsioConsumerOfAScript, gives_failed_events_again_and_then_to_the_dead_letters) {
    ScriptedConsumer scripted({.retry = retry::RetryConfig{.max_retries = 1}, .dead_letter_topic = "dead"});
    add_events(scripted, 2);
    std::vector<std::pair<std::int64_t, std::uint32_t>> attempts;
    const auto refuse_the_first = [&]() -> awaitable<void> {
        AsioConsumer consumer(co_await boost::asio::this_coro::executor, scripted);
        while (const WebhookEvent* event = co_await consumer.next()) {
            attempts.emplace_back(event->offset, event->attempt);
            if (event->offset == 0) consumer.failed(std::make_exception_ptr(Refused()));
        }
    };
    run(refuse_the_first());
    EXPECT_THAT(attempts, ElementsAre(Pair(0, 0), Pair(0, 1), Pair(1, 0)));
    ASSERT_EQ(scripted.dead_lettered().size(), 1U);
    EXPECT_EQ(scripted.dead_lettered()[0].reason, "refused");
    EXPECT_EQ(scripted.committed("scripted", 0), 2);
}

TEST(AsioConsumerOfAScript, does_not_take_an_event_that_was_dropped_for_one_that_failed) {
    ScriptedConsumer scripted({.retry = retry::RetryConfig{.max_retries = 0}, .dead_letter_topic = "dead"});
    add_events(scripted, 3);
    const auto drop_the_second = [&]() -> awaitable<void> {
        AsioConsumer consumer(co_await boost::asio::this_coro::executor, scripted);
        (void)co_await consumer.next();
        (void)co_await consumer.next();
        throw std::runtime_error("what the coroutine throws");
    };
    EXPECT_THROW(run(drop_the_second()), std::runtime_error);
    EXPECT_THAT(scripted.dead_lettered(), IsEmpty());
    EXPECT_EQ(scripted.committed("scripted", 0), 1);
    std::vector<std::int64_t> again;
    scripted.run([&](const WebhookEvent& event) { again.push_back(event.offset); });
    EXPECT_THAT(again, ElementsAre(1, 2));
}

TEST(AsioConsumerOfAScript, throws_what_cannot_be_decoded) {
    ScriptedConsumer scripted;
    add_events(scripted, 1);
    scripted.add({.value = "no envelope"});
    const auto take_all = [&]() -> awaitable<void> {
        AsioConsumer consumer(co_await boost::asio::this_coro::executor, scripted);
        while (co_await consumer.next() != nullptr) {
        }
    };
    EXPECT_THROW(run(take_all()), consume::FormatError);
    EXPECT_EQ(scripted.committed("scripted", 0), 1);
}

TEST(AsioConsumerOfAScript, has_as_many_events_ready_as_there_are_workers_and_commits_all) {
    ScriptedConsumer scripted({.workers = 4});
    for (int i = 0; i < 200; ++i) {
        auto record = consume::webhook(consume::Method::post, {}, "1");
        record.key = std::to_string(i % 16);
        scripted.add(std::move(record));
    }
    std::vector<std::optional<std::int64_t>> last_of(16);
    const auto check_order = [&]() -> awaitable<void> {
        AsioConsumer consumer(co_await boost::asio::this_coro::executor, scripted);
        while (const WebhookEvent* event = co_await consumer.next()) {
            auto& last = last_of.at(std::stoul(std::string(event->key.value())));
            EXPECT_TRUE(!last || event->offset == *last + 16) << event->offset;
            last = event->offset;
        }
    };
    run(check_order());
    EXPECT_EQ(scripted.committed("scripted", 0), 200);
}

}  // namespace
}  // namespace tenter::consume_asio
