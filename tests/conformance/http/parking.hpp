#pragma once
// A handler that answers nothing until the test says so.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http/server.hpp"

namespace tenter::http::testing {

/// Keeps the Responders of requests to "/park..."; thread safe.
class Parking {
public:
    /// For EchoServer's `special`.
    bool operator()(const Request& request, Responder& responder) {
        if (!request.message.target.starts_with("/park")) return false;
        const std::scoped_lock lock(mutex_);
        parked_.push_back(std::move(responder));
        arrived_.notify_all();
        return true;
    }

    /// Waits until `count` are parked, and takes all; fewer if they do not come.
    std::vector<Responder> take(std::size_t count) {
        std::unique_lock lock(mutex_);
        arrived_.wait_for(lock, std::chrono::seconds(10), [&] { return parked_.size() >= count; });
        return std::exchange(parked_, {});
    }

private:
    std::mutex mutex_;
    std::condition_variable arrived_;
    std::vector<Responder> parked_;
};

/// For EchoServer, which copies its function.
inline auto into(Parking& parking) {
    return [&parking](const Request& request, Responder& responder) { return parking(request, responder); };
}

inline Response plain(std::string body) { return {.status = 200, .body = std::move(body), .content_type = {}, .headers = {}}; }

}  // namespace tenter::http::testing
