#include "gateway/tls/socket_output.hpp"

#include <cerrno>

#include <sys/socket.h>

#include "tenter/base/assert.hpp"

namespace tenter::tls {
namespace {

/// OpenSSL flushes at the end of a flight; nothing is held back here.
long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

}  // namespace

int SocketOutput::write(BIO* bio, const char* data, int size) {
    const auto& self = *static_cast<const SocketOutput*>(BIO_get_data(bio));
    BIO_clear_retry_flags(bio);
    const ssize_t sent = ::send(self.socket_, data, static_cast<std::size_t>(size), MSG_NOSIGNAL | (self.more_follows_ ? MSG_MORE : 0));
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

BIO* SocketOutput::bio() {
    static BIO_METHOD* const method = [] {
        BIO_METHOD* const made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket that is told whether more follows");
        TENTER_ASSERT(made != nullptr && BIO_meth_set_write(made, write) == 1 && BIO_meth_set_ctrl(made, control) == 1);
        return made;
    }();
    BIO* const made = BIO_new(method);
    if (made == nullptr) return nullptr;
    BIO_set_data(made, this);
    BIO_set_init(made, 1);
    return made;
}

}  // namespace tenter::tls
