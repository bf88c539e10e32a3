#pragma once
// tenter/consume_asio/asio_consumer.hpp: a consumer for coroutines of Boost.Asio.
//
//   AsioConsumer consumer(executor, std::make_unique<WebhookConsumer>("incoming.myproject.shop", profile));
//   while (const WebhookEvent* event = co_await consumer.next()) co_await handle(*event);
//
//   thread of run:   callback(event 1)  ....... waits ........ returns   callback(event 2)  ...... waits ......
//                        |                                  ^                |
//   coroutine:           `--> next() = event 1 --> work --> next() ......... `--> next() = event 2 --> work
//
// `run` goes on in a thread of this object's, so that the membership is kept and commits are sent however long a coroutine works.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include "tenter/base/exception.hpp"
#include "tenter/consume/consumer.hpp"

namespace tenter::consume_asio {

namespace detail {

/// What the thread of `run` and the coroutine share. The coroutine that awaits has a part in it: it may outlive the AsioConsumer.
class Meeting {
public:
    Meeting(const boost::asio::any_io_executor& executor, consume::Consumer& consumer) : wake_(executor), consumer_(consumer) {
        wake_.expires_at(boost::asio::steady_timer::time_point::max());
    }
    Meeting(const Meeting&) = delete;
    Meeting& operator=(const Meeting&) = delete;

    // Of the coroutine:

    /// Makes a second `next` fail while the first one waits.
    void begin_next() {
        const std::scoped_lock lock(mutex_);
        if (next_is_pending_) throw Exception(Error{Errc::invalid_input, "next() is awaited already: one coroutine at a time"});
        next_is_pending_ = true;
    }
    void end_next() noexcept {
        const std::scoped_lock lock(mutex_);
        next_is_pending_ = false;
    }
    /// Nothing: it must wait. Null: there is no more.
    [[nodiscard]] std::optional<const consume::WebhookEvent*> take() {
        const std::scoped_lock lock(mutex_);
        if (is_dropped_) throw boost::system::system_error(boost::asio::error::operation_aborted);
        if (!thread_.joinable()) thread_ = std::thread([this] { consume(); });
        if (!offers_.empty()) {
            taken_ = offers_.front();
            offers_.pop_front();
            return &taken_->event;
        }
        if (!has_ended_) return std::nullopt;
        if (thrown_) std::rethrow_exception(thrown_);
        return nullptr;
    }
    /// Calls the handler once `take` is worth another try, by its executor; also when its operation is cancelled.
    template <class Handler>
    void wait(Handler handler) {
        const std::scoped_lock lock(mutex_);
        if (offers_.empty() && !has_ended_ && !is_dropped_) return wake_.async_wait(std::move(handler));
        const auto executor = boost::asio::get_associated_executor(handler, wake_.get_executor());
        boost::asio::post(executor, [handler = std::move(handler)]() mutable { std::move(handler)(boost::system::error_code()); });
    }
    void settle(std::exception_ptr failure) {
        const std::scoped_lock lock(mutex_);
        if (taken_ == nullptr) return;
        taken_->failure = std::move(failure);
        answer(*std::exchange(taken_, nullptr), Verdict::settled);
    }

    // Of anyone:

    void shutdown() noexcept { stop_.request_stop(); }
    /// Lets go of everything that is not settled, and waits for the end of `run`.
    void drop() noexcept {
        stop_.request_stop();
        {
            const std::scoped_lock lock(mutex_);
            is_dropped_ = true;
            if (taken_ != nullptr) answer(*std::exchange(taken_, nullptr), Verdict::dropped);
            for (auto* offer : offers_) answer(*offer, Verdict::dropped);
            offers_.clear();
            wake();
        }
        if (thread_.joinable()) thread_.join();
    }

private:
    enum class Verdict : std::uint8_t { none, settled, dropped };

    /// An event whose callback waits: it lives in the callback.
    struct Offer {
        const consume::WebhookEvent& event;
        std::condition_variable answered{};
        Verdict verdict = Verdict::none;
        std::exception_ptr failure{};
    };

    void consume() noexcept {
        std::exception_ptr thrown;
        try {
            consumer_.run(stop_.get_token(), [this](const consume::WebhookEvent& event) { offer(event); });
        } catch (...) {
            thrown = std::current_exception();
        }
        const std::scoped_lock lock(mutex_);
        thrown_ = std::move(thrown);
        has_ended_ = true;
        wake();
    }

    void offer(const consume::WebhookEvent& event) {
        Offer offer{.event = event};
        std::unique_lock lock(mutex_);
        if (is_dropped_) throw consume::StopConsuming();
        offers_.push_back(&offer);
        wake();
        offer.answered.wait(lock, [&] { return offer.verdict != Verdict::none; });
        if (offer.verdict == Verdict::dropped) throw consume::StopConsuming();
        if (offer.failure) std::rethrow_exception(std::move(offer.failure));
    }

    static void answer(Offer& offer, Verdict verdict) noexcept {
        offer.verdict = verdict;
        offer.answered.notify_one();  // under the mutex: the callback returns, and the offer is gone, only after it is released
    }

    void wake() noexcept {
        boost::system::error_code ignored;
        wake_.cancel(ignored);
    }

    std::mutex mutex_;
    boost::asio::steady_timer wake_;  ///< Never expires; cancelled to wake who waits. Each call of it is made under the mutex.
    consume::Consumer& consumer_;
    std::stop_source stop_;
    std::thread thread_;
    std::deque<Offer*> offers_;
    Offer* taken_ = nullptr;
    std::exception_ptr thrown_;
    bool has_ended_ = false;
    bool is_dropped_ = false;
    bool next_is_pending_ = false;
};

struct Next {
    explicit Next(Meeting& meeting) : meeting_(meeting) { meeting_.begin_next(); }
    Next(const Next&) = delete;
    Next& operator=(const Next&) = delete;
    ~Next() { meeting_.end_next(); }

private:
    Meeting& meeting_;
};

inline boost::asio::awaitable<const consume::WebhookEvent*> next_of(std::shared_ptr<Meeting> meeting) {
    const Next next(*meeting);
    meeting->settle(nullptr);
    for (;;) {
        if (const auto taken = meeting->take()) co_return *taken;
        boost::system::error_code woken;
        const auto initiate = [waiting = meeting.get()](auto handler) { waiting->wait(std::move(handler)); };
        auto token = boost::asio::redirect_error(boost::asio::use_awaitable, woken);
        co_await boost::asio::async_initiate<decltype(token), void(boost::system::error_code)>(initiate, token);
        if (const auto taken = meeting->take()) co_return *taken;
        if (woken) throw boost::system::system_error(woken);  // cancelled, and not woken by us
    }
}

}  // namespace detail

/// A consumer whose events are awaited. For one coroutine at a time; `shutdown` from any thread. Does neither copy nor move.
///
/// An event counts as processed, and will be committed, when the next one is awaited, or at `done`. When the AsioConsumer is destroyed, the
/// event that was being worked on does not count: it comes again, at the next start or to another member of the group. So it is when the
/// coroutine is left by an exception, is cancelled, or is destroyed with its executor.
///
/// Each event costs two changes of threads, about 20 us: 45,000 events a second from memory, where Consumer::run does over a million. For
/// work that waits. More `ConsumerOptions::workers` than one do not make it faster.
class AsioConsumer {
public:
    /// Begins to consume when the first event is awaited. Coroutines are woken by their own executors; `executor` is for those that have
    /// none. The executor's context must outlive this, unless this lives in a coroutine of that context.
    AsioConsumer(const boost::asio::any_io_executor& executor, std::unique_ptr<consume::Consumer> consumer)
        : owned_(std::move(consumer)), meeting_(std::make_shared<detail::Meeting>(executor, *owned_)) {}
    /// The consumer outlives this, and nobody else runs it meanwhile.
    AsioConsumer(const boost::asio::any_io_executor& executor, consume::Consumer& consumer)
        : meeting_(std::make_shared<detail::Meeting>(executor, consumer)) {}
    AsioConsumer(const AsioConsumer&) = delete;
    AsioConsumer& operator=(const AsioConsumer&) = delete;
    /// Ends `run` and waits for that: at most twice `close_timeout`, and not at all after `next` gave null or threw what `run` threw. Who
    /// still awaits `next` gets `operation_aborted`.
    ~AsioConsumer() { meeting_->drop(); }

    /// The next event, good until this is called again, `done` or `failed`. Null once consumption has ended: after `shutdown`, or as the
    /// consumer's options say. Throws what Consumer::run throws, then and each time after; boost::system::system_error with
    /// `operation_aborted` when the coroutine is cancelled meanwhile, which loses no event: await again to go on; Exception
    /// (`invalid_input`) when it is awaited already.
    [[nodiscard]] boost::asio::awaitable<const consume::WebhookEvent*> next() { return detail::next_of(meeting_); }

    /// The event is processed. Nothing without one.
    void done() { meeting_->settle(nullptr); }
    /// The event is not processed, as if a callback had thrown this: with ConsumerOptions::retry it comes again or goes to the dead
    /// letters, without, it ends the consumption. Not null. Nothing without an event.
    void failed(std::exception_ptr thrown) { meeting_->settle(std::move(thrown)); }

    /// Ends the consumption: `next` gives the events whose turn it was (at most `workers`), then null. From any thread.
    void shutdown() noexcept { meeting_->shutdown(); }

private:
    std::unique_ptr<consume::Consumer> owned_;
    std::shared_ptr<detail::Meeting> meeting_;
};

}  // namespace tenter::consume_asio
