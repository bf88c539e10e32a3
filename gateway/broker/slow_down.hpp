#pragma once
// gateway/broker/slow_down.hpp: how long the answer to a failed login waits, by the address that it came from.
//
//   failures   1      2      3   ...   6      7 and more      no failure for 10 minutes, or a login that succeeds: forgotten
//   wait     0.1 s  0.2 s  0.4 s     3.2 s      5 s
//
// Of IPv6 addresses the first 64 bits count: whoever has one of them has all.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <string_view>

#include "tenter/base/clock.hpp"

namespace tenter::broker {

/// Belongs to one thread.
class SlowDown {
public:
    static constexpr std::chrono::milliseconds first_wait{100};
    static constexpr std::chrono::milliseconds longest_wait{5'000};
    static constexpr std::chrono::minutes memory{10};

    /// Of more addresses the one that failed longest ago is forgotten.
    explicit SlowDown(std::size_t most_addresses = 10'000) : most_addresses_(most_addresses) {}
    SlowDown(const SlowDown&) = delete;
    SlowDown& operator=(const SlowDown&) = delete;

    /// A login from there failed: its answer waits as long as this says.
    [[nodiscard]] std::chrono::milliseconds failed(std::string_view peer, Instant now);
    void succeeded(std::string_view peer);
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    struct Entry {
        std::string peer;
        std::uint32_t failures = 0;
        Instant last{};
    };

    void forget(std::list<Entry>::iterator entry);

    std::size_t most_addresses_;
    std::list<Entry> entries_;  ///< The one that failed longest ago first.
    std::map<std::string, std::list<Entry>::iterator, std::less<>> by_peer_;
};

}  // namespace tenter::broker
