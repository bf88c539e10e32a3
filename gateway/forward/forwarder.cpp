#include "gateway/forward/forwarder.hpp"

#include <algorithm>
#include <set>
#include <thread>

#include "gateway/forward/session.hpp"
#include "gateway/forward/shared.hpp"

namespace tenter::forward {

class Forwarder::Core {
public:
    Core(log::EventLog& log, const Clock& clock, ForwarderOptions options, Notice notice)
        : shared(log, clock, std::move(options), std::move(notice)) {}
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core() { stop(std::chrono::milliseconds(0)); }

    Result<void> start() {
        std::set<std::string_view> topics;
        for (const auto& route : shared.options.routes) {
            if (!topics.insert(route.topic).second)
                return fail(Errc::invalid_input, "two sources would go to topic \"" + route.topic + "\": each needs one of its own");
        }
        if (auto made = make_tracks(); !made) return made;
        if (shared.tracks.empty()) return fail(Errc::invalid_input, "there is no source to forward");
        const auto facts = look_at_cluster(shared.options, shared.log, [this] { return shared.stopping(); });
        if (!facts && (facts.error().code != Errc::unavailable || !shared.options.wait_for_kafka)) return fail(facts.error());
        if (!facts) shared.tell(Severity::warning, "Kafka does not answer, forwarding begins later: " + facts.error().message);
        for (const auto& track : shared.tracks) {
            auto followed = shared.log.follow(track.local, [this](log::Offset) { shared.wake(); });
            if (!followed) return fail(std::move(followed.error()));
            subscriptions_.push_back(std::move(*followed));
        }
        thread_ = std::thread([this] { run(); });
        return {};
    }

    void stop(std::chrono::milliseconds catch_up) {
        if (thread_.joinable() && catch_up.count() > 0) static_cast<void>(shared.wait_caught_up(catch_up));
        subscriptions_.clear();
        shared.ask_to_stop();
        if (thread_.joinable()) thread_.join();
    }

    Shared shared;

private:
    Result<void> make_tracks() {
        for (std::size_t i = 0; i < shared.options.routes.size(); ++i) {
            const auto topic = shared.log.find_topic(shared.options.routes[i].source);
            if (!topic) return fail(topic.error());
            for (std::int32_t number = 0; number < topic->partition_count; ++number) {
                Track track;
                track.route = i;
                track.local = {topic->id, log::PartitionId{number}};
                track.partition_count = topic->partition_count;
                shared.tracks.push_back(track);
            }
        }
        return {};
    }

    void run() {
        std::uint32_t failures = 0;
        while (!shared.stopping()) {
            const std::uint64_t before = forwarded();
            Session session(shared);
            if (session.run() == SessionEnd::halted) return;
            failures = forwarded() > before ? 0 : std::min(failures + 1, 16U);
            if (shared.stopping()) break;
            pause(failures);
        }
        shared.set_state(ForwarderState::stopped);
    }

    void pause(std::uint32_t failures) {
        const auto& options = shared.options;
        const auto delay = std::min(options.longest_backoff, options.first_backoff * (std::int64_t{1} << failures));
        const Instant until = shared.clock.monotonic() + delay;
        while (!shared.stopping()) {
            const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - shared.clock.monotonic());
            if (left.count() <= 0) return;
            shared.forget_wakes();
            shared.wait(left);
        }
    }

    [[nodiscard]] std::uint64_t forwarded() const {
        std::uint64_t records = 0;
        for (const auto& track : shared.tracks) records += track.records;
        return records;
    }

    std::vector<std::unique_ptr<log::Subscription>> subscriptions_;
    std::thread thread_;
};

Forwarder::Forwarder(log::EventLog& log, const Clock& clock, ForwarderOptions options, Notice notice)
    : core_(std::make_unique<Core>(log, clock, std::move(options), std::move(notice))) {}

Forwarder::~Forwarder() = default;

Result<void> Forwarder::start() { return core_->start(); }
void Forwarder::stop(std::chrono::milliseconds catch_up) { core_->stop(catch_up); }
ForwarderState Forwarder::state() const { return core_->shared.state(); }
std::optional<Error> Forwarder::why_halted() const { return core_->shared.why_halted(); }
std::vector<PartitionPosition> Forwarder::positions() const { return core_->shared.positions(); }

}  // namespace tenter::forward
