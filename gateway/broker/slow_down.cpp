#include "gateway/broker/slow_down.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

namespace tenter::broker {

namespace {

/// What addresses are told apart by.
std::string key_of(std::string_view peer) {
    std::string text(peer);
    std::array<char, 16> address{};
    if (inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return text;
    constexpr std::array<char, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};  // an IPv4 address in the form of an IPv6 one
    const bool is_mapped = std::equal(mapped.begin(), mapped.end(), address.begin());
    return is_mapped ? text : std::string(address.data(), 8);
}

}  // namespace

void SlowDown::forget(std::list<Entry>::iterator entry) {
    by_peer_.erase(entry->peer);
    entries_.erase(entry);
}

std::chrono::milliseconds SlowDown::failed(std::string_view peer, Instant now) {
    while (!entries_.empty() && now - entries_.front().last > memory) forget(entries_.begin());
    const auto key = key_of(peer);
    auto found = by_peer_.find(key);
    if (found == by_peer_.end()) {
        if (entries_.size() >= most_addresses_) forget(entries_.begin());
        entries_.push_back({.peer = key});
        found = by_peer_.emplace(key, std::prev(entries_.end())).first;
    }
    auto& entry = *found->second;
    entries_.splice(entries_.end(), entries_, found->second);
    entry.last = now;
    constexpr std::uint32_t doublings = 6;  // 0.1 s * 2^6 is over the longest wait
    const auto wait = first_wait * (1U << std::min(entry.failures, doublings));
    ++entry.failures;
    return std::min<std::chrono::milliseconds>(wait, longest_wait);
}

void SlowDown::succeeded(std::string_view peer) {
    const auto found = by_peer_.find(key_of(peer));
    if (found != by_peer_.end()) forget(found->second);
}

}  // namespace tenter::broker
