#include "tests/conformance/http/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <utility>

namespace tenter::http::testing {
namespace {

bool wait_for(int socket, short events, std::chrono::milliseconds patience) {
    pollfd entry{.fd = socket, .events = events, .revents = 0};
    return ::poll(&entry, 1, static_cast<int>(patience.count())) == 1;
}

}  // namespace

std::optional<std::string> RawResponse::header(std::string_view name) const {
    const std::string key = "\r\n" + std::string(name) + ": ";
    const auto at = head.find(key);
    if (at == std::string::npos) return std::nullopt;
    const auto start = at + key.size();
    return head.substr(start, head.find("\r\n", start) - start);
}

RawClient::RawClient(std::uint16_t port, int receive_buffer_bytes) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer_bytes > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof receive_buffer_bytes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        throw std::runtime_error("connect failed");
    }
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

RawClient::~RawClient() { ::close(socket_); }

bool RawClient::send(std::string_view bytes) { return send_within(bytes, patience) == bytes.size(); }

std::size_t RawClient::send_what_fits(std::string_view bytes) { return send_within(bytes, std::chrono::milliseconds(100)); }

std::size_t RawClient::send_within(std::string_view bytes, std::chrono::milliseconds wait) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        const auto sent = ::send(socket_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            done += static_cast<std::size_t>(sent);
        } else if (errno != EAGAIN || !wait_for(socket_, POLLOUT, wait)) {
            break;
        }
    }
    return done;
}

void RawClient::finish_sending() { ::shutdown(socket_, SHUT_WR); }

void RawClient::reset() {
    const linger now{.l_onoff = 1, .l_linger = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::close(socket_);
    socket_ = -1;
}

bool RawClient::fill() {
    if (ended_ || !wait_for(socket_, POLLIN, patience)) return false;
    std::array<char, 65536> piece{};
    const auto count = ::recv(socket_, piece.data(), piece.size(), 0);
    if (count <= 0) {
        ended_ = true;
        return false;
    }
    received_.append(piece.data(), static_cast<std::size_t>(count));
    return true;
}

std::optional<RawResponse> RawClient::receive(bool to_head) {
    std::size_t end = 0;
    while ((end = received_.find("\r\n\r\n")) == std::string::npos)
        if (!fill()) return std::nullopt;
    RawResponse response;
    response.head = received_.substr(0, end);
    response.status = static_cast<unsigned>(std::atoi(response.head.substr(9, 3).c_str()));
    const std::size_t length = to_head ? 0 : static_cast<std::size_t>(std::atoll(response.header("Content-Length").value_or("0").c_str()));
    while (received_.size() < end + 4 + length)
        if (!fill()) return std::nullopt;
    response.body = received_.substr(end + 4, length);
    received_.erase(0, end + 4 + length);
    return response;
}

bool RawClient::sees_close() {
    while (fill()) continue;
    return ended_ && received_.empty();
}

std::optional<std::string> RawClient::receive_all() {
    while (fill()) continue;
    if (!ended_) return std::nullopt;
    return std::exchange(received_, {});
}

}  // namespace tenter::http::testing
