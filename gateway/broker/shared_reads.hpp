#pragma once
// gateway/broker/shared_reads.hpp: one read and one copy for many who want the same records at about the same time.
//
//   at the end      many wait for what has just come: what was read there last is kept
//   further back    whoever reads the log again is seldom where another one is, so nothing is kept for it; but what is on its way to one
//                   is there for all, and those who find it so are faster than who reads for them: they come to go in a row

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "gateway/log/event_log.hpp"
#include "tenter/base/bytes.hpp"
#include "tenter/base/result.hpp"

namespace tenter::broker {

/// Belongs to one thread.
class SharedReads {
public:
    /// Whole batches, as `log::StoredBatches`.
    struct Piece {
        std::shared_ptr<const Bytes> bytes;
        log::Offset next;
    };

    /// How much may come: from the log, and of what others have read.
    struct Most {
        std::size_t to_read = 0;
        std::size_t to_share = 0;
    };

    /// Keeps at most `capacity` octets that nobody else keeps. `event_log` must outlive it.
    SharedReads(const log::EventLog& event_log, std::size_t capacity) : log_(event_log), capacity_(capacity) {}
    SharedReads(const SharedReads&) = delete;
    SharedReads& operator=(const SharedReads&) = delete;

    /// As `EventLog::read`, for an offset that is in the log.
    [[nodiscard]] Result<Piece> read(log::TopicPartition at, log::Offset from, Most most);

    [[nodiscard]] std::size_t size() const noexcept { return size_; }  ///< Octets that are kept.
    /// Places whose octets are kept or on their way, and at most about as many that were.
    [[nodiscard]] std::size_t places() const noexcept { return under_way_.size(); }

private:
    using Key = std::pair<log::TopicPartition, log::Offset>;
    struct UnderWay {
        std::weak_ptr<const Bytes> bytes;
        log::Offset next;
    };

    [[nodiscard]] std::optional<Piece> find(const Key& key) const;
    void note(const Key& key, const Piece& piece);
    void keep(const Piece& piece);

    const log::EventLog& log_;
    std::size_t capacity_;
    std::size_t size_ = 0;
    std::deque<Piece> kept_;             ///< The oldest first.
    std::map<Key, UnderWay> under_way_;  ///< What somebody keeps, and some that nobody does any more.
    std::size_t notes_until_cleaning_ = 0;
};

}  // namespace tenter::broker
