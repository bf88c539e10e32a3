#pragma once
// gateway/forward/shared.hpp: what the forwarding thread and those who look at it share: positions, the wish to stop, what the operator is
// told. Everything else belongs to the thread alone.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "gateway/forward/forwarder.hpp"

namespace tenter::forward {

/// One partition on its way.
struct Track {
    std::size_t route = 0;
    log::TopicPartition local;
    std::int32_t partition_count = 1;  ///< Of its topic.
    std::int64_t next = 0;             ///< First offset that is not in Kafka.
    std::uint64_t records = 0;         ///< Forwarded.
    std::uint64_t bytes = 0;           ///< Of them, as they are stored here.
    std::uint64_t seen_records = 0;    ///< Read, to know how large they are.
    std::uint64_t seen_bytes = 0;
    std::int64_t dead_until = 0;           ///< Dead letters below this were put aside by this object.
    std::optional<Instant> still_until{};  ///< Stands still; worth another look then.
    std::string still_why;

    [[nodiscard]] std::uint64_t bytes_of(std::int64_t count) const noexcept {
        return seen_records == 0 ? 0 : seen_bytes * static_cast<std::uint64_t>(count) / seen_records;
    }
};

/// Only the forwarding thread changes anything here, but for `ask_to_stop` and `wake`.
class Shared {
public:
    Shared(log::EventLog& its_log, const Clock& its_clock, ForwarderOptions its_options, Notice notice)
        : log(its_log), clock(its_clock), options(std::move(its_options)), chunk_bytes(options.chunk_bytes), notice_(std::move(notice)) {}

    log::EventLog& log;
    const Clock& clock;
    const ForwarderOptions options;
    /// Of the next transaction: less after each that failed, for where Kafka is slow or never there for long a large one would never end.
    std::size_t chunk_bytes;
    std::vector<Track> tracks;  ///< Made before the thread. The thread changes it through `change`.

    template <class Change>
    void change(Change&& changes) {
        const std::scoped_lock lock(mutex_);
        changes();
    }

    [[nodiscard]] bool stopping() const noexcept { return stopping_; }
    void ask_to_stop();
    /// From the log's commit thread: there is something to read.
    void wake();
    /// Until woken, asked to stop, or time is up.
    void wait(std::chrono::milliseconds timeout);
    /// From now on a `wake` ends the next `wait`.
    void forget_wakes() noexcept { awake_ = false; }

    void set_state(ForwarderState state);
    void halt(Error why);
    [[nodiscard]] ForwarderState state() const;
    [[nodiscard]] std::optional<Error> why_halted() const;
    [[nodiscard]] std::vector<PartitionPosition> positions() const;
    /// Until a look at the log that began after this call found nothing to forward; false if it took too long, or nothing is forwarded.
    [[nodiscard]] bool wait_caught_up(std::chrono::milliseconds timeout);
    /// Before a look at the log; what it gives is for `note_nothing_left`.
    [[nodiscard]] std::uint64_t begin_look();
    void note_nothing_left(std::uint64_t look);

    void tell(Severity severity, const std::string& text) const;
    /// Kafka does not do what is asked of it. Told when it lasts, then now and then.
    void note_trouble(const Error& error);
    void note_success();
    /// Looks at how much is not forwarded, at most every `backlog_interval`, and warns.
    void check_backlog();

private:
    [[nodiscard]] std::uint64_t bytes_behind() const;
    [[nodiscard]] std::string backlog_text() const;
    void measure(Track& track);

    const Notice notice_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::mutex wake_mutex_;  // its own: the commit thread takes it, and must never wait for more than a moment
    std::condition_variable woken_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> awake_{false};
    ForwarderState state_ = ForwarderState::connecting;
    std::optional<Error> why_halted_;
    std::uint64_t looks_asked_ = 0;     // by wait_caught_up
    std::uint64_t looks_answered_ = 0;  // what was asked for before a look that found nothing

    std::optional<Instant> trouble_began_;
    std::optional<Instant> trouble_told_;
    Instant backlog_checked_{};
    int backlog_warned_ = 0;  ///< Percent.
};

}  // namespace tenter::forward
