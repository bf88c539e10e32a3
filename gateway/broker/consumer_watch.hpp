#pragma once
// gateway/broker/consumer_watch.hpp: follows the file of consumers, which `tenter consumer` changes while the gateway runs.
//
//   a consumer is gone    its groups are forgotten
//   it is new             its groups of before are forgotten --> its start offsets committed, durable --> `is_new` taken from the file;
//                         only then is it let in. A step that fails is tried again, from the first on.

#include <chrono>
#include <functional>
#include <set>
#include <string>
#include <string_view>

#include "gateway/broker/timers.hpp"
#include "gateway/broker/topics.hpp"
#include "gateway/consumers/registry_file.hpp"
#include "gateway/groups/coordinator.hpp"
#include "gateway/kafka_protocol/messages_offsets.hpp"
#include "tenter/base/clock.hpp"
#include "tenter/base/result.hpp"

namespace tenter::broker {

/// Belongs to the broker's thread.
class ConsumerWatch {
public:
    struct Parts {
        groups::Coordinator& coordinator;
        Topics& topics;
        consumers::RegistryFile& file;
        const Clock& clock;
        Timers& timers;
        /// Called when consumers are others than before, and at every interval: secrets may have ended. Not at every look, of which
        /// each login has one.
        std::function<void()> review;
        std::function<void(std::string_view)> notice;
    };
    static constexpr std::chrono::milliseconds retry_interval{1'000};
    static constexpr std::chrono::milliseconds lock_retry_interval{100};

    /// The references must outlive it, the coordinator's answers too.
    explicit ConsumerWatch(Parts parts) : parts_(std::move(parts)) {}
    ConsumerWatch(const ConsumerWatch&) = delete;
    ConsumerWatch& operator=(const ConsumerWatch&) = delete;

    /// Looks for the first time, and from then on at every interval. Fails if the file cannot be read.
    [[nodiscard]] Result<void> start(std::chrono::milliseconds interval);
    /// Looks now. A file that cannot be read is told to the operator, and what was known counts.
    void look();

    [[nodiscard]] const consumers::Registry& registry() const noexcept { return *registry_; }

private:
    void look_at_every(std::chrono::milliseconds interval);
    void take(consumers::RegistryFile::Snapshot now);
    void forget(const std::string& name);
    void install_new();
    void install(const consumers::Consumer& consumer);
    void commit_starts(const std::string& name, const Uuid& id);
    [[nodiscard]] kafka_protocol::OffsetCommitRequest starts_of(const consumers::Consumer& consumer);
    [[nodiscard]] bool are_stored(const std::string& name, const kafka_protocol::OffsetCommitResponse& response);
    void let_in(const std::string& name, const Uuid& id);
    void end_install(const std::string& name);
    void install_later(const std::string& name, std::chrono::milliseconds wait);
    [[nodiscard]] const consumers::Consumer* still_new(const std::string& name, const Uuid& id) const;

    Parts parts_;
    consumers::RegistryFile::Snapshot registry_ = std::make_shared<const consumers::Registry>();
    std::set<std::string> installing_;
    std::string last_error_;
};

}  // namespace tenter::broker
