#include "gateway/kafka_listener/site.hpp"

#include <algorithm>

#include "gateway/kafka_listener/connection.hpp"
#include "gateway/kafka_listener/sockets.hpp"
#include "tenter/base/assert.hpp"

namespace tenter::kafka_listener {
namespace {

/// Commands and what watches the gateway: some at a time, never many.
constexpr std::size_t max_operators = 64;

}  // namespace

Site::Site(ListenerOptions listener_options, const Clock& site_clock, tls::Certificates site_certificates, Observer site_observer)
    : options(std::move(listener_options)),
      clock(site_clock),
      certificates(std::move(site_certificates)),
      observer(std::move(site_observer)) {}

Site::~Site() = default;

bool Site::is_full(bool for_operator) const noexcept {
    if (for_operator) return operators_ >= max_operators;
    return connections_.size() - operators_ >= options.max_connections || strangers.size() >= options.max_strangers;
}

/// Who opens connections and leaves them shall not keep others out: the oldest goes that has had time to say who it is.
bool Site::make_room() {
    if (strangers.empty() || now - strangers.front()->accepted_at() < options.stranger_time) return false;
    strangers.front()->close("not authenticated while others wait");
    return true;
}

void Site::admit(Descriptor socket, bool is_operator) {
    if (is_full(is_operator) && (is_operator || !make_room()))
        return report({.peer = is_operator ? "operator" : peer_of(socket.get()).host, .consumer = {}, .reason = "too many connections"});
    if (!is_operator) set_manners(socket.get());
    auto connection = std::make_unique<Connection>(*this, std::move(socket), is_operator);
    if (!connection->start()) return report({.peer = {}, .consumer = {}, .reason = "no memory in the kernel for another connection"});
    connection->place = connections_.size();
    operators_ += is_operator ? 1 : 0;
    connections_.push_back(std::move(connection));
}

void Site::remove(Connection& connection) {
    TENTER_ASSERT(connections_.at(connection.place).get() == &connection);
    operators_ -= connection.is_operator() ? 1 : 0;
    std::swap(connections_[connection.place], connections_.back());
    connections_[connection.place]->place = connection.place;
    buried_.push_back(std::move(connections_.back()));
    connections_.pop_back();
}

void Site::run_again(Connection& connection) {
    if (connection.is_waiting) return;
    connection.is_waiting = true;
    waiting_.push_back(&connection);
}

void Site::run_waiting() {
    running_.swap(waiting_);
    for (Connection* const connection : running_) {
        connection->is_waiting = false;
        connection->run();
    }
    running_.clear();
}

void Site::bury() {
    if (buried_.empty()) return;
    std::erase_if(waiting_, [](const Connection* connection) { return connection->is_closed(); });
    buried_.clear();
}

/// Backwards, because a connection that closes gives its place to the last one.
void Site::enforce_deadlines() {
    for (std::size_t i = connections_.size(); i-- > 0;) connections_[i]->enforce_deadline();
}

void Site::close_all() {
    while (!connections_.empty()) connections_.back()->close();
    bury();
}

}  // namespace tenter::kafka_listener
