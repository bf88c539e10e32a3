#include "gateway/kafka_listener/control_socket.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "gateway/kafka_listener/sockets.hpp"

namespace tenter::kafka_listener {
namespace {

constexpr mode_t own_user_only = 0600;
constexpr int waiting_connections = 16;

std::unexpected<Error> failed(const std::string& folder, const char* call) {
    const int os_error = errno;
    const Errc code = os_error == ENOENT || os_error == ECONNREFUSED ? Errc::not_found : Errc::unavailable;
    return fail(code, folder + "/" + control_socket_name + ": " + call + ": " + std::strerror(os_error), os_error);
}

/// An address has room for 107 bytes; data folders may lie deeper. So the folder is opened, and the kernel told to begin there.
class SocketAddress {
public:
    explicit SocketAddress(const std::string& folder) : folder_(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
        address_.sun_family = AF_UNIX;
        const std::string path = "/proc/self/fd/" + std::to_string(folder_.get()) + "/" + control_socket_name;
        path.copy(address_.sun_path, sizeof address_.sun_path - 1);
    }
    [[nodiscard]] bool is_there() const noexcept { return static_cast<bool>(folder_); }
    [[nodiscard]] const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&address_); }
    [[nodiscard]] int folder() const noexcept { return folder_.get(); }

private:
    Descriptor folder_;
    sockaddr_un address_{};
};

}  // namespace

Result<Descriptor> listen_for_operator(const std::string& folder) {
    const SocketAddress address(folder);
    if (!address.is_there()) return failed(folder, "open its folder");
    if (::unlinkat(address.folder(), control_socket_name, 0) != 0 && errno != ENOENT) return failed(folder, "remove the old one");
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) return failed(folder, "socket");
    // Before `bind`, which gives the file the socket's mode: nobody can come in between.
    if (::fchmod(socket.get(), own_user_only) != 0) return failed(folder, "fchmod");
    if (::bind(socket.get(), address.get(), sizeof(sockaddr_un)) != 0) return failed(folder, "bind");
    if (::listen(socket.get(), waiting_connections) != 0) return failed(folder, "listen");
    return socket;
}

void remove_operator_socket(const std::string& folder) noexcept { ::unlink((folder + "/" + control_socket_name).c_str()); }

bool is_own_user(int socket) {
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return false;
    return credentials.uid == ::geteuid() || credentials.uid == 0;
}

Result<int> connect_to_gateway(const std::string& data_folder) {
    const SocketAddress address(data_folder);
    if (!address.is_there()) return failed(data_folder, "open its folder");
    const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (socket < 0) return failed(data_folder, "socket");
    if (::connect(socket, address.get(), sizeof(sockaddr_un)) != 0) {
        auto error = failed(data_folder, "connect");
        ::close(socket);
        return error;
    }
    return socket;
}

}  // namespace tenter::kafka_listener
