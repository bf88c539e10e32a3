#include "gateway/kafka_listener/acceptor.hpp"

#include <cerrno>
#include <cstring>

#include "gateway/kafka_listener/sockets.hpp"

namespace tenter::kafka_listener {
namespace {

constexpr int accepts_per_turn = 32;
constexpr std::chrono::milliseconds pause{100};

}  // namespace

Acceptor::Acceptor(Site& site, Descriptor socket, bool is_operators)
    : site_(site), socket_(std::move(socket)), is_operators_(is_operators) {}

Acceptor::~Acceptor() = default;

bool Acceptor::start() { return site_.loop.add(socket_.get(), *this, Interest::read); }

void Acceptor::on_ready() {
    for (int i = 0; i < accepts_per_turn; ++i) {
        Descriptor accepted = accept_one(socket_.get());
        if (accepted) {
            if (!is_operators_ || is_own_user(accepted.get())) site_.admit(std::move(accepted), is_operators_);
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) return;
        if (errno == ECONNABORTED || errno == EINTR) continue;  // gone while it waited to be accepted
        site_.report({.peer = {}, .consumer = {}, .reason = std::string("accept failed: ") + std::strerror(errno)});
        site_.loop.change(socket_.get(), *this, Interest::nothing);
        paused_until_ = site_.now + pause;
        return;
    }
}

void Acceptor::end_pause() {
    if (site_.now < paused_until_) return;
    paused_until_ = Instant::max();
    site_.loop.change(socket_.get(), *this, Interest::read);
}

}  // namespace tenter::kafka_listener
