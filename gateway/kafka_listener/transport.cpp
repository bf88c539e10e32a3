#include "gateway/kafka_listener/transport.hpp"

#include <cerrno>

#include <sys/socket.h>

namespace tenter::kafka_listener {
namespace {

tls::Step without_bytes(tls::Progress when_blocked) {
    const bool blocked = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {.progress = blocked ? when_blocked : tls::Progress::closed, .bytes = 0};
}

}  // namespace

Result<tls::Step> Transport::plain_read(std::span<char> out) const {
    const ssize_t got = ::recv(socket_, out.data(), out.size(), 0);
    if (got < 0) return without_bytes(tls::Progress::wants_read);
    if (got == 0) return tls::Step{.progress = tls::Progress::closed, .bytes = 0};
    return tls::Step{.progress = tls::Progress::done, .bytes = static_cast<std::size_t>(got)};
}

Result<tls::Step> Transport::plain_write(BytesView bytes, tls::Then then) const {
    const ssize_t written = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | (then == tls::Then::more ? MSG_MORE : 0));
    if (written < 0) return without_bytes(tls::Progress::wants_write);
    return tls::Step{.progress = tls::Progress::done, .bytes = static_cast<std::size_t>(written)};
}

}  // namespace tenter::kafka_listener
