#include "gateway/broker/fetch_room.hpp"

#include <algorithm>

namespace tenter::broker {
namespace {

/// Of what a consumer may still take an answer gets the sixteenth part: that of the first is 2 MiB of 64, that of the hundredth still a
/// batch.
constexpr std::size_t answers_of_one = 16;
constexpr std::size_t least_part = 4'096;  ///< Less is not worth an answer.

}  // namespace

/// Keeps octets for one consumer, and their place in the room.
class FetchRoom::Lease {
public:
    Lease(std::shared_ptr<State> state, std::shared_ptr<Account> account, std::shared_ptr<const Bytes> octets)
        : state_(std::move(state)), account_(std::move(account)), octets_(std::move(octets)) {
        if (!state_->has(octets_.get())) state_->used += octets_->size();
        account_->held_ += octets_->size();
    }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() {
        state_->leases.erase(Key(octets_.get(), account_.get()));
        if (!state_->has(octets_.get())) state_->used -= octets_->size();
        account_->held_ -= octets_->size();
        if (state_->freed) state_->freed();
    }

private:
    std::shared_ptr<State> state_;
    std::shared_ptr<Account> account_;
    std::shared_ptr<const Bytes> octets_;
};

/// Place in the room without octets of its own.
class FetchRoom::Hold {
public:
    Hold(std::shared_ptr<State> state, std::shared_ptr<Account> account, std::size_t octets)
        : state_(std::move(state)), account_(std::move(account)), octets_(octets) {
        state_->used += octets_;
        account_->held_ += octets_;
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    ~Hold() {
        state_->used -= octets_;
        account_->held_ -= octets_;
        if (state_->freed) state_->freed();
    }

private:
    std::shared_ptr<State> state_;
    std::shared_ptr<Account> account_;
    std::size_t octets_;
};

FetchRoom::FetchRoom(std::size_t total, std::function<void()> freed)
    : state_(std::make_shared<State>(State{.total = total, .freed = std::move(freed)})) {}

FetchRoom::~FetchRoom() { state_->freed = nullptr; }

std::size_t FetchRoom::allowance(const Account& account) const noexcept {
    const auto taken = state_->used + account.held_;
    return taken < state_->total ? (state_->total - taken + 1) / 2 : 0;
}

std::size_t FetchRoom::allowance(const Account& account, std::size_t answer_has) const noexcept {
    const auto now = allowance(account);
    const auto most = std::max((now + answer_has) / answers_of_one, least_part);  // of what there was when the answer began
    return std::min(now, most - std::min(most, answer_has));
}

kafka_protocol::SharedBytes FetchRoom::take(const std::shared_ptr<Account>& account, std::shared_ptr<const Bytes> octets) {
    const BytesView bytes = *octets;
    const Key key(octets.get(), account.get());
    if (const auto known = state_->leases.find(key); known != state_->leases.end()) return {.bytes = bytes, .owner = known->second.lock()};
    auto lease = std::make_shared<const Lease>(state_, account, std::move(octets));
    state_->leases.emplace(key, lease);
    return {.bytes = bytes, .owner = std::move(lease)};
}

std::shared_ptr<const void> FetchRoom::hold(const std::shared_ptr<Account>& account, std::size_t octets) {
    return std::make_shared<const Hold>(state_, account, octets);
}

std::size_t FetchRoom::used() const noexcept { return state_->used; }

}  // namespace tenter::broker
