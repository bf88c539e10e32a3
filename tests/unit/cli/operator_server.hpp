#pragma once
// tests/unit/cli/operator_server.hpp: the gateway's end of the control socket, answering what a test says.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include "gateway/kafka_protocol/codec.hpp"

namespace tenter::cli {

/// A folder of its own, removed at the end.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "tenter-cli-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data()) == nullptr ? "" : pattern;
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    [[nodiscard]] const std::string& path() const { return path_; }

private:
    std::string path_;
};

/// Serves one connection after the other on a thread of its own.
class OperatorServer {
public:
    /// Gets a request, gives the octets to send, size in front; none: the connection is closed.
    using Handler = std::function<Bytes(const kafka_protocol::Request&)>;

    OperatorServer(const std::string& folder, Handler handler) : handler_(std::move(handler)) {
        std::error_code ignored;
        const auto before = std::filesystem::current_path(ignored);
        std::filesystem::current_path(folder);  // an address has no room for long paths
        listening_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::string("control.sock").copy(static_cast<char*>(address.sun_path), sizeof(address.sun_path) - 1);
        EXPECT_EQ(::bind(listening_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
        EXPECT_EQ(::listen(listening_, 8), 0);
        std::filesystem::current_path(before);
        thread_ = std::thread([this] { serve(); });
    }
    OperatorServer(const OperatorServer&) = delete;
    OperatorServer& operator=(const OperatorServer&) = delete;
    ~OperatorServer() {
        ::shutdown(listening_, SHUT_RDWR);
        if (const int connection = connection_.load(); connection >= 0) ::shutdown(connection, SHUT_RDWR);
        thread_.join();
        ::close(listening_);
    }

    /// Sends this many octets at a time.
    std::size_t piece = 1 << 20;

private:
    void serve() {
        for (;;) {
            const int connection = ::accept(listening_, nullptr, nullptr);
            if (connection < 0) return;
            connection_ = connection;
            while (answer_one(connection)) continue;
            connection_ = -1;
            ::close(connection);
        }
    }
    bool answer_one(int connection) {
        Bytes size(4, '\0');
        if (!read(connection, size)) return false;
        std::size_t length = 0;
        for (const char byte : size) length = (length << 8) | static_cast<unsigned char>(byte);
        Bytes frame(length, '\0');
        if (!read(connection, frame)) return false;
        const auto request = kafka_protocol::decode_request(frame);
        EXPECT_TRUE(request) << request.error().message;
        if (!request) return false;
        Bytes answer = handler_(*request);
        for (BytesView rest = answer; !rest.empty();) {
            const ssize_t sent = ::send(connection, rest.data(), std::min(piece, rest.size()), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            rest.remove_prefix(static_cast<std::size_t>(sent));
        }
        return !answer.empty();
    }
    static bool read(int connection, std::span<char> out) {
        while (!out.empty()) {
            const ssize_t got = ::recv(connection, out.data(), out.size(), 0);
            if (got <= 0) return false;
            out = out.subspan(static_cast<std::size_t>(got));
        }
        return true;
    }

    Handler handler_;
    int listening_ = -1;
    std::atomic<int> connection_ = -1;
    std::thread thread_;
};

/// The answer to that request, in its version.
template <class Response>
Bytes answer_to(const kafka_protocol::Request& request, const Response& response) {
    const auto frame = kafka_protocol::encode_response(request.header.correlation_id, request.header.request_api_version, response);
    EXPECT_TRUE(frame) << frame.error().message;
    return frame ? frame->joined() : Bytes();
}

}  // namespace tenter::cli
