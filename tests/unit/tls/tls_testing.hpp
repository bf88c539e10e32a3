#pragma once
// Tools for the tests of TLS: a folder, the openssl program, and a client (OpenSSL's own) at the other end of a socket pair.

#include <array>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/tls/identity.hpp"
#include "gateway/tls/openssl.hpp"
#include "gateway/tls/pem.hpp"
#include "gateway/tls/server_context.hpp"
#include "gateway/tls/session.hpp"

namespace tenter::tls {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string name = (std::filesystem::temp_directory_path() / "tenter-tls-XXXXXX").string();
        path_ = ::mkdtemp(name.data());
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() { std::filesystem::remove_all(path_); }

    [[nodiscard]] std::string file(std::string_view name) const { return path_ + "/" + std::string(name); }
    [[nodiscard]] const std::string& path() const { return path_; }
    void write(std::string_view name, std::string_view content) const { std::ofstream(file(name)) << content; }
    [[nodiscard]] std::string read(std::string_view name) const {
        std::stringstream content;
        content << std::ifstream(file(name)).rdbuf();
        return content.str();
    }

private:
    std::string path_;
};

struct Ran {
    int exit_code = -1;
    std::string output;  ///< Both streams.
};

inline Ran run(const std::string& command) {
    Ran ran;
    FILE* const pipe = ::popen(("(" + command + ") 2>&1").c_str(), "r");
    std::array<char, 4096> piece{};
    while (const std::size_t got = std::fread(piece.data(), 1, piece.size(), pipe)) ran.output.append(piece.data(), got);
    const int status = ::pclose(pipe);
    ran.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return ran;
}

/// An authority and a server's certificate for 127.0.0.1 and tenter.example, made by the openssl program. `algorithm`: arguments of
/// `openssl req -newkey`.
inline Identity made_by_openssl(const TemporaryFolder& folder, const std::string& algorithm) {
    folder.write("leaf.conf", "subjectAltName=DNS:tenter.example,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n");
    const std::string made = "cd '" + folder.path() + "' && openssl req -x509 -newkey " + algorithm +
                             " -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Test-CA -addext keyUsage=critical,keyCertSign" +
                             " && openssl req -newkey " + algorithm + " -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf" +
                             " && openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -set_serial 7 -days 20 -extfile leaf.conf" +
                             " -out leaf.pem";
    const Ran ran = run(made);
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    return {.certificates = folder.read("leaf.pem"), .key = Secret(folder.read("leaf.key")), .authority = folder.read("ca.pem")};
}

/// Two connected sockets that never wait: ours and the client's.
struct SocketPair {
    SocketPair() {
        std::signal(SIGPIPE, SIG_IGN);
        std::array<int, 2> ends{};
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()), 0);
        server = ends[0];
        client = ends[1];
    }
    SocketPair(const SocketPair&) = delete;
    SocketPair& operator=(const SocketPair&) = delete;
    ~SocketPair() {
        ::close(server);
        if (client >= 0) ::close(client);
    }
    void close_client() { ::close(std::exchange(client, -1)); }
    void send(std::string_view bytes) const {
        EXPECT_EQ(::send(client, bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
    }

    int server = -1;
    int client = -1;
};

using ClientContextPtr = std::unique_ptr<SSL_CTX, OpensslDeleter<SSL_CTX_free>>;
using ClientPtr = std::unique_ptr<SSL, OpensslDeleter<SSL_free>>;

/// OpenSSL's client, which trusts `authority` and nobody else.
class TlsClient {
public:
    TlsClient(int socket, const std::string& authority, const char* server_name = nullptr) : context_(SSL_CTX_new(TLS_client_method())) {
        const auto certificates = read_certificates(authority);
        for (const auto& certificate : *certificates) X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), certificate.get());
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
        session_.reset(SSL_new(context_.get()));
        SSL_set_fd(session_.get(), socket);
        if (server_name != nullptr)
            SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(server_name));
        SSL_set_connect_state(session_.get());
    }

    [[nodiscard]] SSL* native() const { return session_.get(); }
    int handshake() { return SSL_do_handshake(session_.get()); }
    void use_at_most(int version) { SSL_set_max_proto_version(session_.get(), version); }
    int write(std::string_view bytes) { return SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())); }
    std::string read() {
        std::array<char, 32768> bytes{};
        const int got = SSL_read(session_.get(), bytes.data(), static_cast<int>(bytes.size()));
        return got > 0 ? std::string(bytes.data(), static_cast<std::size_t>(got)) : std::string();
    }

private:
    ClientContextPtr context_;
    ClientPtr session_;
};

/// Both sides in turns until ours is over with it.
inline Result<Step> shake_hands(Session& session, TlsClient& client) {
    for (int turn = 0; turn < 100; ++turn) {
        static_cast<void>(client.handshake());
        auto step = session.handshake();
        if (!step || step->progress == Progress::closed) return step;
        if (step->progress == Progress::done && client.handshake() == 1) return step;
    }
    return fail(Errc::unavailable, "no end in 100 turns");
}

}  // namespace tenter::tls
