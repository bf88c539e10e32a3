#include "cli/operator_link.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace tenter::cli {
namespace {

using Deadline = std::chrono::steady_clock::time_point;

constexpr std::size_t size_of_size = 4;
constexpr std::size_t max_answer_bytes = std::size_t{256} * 1024 * 1024;

std::unexpected<Error> failed(std::string_view call) {
    const int os_error = errno;
    return fail(Errc::unavailable, "control socket: " + std::string(call) + ": " + std::strerror(os_error), os_error);
}

std::unexpected<Error> no_gateway(const std::string& data_folder) {
    return fail(Errc::not_found, "no gateway that serves consumers runs on " + data_folder);
}

}  // namespace

/// A descriptor that closes itself, and waits with deadlines.
class OperatorLink::Socket {
public:
    explicit Socket(int descriptor) noexcept : descriptor_(descriptor) {}
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;
    ~Socket() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    [[nodiscard]] int get() const noexcept { return descriptor_; }

    [[nodiscard]] Result<void> write(BytesView bytes, Deadline deadline) const {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
            if (sent < 0 && errno != EAGAIN && errno != EINTR) return failed("send");
            if (sent >= 0 || errno == EINTR) continue;
            if (auto ready = wait(POLLOUT, deadline); !ready) return ready;
        }
        return {};
    }

    [[nodiscard]] Result<void> read(std::span<char> out, Deadline deadline) const {
        while (!out.empty()) {
            const ssize_t got = ::recv(descriptor_, out.data(), out.size(), 0);
            if (got == 0) return fail(Errc::unavailable, "the gateway closed the connection: its log says why");
            if (got > 0) out = out.subspan(static_cast<std::size_t>(got));
            if (got < 0 && errno != EAGAIN && errno != EINTR) return failed("recv");
            if (got >= 0 || errno == EINTR) continue;
            if (auto ready = wait(POLLIN, deadline); !ready) return ready;
        }
        return {};
    }

private:
    [[nodiscard]] Result<void> wait(short events, Deadline deadline) const {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        if (left.count() <= 0) return fail(Errc::unavailable, "the gateway does not answer in time");
        pollfd waiting{.fd = descriptor_, .events = events, .revents = 0};
        if (::poll(&waiting, 1, static_cast<int>(left.count())) < 0 && errno != EINTR) return failed("poll");
        return {};
    }

    int descriptor_;
};

OperatorLink::OperatorLink(std::unique_ptr<Socket> socket) : socket_(std::move(socket)) {}
OperatorLink::OperatorLink(OperatorLink&&) noexcept = default;
OperatorLink& OperatorLink::operator=(OperatorLink&&) noexcept = default;
OperatorLink::~OperatorLink() = default;

Result<OperatorLink> OperatorLink::connect(const std::string& data_folder, std::chrono::milliseconds timeout) {
    // An address holds 107 bytes and the folder's path may be longer, so the socket is named relative to a descriptor of the folder.
    const Socket folder(::open(data_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (folder.get() < 0) return no_gateway(data_folder);
    auto socket = std::make_unique<Socket>(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket->get() < 0) return failed("socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string path = "/proc/self/fd/" + std::to_string(folder.get()) + "/" + std::string(operator_socket_name);
    path.copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
    const Deadline deadline = std::chrono::steady_clock::now() + timeout;
    while (::connect(socket->get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
        if (errno == ENOENT || errno == ECONNREFUSED) return no_gateway(data_folder);
        if (errno == EACCES || errno == EPERM)
            return fail(Errc::unavailable, "the gateway on " + data_folder + " answers the user that runs it: run this as that user",
                        errno);
        // EAGAIN: so many commands at a time that its queue is full. There is nothing to wait for with poll.
        if ((errno != EAGAIN && errno != EINTR) || std::chrono::steady_clock::now() >= deadline) return failed("connect");
        static_cast<void>(::poll(nullptr, 0, 10));
    }
    return OperatorLink(std::move(socket));
}

kafka_protocol::RequestHeader OperatorLink::header(std::int16_t version) {
    kafka_protocol::RequestHeader header;
    header.request_api_version = version;
    header.correlation_id = ++correlation_id_;
    header.client_id = "tenter";
    return header;
}

Result<Bytes> OperatorLink::exchange(BytesView frame, std::chrono::milliseconds timeout) {
    const Deadline deadline = std::chrono::steady_clock::now() + timeout;
    if (auto written = socket_->write(frame, deadline); !written) return fail(std::move(written.error()));
    std::array<char, size_of_size> size_bytes{};
    if (auto got = socket_->read(size_bytes, deadline); !got) return fail(std::move(got.error()));
    std::size_t size = 0;
    for (const char byte : size_bytes) size = (size << 8) | static_cast<unsigned char>(byte);
    if (size > max_answer_bytes) return fail(Errc::invalid_input, "an answer of " + std::to_string(size) + " bytes");
    Bytes answer(size, '\0');
    if (auto got = socket_->read(answer, deadline); !got) return fail(std::move(got.error()));
    return answer;
}

}  // namespace tenter::cli
