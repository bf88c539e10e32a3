#include "tenter/dispatch/idempotency.hpp"

#include <utility>

#include "tenter/base/exception.hpp"

namespace tenter::dispatch {

MemoryIdempotencyStore::MemoryIdempotencyStore(IdempotencyOptions options, const Clock& clock) : options_(options), clock_(clock) {}

void MemoryIdempotencyStore::forget_oldest() {
    entries_.erase(completed_.front());
    completed_.pop_front();
}

void MemoryIdempotencyStore::forget_expired() {
    const Instant now = clock_.monotonic();
    while (!completed_.empty() && now - entries_.find(completed_.front())->second.completed_at >= options_.window) forget_oldest();
}

Result<IdempotencyStore::Begun> MemoryIdempotencyStore::begin(std::string_view key) {
    const std::lock_guard lock(mutex_);
    forget_expired();
    const auto found = entries_.find(std::string(key));
    if (found != entries_.end()) return found->second.is_done ? Begun::done : Begun::running;
    if (entries_.size() >= options_.max_keys) {
        if (completed_.empty()) return fail(Errc::overloaded, "too many events are being handled at once");
        forget_oldest();
    }
    entries_.emplace(key, Entry{});
    return Begun::first;
}

Result<void> MemoryIdempotencyStore::complete(std::string_view key) {
    const std::lock_guard lock(mutex_);
    auto& entry = entries_[std::string(key)];
    if (entry.is_done) return {};
    entry = {true, clock_.monotonic(), completed_.emplace(completed_.end(), key)};
    return {};
}

Result<void> MemoryIdempotencyStore::abandon(std::string_view key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(std::string(key));
    if (found != entries_.end() && !found->second.is_done) entries_.erase(found);
    return {};
}

std::string idempotency_key(const event::CloudEvent& event) {
    return std::to_string(event.source.size()) + ":" + event.source + event.id;  // the length says where the source ends
}

IdempotentHandler::IdempotentHandler(Handler handler, IdempotencyStore& store) : handler_(std::move(handler)), store_(&store) {}

Result<IdempotentHandler::Outcome> IdempotentHandler::try_handle(const elytra::CloudEvent& event) const {
    const std::string key = idempotency_key(event);
    const auto begun = store_->begin(key);
    if (!begun) return fail(begun.error());
    if (*begun == IdempotencyStore::Begun::done) return Outcome::skipped;
    if (*begun == IdempotencyStore::Begun::running) return fail(Errc::unavailable, "this event is being handled right now");
    try {
        handler_(event);
    } catch (...) {
        static_cast<void>(store_->abandon(key));  // what the handler threw is the failure to tell
        throw;
    }
    if (auto completed = store_->complete(key); !completed) return fail(std::move(completed.error()));
    return Outcome::handled;
}

void IdempotentHandler::operator()(const elytra::CloudEvent& event) const { value_or_throw(try_handle(event)); }

}  // namespace tenter::dispatch
