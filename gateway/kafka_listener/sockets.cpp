#include "gateway/kafka_listener/sockets.hpp"

#include <array>
#include <cerrno>
#include <cstring>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace tenter::kafka_listener {
namespace {

constexpr int waiting_connections = 1024;
/// Beyond what the network takes at once; without it the kernel keeps up to 4 MiB of each answer that nobody reads.
constexpr int unsent_bytes = 128 * 1024;

std::string text_of(const broker::Endpoint& endpoint) {
    const bool bracket = endpoint.host.find(':') != std::string::npos;
    return (bracket ? "[" + endpoint.host + "]" : endpoint.host) + ":" + std::to_string(endpoint.port);
}

union Address {
    sockaddr any;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_storage room;
};

broker::Endpoint endpoint_of(const Address& address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (address.any.sa_family == AF_INET) {
        ::inet_ntop(AF_INET, &address.v4.sin_addr, text.data(), text.size());
        return {text.data(), ntohs(address.v4.sin_port)};
    }
    if (address.any.sa_family == AF_INET6) {
        ::inet_ntop(AF_INET6, &address.v6.sin6_addr, text.data(), text.size());
        return {text.data(), ntohs(address.v6.sin6_port)};
    }
    return {};
}

bool parse(const broker::Endpoint& endpoint, Address& out, socklen_t& size) {
    addrinfo hints{};
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(endpoint.host.c_str(), std::to_string(endpoint.port).c_str(), &hints, &found) != 0) return false;
    size = found->ai_addrlen;
    std::memcpy(&out, found->ai_addr, size);
    ::freeaddrinfo(found);
    return true;
}

bool set_option(int socket, int level, int name, int value) noexcept {
    return ::setsockopt(socket, level, name, &value, sizeof value) == 0;
}

}  // namespace

/// No SO_REUSEPORT: with it a second gateway on the same port would silently take half of the connections.
Result<ListeningSocket> listen_on(const broker::Endpoint& endpoint) {
    Address address{};
    socklen_t size = 0;
    if (!parse(endpoint, address, size)) return fail(Errc::invalid_input, "listen on " + text_of(endpoint) + ": not a numeric address");
    Descriptor socket(::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const bool v6 = address.any.sa_family == AF_INET6;
    if (!socket || !set_option(socket.get(), SOL_SOCKET, SO_REUSEADDR, 1) ||
        (v6 && !set_option(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1)) || ::bind(socket.get(), &address.any, size) != 0 ||
        ::listen(socket.get(), waiting_connections) != 0) {
        const int os_error = errno;
        return fail(Errc::unavailable, "listen on " + text_of(endpoint) + ": " + std::strerror(os_error), os_error);
    }
    const std::uint16_t port = reached_by(socket.get()).port;
    return ListeningSocket{.descriptor = std::move(socket), .endpoint = {endpoint.host, port}};
}

Descriptor accept_one(int listening) { return Descriptor(::accept4(listening, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)); }

void set_manners(int socket) noexcept {
    set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_bytes);
    set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
}

broker::Endpoint peer_of(int socket) {
    Address address{};
    socklen_t size = sizeof address;
    return ::getpeername(socket, &address.any, &size) == 0 ? endpoint_of(address) : broker::Endpoint{};
}

broker::Endpoint reached_by(int socket) {
    Address address{};
    socklen_t size = sizeof address;
    return ::getsockname(socket, &address.any, &size) == 0 ? endpoint_of(address) : broker::Endpoint{};
}

}  // namespace tenter::kafka_listener
