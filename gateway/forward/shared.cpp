#include "gateway/forward/shared.hpp"

#include <algorithm>

#include "gateway/forward/local_partition.hpp"

namespace tenter::forward {
namespace {

constexpr std::size_t sample_bytes = 64 << 10;

std::string seconds_text(Instant::duration duration) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count()) + " s";
}

std::string size_text(std::uint64_t bytes) {
    if (bytes < (10ULL << 10)) return std::to_string(bytes) + " bytes";
    if (bytes < (10ULL << 20)) return std::to_string(bytes >> 10) + " KiB";
    if (bytes < (10ULL << 30)) return std::to_string(bytes >> 20) + " MiB";
    return std::to_string(bytes >> 30) + " GiB";
}

}  // namespace

void Shared::ask_to_stop() {
    const std::scoped_lock lock(wake_mutex_);
    stopping_ = true;
    woken_.notify_all();
}

void Shared::wake() {
    if (awake_.exchange(true)) return;  // the lock is taken once for all appends that come before the thread looks
    const std::scoped_lock lock(wake_mutex_);
    woken_.notify_all();
}

void Shared::wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(wake_mutex_);
    woken_.wait_for(lock, timeout, [this] { return stopping_ || awake_; });
}

void Shared::set_state(ForwarderState state) {
    const std::scoped_lock lock(mutex_);
    state_ = state;
    changed_.notify_all();
}

void Shared::halt(Error why) {
    tell(Severity::error, "forwarding has ended: " + why.message);
    const std::scoped_lock lock(mutex_);
    state_ = ForwarderState::halted;
    why_halted_ = std::move(why);
    changed_.notify_all();
}

ForwarderState Shared::state() const {
    const std::scoped_lock lock(mutex_);
    return state_;
}

std::optional<Error> Shared::why_halted() const {
    const std::scoped_lock lock(mutex_);
    return why_halted_;
}

std::vector<PartitionPosition> Shared::positions() const {
    const std::scoped_lock lock(mutex_);
    std::vector<PartitionPosition> positions;
    positions.reserve(tracks.size());
    for (const auto& track : tracks) {
        const auto& route = options.routes[track.route];
        const auto bounds = log.bounds(track.local);
        const std::int64_t end = bounds ? std::max(bounds->next.value, track.next) : track.next;
        positions.push_back({.source = route.source,
                             .topic = route.topic,
                             .partition = track.local.partition.value,
                             .next = log::Offset{track.next},
                             .end = log::Offset{end},
                             .bytes_behind = track.bytes_of(end - track.next),
                             .records_forwarded = track.records,
                             .bytes_forwarded = track.bytes,
                             .is_stopped = track.still_until.has_value()});
    }
    return positions;
}

bool Shared::wait_caught_up(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const auto asked = ++looks_asked_;
    const auto answered = [&] { return looks_answered_ >= asked; };
    lock.unlock();
    wake();
    lock.lock();
    changed_.wait_for(lock, timeout, [&] { return answered() || state_ != ForwarderState::forwarding; });
    return answered();
}

std::uint64_t Shared::begin_look() {
    const std::scoped_lock lock(mutex_);
    return looks_asked_;
}

void Shared::note_nothing_left(std::uint64_t look) {
    const std::scoped_lock lock(mutex_);
    looks_answered_ = look;
    changed_.notify_all();
}

void Shared::tell(Severity severity, const std::string& text) const {
    if (notice_) notice_(severity, text);
}

void Shared::note_trouble(const Error& error) {
    const Instant now = clock.monotonic();
    if (!trouble_began_) trouble_began_ = now;
    check_backlog();
    if (now - *trouble_began_ < options.grace) return;
    if (trouble_told_ && now - *trouble_told_ < options.reminder) return;
    const std::string what = trouble_told_ ? "forwarding still waits, for " + seconds_text(now - *trouble_began_) : "forwarding waits";
    trouble_told_ = now;
    tell(Severity::warning, what + ": " + error.message + "; " + backlog_text() + " in the local log");
}

void Shared::note_success() {
    if (trouble_told_)
        tell(Severity::info, "forwarding goes on after " + seconds_text(clock.monotonic() - *trouble_began_) + "; " + backlog_text());
    trouble_began_.reset();
    trouble_told_.reset();
}

/// How large its records are, where none was read yet.
void Shared::measure(Track& track) {
    const auto bounds = log.bounds(track.local);
    if (!bounds || bounds->next.value <= track.next) return;
    const auto piece = read_piece(log, track.local, log::Offset{track.next}, sample_bytes);
    if (!piece) return;
    change([&] {
        track.seen_records += piece->records.size();
        track.seen_bytes += piece->stored_bytes;
    });
}

std::uint64_t Shared::bytes_behind() const {
    std::uint64_t bytes = 0;
    for (const auto& position : positions()) bytes += position.bytes_behind;
    return bytes;
}

std::string Shared::backlog_text() const {
    std::int64_t records = 0;
    std::uint64_t bytes = 0;
    for (const auto& position : positions()) {
        records += position.end.value - position.next.value;
        bytes += position.bytes_behind;
    }
    return std::to_string(records) + " records (" + size_text(bytes) + ") are behind";
}

void Shared::check_backlog() {
    const Instant now = clock.monotonic();
    if (backlog_checked_ != Instant{} && now - backlog_checked_ < options.backlog_interval) return;
    backlog_checked_ = now;
    for (auto& track : tracks)
        if (track.seen_records == 0) measure(track);
    if (options.max_unforwarded_bytes == 0) return;
    const double percent = 100.0 * static_cast<double>(bytes_behind()) / static_cast<double>(options.max_unforwarded_bytes);
    const int reached = percent > 100 ? 100 : percent >= 90 ? 90 : percent >= 50 ? 50 : 0;
    if (percent < 25) backlog_warned_ = 0;
    if (reached <= backlog_warned_) return;
    backlog_warned_ = reached;
    const std::string limit = "forward.max_unforwarded (" + size_text(options.max_unforwarded_bytes) + ")";
    if (reached == 100)
        tell(Severity::error, backlog_text() + ": more than " + limit + "; nothing is deleted, the disk fills");
    else
        tell(Severity::warning, backlog_text() + ": over " + std::to_string(reached) + " % of " + limit);
}

}  // namespace tenter::forward
