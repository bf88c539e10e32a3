#pragma once
// gateway/broker/core.hpp: what all connections share, for this room's sources.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/broker/broker.hpp"
#include "gateway/broker/consumer_watch.hpp"
#include "gateway/broker/fetch.hpp"
#include "gateway/broker/slow_down.hpp"
#include "gateway/broker/timers.hpp"
#include "gateway/broker/topics.hpp"
#include "gateway/groups/coordinator.hpp"

namespace tenter::broker {

class Session;

class Core {
public:
    /// What the connections of one consumer have in common.
    struct Use {
        std::size_t connections = 0;
        std::shared_ptr<FetchRoom::Account> account = std::make_shared<FetchRoom::Account>();
        std::shared_ptr<FetchRoom::Account> large_answers = std::make_shared<FetchRoom::Account>();
    };

    Core(Options given_options, log::EventLog& log_to_read, groups::OffsetStore& offsets, consumers::RegistryFile& consumers_file,
         const Clock& time, Random& random, Executor& executor, Notice to_operator);
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;
    ~Core();

    /// Every session looks whether it may still be there, or may begin.
    void review_sessions();
    [[nodiscard]] groups::ConnectionId next_connection() noexcept { return groups::ConnectionId{++last_connection_}; }

    const Options options;
    log::EventLog& event_log;
    const Clock& clock;
    const Notice notice;
    const Damage damage;  ///< A notice, that the log could not be read; of the same place at most once a minute.
    Timers timers;
    groups::Coordinator coordinator;
    Topics topics;
    Fetches fetches;
    FetchRoom large_answers;
    ConsumerWatch watch;
    SlowDown slow_down;
    std::map<groups::ConnectionId, Session*> sessions;
    std::map<std::string, Use, std::less<>> uses;  ///< By consumer; of those that are connected. "": the operator.

private:
    void tell_of_damage(const Error& error);

    std::uint64_t last_connection_ = 0;
    std::map<std::string, Instant, std::less<>> damages_;  ///< When each was told.
};

}  // namespace tenter::broker
