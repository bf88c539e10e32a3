#include "gateway/broker/broker.hpp"

#include <algorithm>
#include <utility>

#include "gateway/broker/core.hpp"
#include "gateway/broker/session.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::broker {

Core::Core(Options given_options, log::EventLog& log_to_read, groups::OffsetStore& offsets, consumers::RegistryFile& consumers_file,
           const Clock& time, Random& random, Executor& executor, Notice to_operator)
    : options(std::move(given_options)),
      event_log(log_to_read),
      clock(time),
      notice(std::move(to_operator)),
      damage([this](const Error& error) { tell_of_damage(error); }),
      coordinator(options.groups, time, random, offsets),
      topics(log_to_read, options.topic_prefix),
      fetches(options.limits, log_to_read, time, executor, timers, damage),
      large_answers(options.limits.large_answer_bytes, {}),
      watch({.coordinator = coordinator,
             .topics = topics,
             .file = consumers_file,
             .clock = time,
             .timers = timers,
             .review = [this] { review_sessions(); },
             .notice = notice}) {}

Core::~Core() { TENTER_ASSERT(sessions.empty()); }

/// Whoever reads there tries again and again, and so may many.
void Core::tell_of_damage(const Error& error) {
    constexpr std::chrono::minutes told_anew_after{1};
    constexpr std::size_t most = 1'000;
    const auto now = clock.monotonic();
    std::erase_if(damages_, [&](const auto& each) { return now - each.second >= told_anew_after; });
    if (damages_.contains(error.message)) return;
    if (damages_.size() < most) damages_.emplace(error.message, now);
    notice("the log could not be read: " + error.message);
}

void Core::review_sessions() {
    for (const auto& [id, session] : sessions) session->review();
}

Broker::Broker(Options options, log::EventLog& event_log, groups::OffsetStore& offsets, consumers::RegistryFile& consumers,
               const Clock& clock, Random& random, Executor& executor, Notice notice)
    : core_(std::make_unique<Core>(std::move(options), event_log, offsets, consumers, clock, random, executor, std::move(notice))) {}

Broker::~Broker() = default;

Result<void> Broker::replay(const groups::StoredRecord& record) { return core_->coordinator.replay(record); }

Result<void> Broker::start() { return core_->watch.start(core_->options.consumer_watch_interval); }

std::unique_ptr<Client> Broker::connect(Arrival arrival, CloseConnection close) {
    return std::make_unique<Session>(*core_, std::move(arrival), std::move(close));
}

Instant Broker::next_deadline() const { return std::min(core_->timers.next(), core_->coordinator.next_deadline()); }

void Broker::tick() {
    const auto now = core_->clock.monotonic();
    core_->timers.run(now);
    if (core_->coordinator.next_deadline() <= now) core_->coordinator.tick();
}

std::vector<groups::StoredRecord> Broker::snapshot() const { return core_->coordinator.snapshot(); }

}  // namespace tenter::broker
