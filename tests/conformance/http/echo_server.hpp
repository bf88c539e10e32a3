#pragma once
// A Server on a free port whose handler tells back what it was given, and keeps what the server reported.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/http/server.hpp"

namespace tenter::http::testing {

/// Answers 200 with "<method> <target>\n<body>". Tests may put something else in its place for one path.
class EchoHandler final : public Handler {
public:
    void handle(const Request& request, Responder responder) override {
        if (special && special(request, responder)) return;
        std::string body(request.message.method);
        body.append(" ").append(request.message.target).append("\n").append(request.message.body);
        std::move(responder).send({.status = 200, .body = std::move(body), .content_type = "text/plain", .headers = {}});
    }

    /// Set before the server starts. True: the request is dealt with.
    std::function<bool(const Request&, Responder&)> special;
};

struct SeenRejection {
    unsigned status = 0;
    std::string reason;
    std::string peer;
};

class EchoServer {
public:
    explicit EchoServer(ServerOptions options = {}, std::function<bool(const Request&, Responder&)> special = {})
        : server_(
              with_port(std::move(options)), clock_, handler_, [this](const Rejection& rejection) { keep(rejection); },
              [](unsigned status, std::string_view reason) { return std::to_string(status) + " " + std::string(reason); }) {
        handler_.special = std::move(special);
        started_ = server_.start();
    }

    [[nodiscard]] const Result<void>& started() const { return started_; }
    [[nodiscard]] std::uint16_t port() const { return server_.addresses().at(0).port; }
    [[nodiscard]] Server& server() { return server_; }

    /// Waits until `count` rejections were reported; the reports so far.
    std::vector<SeenRejection> rejections(std::size_t count) {
        std::unique_lock lock(mutex_);
        arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return rejections_.size() >= count; });
        return rejections_;
    }

private:
    static ServerOptions with_port(ServerOptions options) {
        if (options.listen.empty()) options.listen = {{.host = "127.0.0.1", .port = 0}};
        if (options.threads == 0) options.threads = 2;
        return options;
    }
    void keep(const Rejection& rejection) {
        const std::scoped_lock lock(mutex_);
        rejections_.push_back({rejection.status, std::string(rejection.reason), std::string(rejection.peer)});
        arrived_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<SeenRejection> rejections_;
    SystemClock clock_;
    EchoHandler handler_;
    Server server_;
    Result<void> started_;
};

}  // namespace tenter::http::testing
