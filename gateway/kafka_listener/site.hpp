#pragma once
// gateway/kafka_listener/site.hpp: all that connections share. Private to this room, and for the listener's thread.

#include <array>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/kafka_listener/answer_writer.hpp"
#include "gateway/kafka_listener/descriptor.hpp"
#include "gateway/kafka_listener/event_loop.hpp"
#include "gateway/kafka_listener/listener.hpp"

namespace tenter::kafka_listener {

class Connection;

/// The connections, and what is to be done about them in this turn of the loop.
///
/// A connection that closes leaves at once what it shares with others, but the object stays until the end of the turn: the loop and the
/// lists may still hold it.
class Site {
public:
    /// Handshakes are what strangers can make us do that costs most (0.2 ms): so many a turn, and then come the others.
    static constexpr int handshakes_per_turn = 8;

    Site(ListenerOptions listener_options, const Clock& site_clock, tls::Certificates site_certificates, Observer site_observer);
    Site(const Site&) = delete;
    Site& operator=(const Site&) = delete;
    ~Site();

    /// Takes an accepted socket in, or closes it: there are limits.
    void admit(Descriptor socket, bool is_operator);
    void remove(Connection& connection);     ///< It has closed.
    void run_again(Connection& connection);  ///< In this turn or, while connections are run again, in the next.
    void run_waiting();
    void bury();  ///< At the end of a turn.
    void enforce_deadlines();
    void close_all();

    /// Strangers in the order in which they came.
    using Strangers = std::list<Connection*>;

    const ListenerOptions options;
    const Clock& clock;
    tls::Certificates certificates;
    const Observer observer;
    EventLoop loop;
    Service* service = nullptr;

    Instant now{};  ///< Of this turn.
    int handshakes_left = handshakes_per_turn;
    std::size_t large_requests_bytes = 0;  ///< Taken, of the options' limit.
    Strangers strangers;
    std::array<char, 64 * 1024> input_scratch{};
    std::array<char, AnswerWriter::chunk_bytes> output_scratch{};

    [[nodiscard]] bool has_connections() const noexcept { return !connections_.empty(); }
    [[nodiscard]] bool has_waiting() const noexcept { return !waiting_.empty(); }
    void report(const Refusal& refusal) const {
        if (observer.on_refused) observer.on_refused(refusal);
    }

private:
    [[nodiscard]] bool make_room();
    [[nodiscard]] bool is_full(bool for_operator) const noexcept;

    std::vector<std::unique_ptr<Connection>> connections_;
    std::size_t operators_ = 0;  ///< Of them.
    std::vector<std::unique_ptr<Connection>> buried_;
    std::vector<Connection*> waiting_;
    std::vector<Connection*> running_;
};

}  // namespace tenter::kafka_listener
