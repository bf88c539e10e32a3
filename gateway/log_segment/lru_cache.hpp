#pragma once
// gateway/log_segment/lru_cache.hpp: a bounded map that drops what was not used for longest.

#include <cstddef>
#include <list>
#include <map>
#include <utility>

namespace tenter::log {

/// Belongs to one thread, or to who holds its lock. `Value` is a shared pointer: what is dropped lives on with its holders.
template <class Key, class Value>
class LruCache {
public:
    explicit LruCache(std::size_t limit) : limit_(limit == 0 ? 1 : limit) {}

    /// Null if it is not there. Counts as a use.
    [[nodiscard]] Value find(const Key& key) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return {};
        uses_.splice(uses_.begin(), uses_, found->second.use);
        return found->second.value;
    }
    /// The value that must go before one more fits; null while there is room.
    [[nodiscard]] Value oldest_if_full() const { return entries_.size() < limit_ ? Value{} : oldest(); }
    /// Null if the cache is empty.
    [[nodiscard]] Value oldest() const { return uses_.empty() ? Value{} : entries_.at(uses_.back()).value; }
    void drop_oldest() {
        if (uses_.empty()) return;
        entries_.erase(uses_.back());
        uses_.pop_back();
    }
    void drop(const Key& key) {
        const auto found = entries_.find(key);
        if (found == entries_.end()) return;
        uses_.erase(found->second.use);
        entries_.erase(found);
    }
    /// All values with keys from `first` up to, not including, `last`.
    void drop_range(const Key& first, const Key& last) {
        const auto end = entries_.lower_bound(last);
        for (auto entry = entries_.lower_bound(first); entry != end; entry = entries_.erase(entry)) uses_.erase(entry->second.use);
    }
    /// The key must not be there and there must be room.
    void insert(const Key& key, Value value) {
        uses_.push_front(key);
        entries_.emplace(key, Entry{std::move(value), uses_.begin()});
    }
    void clear() {
        entries_.clear();
        uses_.clear();
    }

private:
    struct Entry {
        Value value;
        typename std::list<Key>::iterator use;
    };

    const std::size_t limit_;
    std::list<Key> uses_;  // most recent first
    std::map<Key, Entry> entries_;
};

}  // namespace tenter::log
