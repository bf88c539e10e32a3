// What a coroutine awaits, and what then counts as processed, by a consumer that keeps the promises of Consumer and says what it was told.
#include "tenter/consume_asio/asio_consumer.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/thread_pool.hpp>

namespace tenter::consume_asio {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using consume::WebhookEvent;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr auto deadline = 20s;

/// Calls back for events with the offsets 0, 1, ... `count` - 1 from each of `threads` threads, then waits for its end if it `stays`.
class Counting final : public consume::Consumer {
public:
    struct Plan {
        std::int64_t count = 0;
        bool stays = false;
        std::int32_t threads = 1;
        std::exception_ptr ends_with{};
    };
    explicit Counting(Plan plan) : plan_(std::move(plan)) {}

    using Consumer::run;
    void run(std::stop_token stop, const consume::Callback& callback) override {
        const std::stop_callback on_stop(stop, [this] { shutdown(); });
        std::vector<std::thread> threads;
        for (std::int32_t partition = 0; partition < plan_.threads; ++partition)
            threads.emplace_back([this, partition, &callback] { call_back(partition, callback); });
        for (auto& thread : threads) thread.join();
        std::unique_lock lock(mutex_);
        if (plan_.stays) changed_.wait(lock, [this] { return has_stopped_; });
        ++runs_;
        if (thrown_) std::rethrow_exception(std::exchange(thrown_, nullptr));
        if (plan_.ends_with) std::rethrow_exception(plan_.ends_with);
    }
    void shutdown() noexcept override {
        const std::scoped_lock lock(mutex_);
        has_stopped_ = true;
        changed_.notify_all();
    }

    [[nodiscard]] std::vector<std::int64_t> processed() {
        const std::scoped_lock lock(mutex_);
        return processed_;
    }
    [[nodiscard]] bool wait_for_processed(std::size_t count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, deadline, [&] { return processed_.size() == count; });
    }
    [[nodiscard]] int runs() {
        const std::scoped_lock lock(mutex_);
        return runs_;
    }

private:
    void call_back(std::int32_t partition, const consume::Callback& callback) {
        for (std::int64_t offset = 0; offset < plan_.count; ++offset) {
            {
                const std::scoped_lock lock(mutex_);
                if (has_stopped_) return;
            }
            std::exception_ptr thrown;
            bool is_processed = false;
            try {
                WebhookEvent event;
                event.partition = partition;
                event.offset = offset;
                callback(event);
                is_processed = true;
            } catch (const consume::StopConsuming&) {
            } catch (...) {
                thrown = std::current_exception();
            }
            const std::scoped_lock lock(mutex_);
            changed_.notify_all();
            if (is_processed) {
                processed_.push_back(offset);
                continue;
            }
            has_stopped_ = true;
            thrown_ = std::move(thrown);
            return;
        }
    }

    const Plan plan_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::int64_t> processed_;
    std::exception_ptr thrown_;
    int runs_ = 0;
    bool has_stopped_ = false;
};

/// What crosses threads here. Its text is not counted like that of a runtime_error, which libstdc++ does where ThreadSanitizer cannot see
/// it.
struct Refused : std::exception {
    [[nodiscard]] const char* what() const noexcept override { return "refused"; }
};

struct Outcome {
    std::exception_ptr thrown;
    bool has_ended = false;
};

/// Runs coroutines on a context in this thread until nothing is left to do.
class AsioConsumerTest : public testing::Test {
protected:
    Outcome& spawn(awaitable<void> coroutine) {
        boost::asio::co_spawn(context_, std::move(coroutine), boost::asio::bind_cancellation_slot(cancel_.slot(), note()));
        return outcome_;
    }
    std::function<void(std::exception_ptr)> note() {
        return [this](std::exception_ptr thrown) { outcome_ = {.thrown = std::move(thrown), .has_ended = true}; };
    }
    void run() {
        context_.run_for(deadline);
        context_.restart();
    }
    [[nodiscard]] std::string message() const {
        try {
            if (outcome_.thrown) std::rethrow_exception(outcome_.thrown);
        } catch (const boost::system::system_error& error) {
            return error.code() == boost::asio::error::operation_aborted ? "operation_aborted" : error.what();
        } catch (const std::exception& error) {
            return error.what();
        }
        return "";
    }

    boost::asio::io_context context_;
    boost::asio::cancellation_signal cancel_;
    Outcome outcome_;
};

awaitable<void> take_all(AsioConsumer& consumer, std::vector<std::int64_t>& taken) {
    while (const WebhookEvent* event = co_await consumer.next()) taken.push_back(event->offset);
}

awaitable<void> take(AsioConsumer& consumer, int count, std::vector<std::int64_t>& taken) {
    for (int i = 0; i < count; ++i) {
        const WebhookEvent* event = co_await consumer.next();
        if (event != nullptr) taken.push_back(event->offset);
    }
}

TEST_F(AsioConsumerTest, gives_all_events_in_their_order_and_then_null_for_ever) {
    auto owned = std::make_unique<Counting>(Counting::Plan{.count = 3});
    auto& counting = *owned;
    AsioConsumer consumer(context_.get_executor(), std::move(owned));
    std::vector<std::int64_t> taken;
    spawn(take_all(consumer, taken));
    run();
    EXPECT_THAT(taken, ElementsAre(0, 1, 2));
    EXPECT_THAT(counting.processed(), ElementsAre(0, 1, 2));
    outcome_ = {};
    spawn(take_all(consumer, taken));
    run();
    EXPECT_TRUE(outcome_.has_ended);
    EXPECT_EQ(taken.size(), 3U);
    EXPECT_EQ(counting.runs(), 1);
}

TEST_F(AsioConsumerTest, does_not_begin_before_the_first_event_is_awaited) {
    Counting counting({.count = 1, .ends_with = std::make_exception_ptr(std::runtime_error("the consumer ran"))});
    {
        const AsioConsumer never_asked(context_.get_executor(), counting);
    }
    EXPECT_EQ(counting.runs(), 0);
}

TEST_F(AsioConsumerTest, an_event_is_processed_when_the_next_one_is_awaited_and_not_before) {
    Counting counting({.count = 2, .stays = true});
    AsioConsumer consumer(context_.get_executor(), counting);
    std::vector<std::int64_t> taken;
    spawn(take(consumer, 1, taken));
    run();
    EXPECT_THAT(taken, ElementsAre(0));
    EXPECT_THAT(counting.processed(), IsEmpty());
    spawn(take(consumer, 1, taken));
    run();
    EXPECT_THAT(taken, ElementsAre(0, 1));
    EXPECT_THAT(counting.processed(), ElementsAre(0));
}

TEST_F(AsioConsumerTest, done_says_that_an_event_is_processed_without_awaiting_the_next) {
    Counting counting({.count = 1, .stays = true});
    AsioConsumer consumer(context_.get_executor(), counting);
    consumer.done();  // nothing: there is no event
    std::vector<std::int64_t> taken;
    spawn(take(consumer, 1, taken));
    run();
    consumer.done();
    EXPECT_TRUE(counting.wait_for_processed(1));
    consumer.done();
    EXPECT_THAT(counting.processed(), ElementsAre(0));
}

TEST_F(AsioConsumerTest, an_event_in_work_is_not_processed_when_the_consumer_is_destroyed) {
    Counting counting({.count = 3, .stays = true});
    std::vector<std::int64_t> taken;
    {
        AsioConsumer consumer(context_.get_executor(), counting);
        spawn(take(consumer, 2, taken));
        run();
    }
    EXPECT_THAT(taken, ElementsAre(0, 1));
    EXPECT_THAT(counting.processed(), ElementsAre(0));
    EXPECT_EQ(counting.runs(), 1);
}

TEST_F(AsioConsumerTest, an_exception_of_the_coroutine_leaves_its_event_unprocessed) {
    Counting counting({.count = 3, .stays = true});
    const auto fail_at_the_second = [&]() -> awaitable<void> {
        AsioConsumer consumer(context_.get_executor(), counting);
        while (const WebhookEvent* event = co_await consumer.next())
            if (event->offset == 1) throw std::runtime_error("not this one");
    };
    spawn(fail_at_the_second());
    run();
    EXPECT_EQ(message(), "not this one");
    EXPECT_THAT(counting.processed(), ElementsAre(0));
}

TEST_F(AsioConsumerTest, failed_is_what_a_callback_throws) {
    Counting counting({.count = 3, .stays = true});
    AsioConsumer consumer(context_.get_executor(), counting);
    const auto fail_at_the_second = [&]() -> awaitable<void> {
        while (const WebhookEvent* event = co_await consumer.next())
            if (event->offset == 1) consumer.failed(std::make_exception_ptr(Refused()));
    };
    spawn(fail_at_the_second());
    run();
    EXPECT_EQ(message(), "refused");
    EXPECT_THAT(counting.processed(), ElementsAre(0));
}

TEST_F(AsioConsumerTest, what_run_throws_comes_out_of_next_then_and_later) {
    Counting counting({.count = 1, .ends_with = std::make_exception_ptr(std::runtime_error("the topic is gone"))});
    AsioConsumer consumer(context_.get_executor(), counting);
    std::vector<std::int64_t> taken;
    for (int again = 0; again < 2; ++again) {
        outcome_ = {};
        spawn(take_all(consumer, taken));
        run();
        EXPECT_EQ(message(), "the topic is gone");
    }
    EXPECT_THAT(taken, ElementsAre(0));
    EXPECT_THAT(counting.processed(), ElementsAre(0));
}

TEST_F(AsioConsumerTest, shutdown_from_another_thread_ends_a_wait_with_null) {
    Counting counting({.stays = true});
    AsioConsumer consumer(context_.get_executor(), counting);
    std::vector<std::int64_t> taken;
    spawn(take_all(consumer, taken));
    std::thread another;
    boost::asio::post(context_, [&] { another = std::thread([&] { consumer.shutdown(); }); });
    run();
    another.join();
    EXPECT_TRUE(outcome_.has_ended);
    EXPECT_EQ(message(), "");
    EXPECT_EQ(counting.runs(), 1);
}

TEST_F(AsioConsumerTest, shutdown_lets_the_event_in_work_be_finished) {
    Counting counting({.count = 5, .stays = true});
    AsioConsumer consumer(context_.get_executor(), counting);
    std::vector<std::int64_t> taken;
    spawn(take(consumer, 1, taken));
    run();
    consumer.shutdown();
    spawn(take_all(consumer, taken));
    run();
    EXPECT_THAT(taken, ElementsAre(0));
    EXPECT_THAT(counting.processed(), ElementsAre(0));
}

TEST_F(AsioConsumerTest, shutdown_before_the_first_event_gives_null) {
    Counting counting({.count = 5, .stays = true});
    AsioConsumer consumer(context_.get_executor(), counting);
    consumer.shutdown();
    std::vector<std::int64_t> taken;
    spawn(take_all(consumer, taken));
    run();
    EXPECT_TRUE(outcome_.has_ended);
    EXPECT_THAT(taken, IsEmpty());
}

TEST_F(AsioConsumerTest, a_cancelled_wait_loses_no_event) {
    Counting counting({.stays = true});
    AsioConsumer waiting(context_.get_executor(), counting);
    std::vector<std::int64_t> taken;
    spawn(take_all(waiting, taken));
    boost::asio::post(context_, [&] { cancel_.emit(boost::asio::cancellation_type::terminal); });
    run();
    EXPECT_EQ(message(), "operation_aborted");

    waiting.shutdown();
    outcome_ = {};
    boost::asio::co_spawn(context_, take_all(waiting, taken), note());
    run();
    EXPECT_TRUE(outcome_.has_ended) << "it can be awaited again";
    EXPECT_EQ(message(), "");
}

TEST_F(AsioConsumerTest, a_second_next_while_one_waits_is_refused) {
    Counting counting({.stays = true});
    AsioConsumer consumer(context_.get_executor(), counting);
    std::vector<std::int64_t> taken;
    Outcome second;
    spawn(take_all(consumer, taken));
    boost::asio::co_spawn(context_, take_all(consumer, taken), [&](std::exception_ptr thrown) {
        second = {.thrown = std::move(thrown), .has_ended = true};
        consumer.shutdown();
    });
    run();
    ASSERT_TRUE(second.thrown);
    EXPECT_THROW(std::rethrow_exception(second.thrown), Exception);
    EXPECT_TRUE(outcome_.has_ended);
    EXPECT_EQ(message(), "");
}

TEST_F(AsioConsumerTest, destroying_the_consumer_aborts_who_still_awaits_it) {
    Counting counting({.stays = true});
    auto consumer = std::make_unique<AsioConsumer>(context_.get_executor(), counting);
    std::vector<std::int64_t> taken;
    spawn(take_all(*consumer, taken));
    boost::asio::post(context_, [&] { consumer.reset(); });
    run();
    EXPECT_EQ(message(), "operation_aborted");
    EXPECT_EQ(counting.runs(), 1);
}

TEST_F(AsioConsumerTest, a_context_that_is_destroyed_ends_what_waits_in_it) {
    Counting counting({.stays = true});
    {
        boost::asio::io_context context;
        const auto wait_for_ever = [&]() -> awaitable<void> {
            AsioConsumer consumer(context.get_executor(), counting);
            while (co_await consumer.next() != nullptr) {
            }
        };
        boost::asio::co_spawn(context, wait_for_ever(), boost::asio::detached);
        context.poll();
    }
    EXPECT_EQ(counting.runs(), 1) << "the consumer's thread has ended";
}

TEST_F(AsioConsumerTest, a_context_that_is_destroyed_leaves_the_event_in_work_unprocessed) {
    Counting counting({.count = 2, .stays = true});
    {
        boost::asio::io_context context;
        const auto work_for_ever = [&]() -> awaitable<void> {
            AsioConsumer consumer(context.get_executor(), counting);
            const auto* event = co_await consumer.next();
            EXPECT_EQ(event->offset, 0);
            context.stop();
            boost::asio::steady_timer never(context, boost::asio::steady_timer::time_point::max());
            co_await never.async_wait(boost::asio::use_awaitable);
        };
        boost::asio::co_spawn(context, work_for_ever(), boost::asio::detached);
        context.run_for(deadline);
    }
    EXPECT_THAT(counting.processed(), IsEmpty());
    EXPECT_EQ(counting.runs(), 1);
}

TEST_F(AsioConsumerTest, events_of_several_threads_are_given_one_at_a_time) {
    constexpr std::int32_t threads = 4;
    Counting counting({.count = 500, .threads = threads});
    AsioConsumer consumer(context_.get_executor(), counting);
    std::vector<std::int64_t> next_of(threads, 0);
    const auto check_order = [&]() -> awaitable<void> {
        while (const WebhookEvent* event = co_await consumer.next())
            EXPECT_EQ(event->offset, next_of[static_cast<std::size_t>(event->partition)]++);
    };
    spawn(check_order());
    run();
    EXPECT_EQ(message(), "");
    EXPECT_EQ(counting.processed().size(), 2000U);
}

TEST_F(AsioConsumerTest, works_on_the_threads_of_a_pool) {
    Counting counting({.count = 2000});
    boost::asio::thread_pool pool(3);
    AsioConsumer consumer(pool.get_executor(), counting);
    std::vector<std::int64_t> taken;
    const auto hop_and_take = [&]() -> awaitable<void> {
        while (const WebhookEvent* event = co_await consumer.next()) {
            taken.push_back(event->offset);
            co_await boost::asio::post(pool, boost::asio::use_awaitable);
        }
    };
    std::promise<void> ended;
    boost::asio::co_spawn(pool, hop_and_take(), [&](const std::exception_ptr&) { ended.set_value(); });
    ASSERT_EQ(ended.get_future().wait_for(deadline), std::future_status::ready);
    EXPECT_EQ(taken.size(), 2000U);
    EXPECT_EQ(counting.processed().size(), 2000U);
}

// Goal: whatever meets an event that arrives, nothing is lost, hangs or is touched after its end. Method: many rounds in which events
// arrive while a wait is cancelled, the consumer is shut down or is destroyed, from another thread where that is allowed.
TEST_F(AsioConsumerTest, survives_cancellation_and_shutdown_and_destruction_at_any_time) {
    for (int round = 0; round < 600; ++round) {
        Counting counting({.count = 3, .stays = true, .threads = 2});
        boost::asio::io_context context;
        boost::asio::cancellation_signal cancel;
        Outcome outcome;
        std::vector<std::int64_t> taken;
        bool has_begun = false;
        auto consumer = std::make_unique<AsioConsumer>(context.get_executor(), counting);
        const auto begin = [&]() -> awaitable<void> {
            has_begun = true;
            co_await take_all(*consumer, taken);
        };
        const auto end = [&](std::exception_ptr thrown) { outcome = {.thrown = std::move(thrown), .has_ended = true}; };
        boost::asio::co_spawn(context, begin(), boost::asio::bind_cancellation_slot(cancel.slot(), end));
        while (!has_begun) context.poll_one();
        for (int turns = round % 40; turns > 0; --turns) context.poll_one();
        std::thread another;
        switch (round % 3) {
            case 0: cancel.emit(boost::asio::cancellation_type::terminal); break;
            case 1: another = std::thread([&] { consumer->shutdown(); }); break;
            default: consumer.reset();
        }
        context.run_for(deadline);
        if (another.joinable()) another.join();
        ASSERT_TRUE(outcome.has_ended) << "round " << round;
        consumer.reset();
        ASSERT_EQ(counting.runs(), 1) << "round " << round;
        const auto processed = counting.processed().size();
        ASSERT_TRUE(processed == taken.size() || processed + 1 == taken.size()) << processed << " of " << taken.size();
    }
}

}  // namespace
}  // namespace tenter::consume_asio
