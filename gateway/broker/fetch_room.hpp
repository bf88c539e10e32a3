#pragma once
// gateway/broker/fetch_room.hpp: how many octets of records may be on their way to clients: in answers that wait to be sent.
//
//   total = | held by A | held by B | free ............... |      one consumer takes at most half of (free - what it holds):
//                                                                 alone up to half of all, with n others a share of about 1/(n+1)
//                                      | A's next | ...            one answer of it at most a sixteenth of that, so that its connections
//                                                                 that do not read leave something for those that do: where a batch is
//                                                                 smaller than a part, all 100 get some; of 100 KB, 50
//
// What many were given at once lies in memory once, and counts once: in all, and once for each consumer that has it.
// So whoever reads slowly keeps what it was given, gets no more, and what is free stays enough for those who come.

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "gateway/kafka_protocol/frame.hpp"
#include "tenter/base/bytes.hpp"

namespace tenter::broker {

/// Belongs to the broker's thread, and so do the leases. Those may outlive it.
class FetchRoom {
public:
    /// What one consumer holds, on all its connections.
    class Account {
    public:
        [[nodiscard]] std::size_t held() const noexcept { return held_; }

    private:
        friend class FetchRoom;
        std::size_t held_ = 0;
    };

    /// `freed` is called whenever a lease has ended, from its destructor: it must not do more than remember that.
    FetchRoom(std::size_t total, std::function<void()> freed);
    FetchRoom(const FetchRoom&) = delete;
    FetchRoom& operator=(const FetchRoom&) = delete;
    ~FetchRoom();

    /// How many octets it may take now; at 0 it must wait.
    [[nodiscard]] std::size_t allowance(const Account& account) const noexcept;
    /// How many of them an answer may take that has so many already.
    [[nodiscard]] std::size_t allowance(const Account& account, std::size_t answer_has) const noexcept;
    /// The octets, which count until the last copy of them is gone. More than the allowance may be taken: the rest are then a debt.
    [[nodiscard]] kafka_protocol::SharedBytes take(const std::shared_ptr<Account>& account, std::shared_ptr<const Bytes> octets);
    /// Counts so many octets that are somewhere else, until the last copy of what this returns is gone.
    [[nodiscard]] std::shared_ptr<const void> hold(const std::shared_ptr<Account>& account, std::size_t octets);
    [[nodiscard]] std::size_t used() const noexcept;

private:
    class Lease;
    class Hold;
    /// Whose octets they are is the second: those of one piece are side by side.
    using Key = std::pair<const Bytes*, const Account*>;
    struct State {
        std::size_t total = 0;
        std::size_t used = 0;
        std::function<void()> freed;
        std::map<Key, std::weak_ptr<const Lease>> leases{};

        [[nodiscard]] bool has(const Bytes* octets) const {
            const auto found = leases.lower_bound({octets, nullptr});
            return found != leases.end() && found->first.first == octets;
        }
    };

    std::shared_ptr<State> state_;
};

}  // namespace tenter::broker
