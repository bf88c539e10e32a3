#include "gateway/broker/fetch_room.hpp"

namespace tenter::broker {

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

FetchRoom::FetchRoom(std::size_t total, std::function<void()> freed)
    : state_(std::make_shared<State>(State{.total = total, .freed = std::move(freed)})) {}

FetchRoom::~FetchRoom() { state_->freed = nullptr; }

std::size_t FetchRoom::allowance(const Account& account) const noexcept {
    const auto taken = state_->used + account.held_;
    return taken < state_->total ? (state_->total - taken + 1) / 2 : 0;
}

kafka_protocol::SharedBytes FetchRoom::take(const std::shared_ptr<Account>& account, std::shared_ptr<const Bytes> octets) {
    const BytesView bytes = *octets;
    const Key key(octets.get(), account.get());
    if (const auto known = state_->leases.find(key); known != state_->leases.end()) return {.bytes = bytes, .owner = known->second.lock()};
    auto lease = std::make_shared<const Lease>(state_, account, std::move(octets));
    state_->leases.emplace(key, lease);
    return {.bytes = bytes, .owner = std::move(lease)};
}

std::size_t FetchRoom::used() const noexcept { return state_->used; }

}  // namespace tenter::broker
