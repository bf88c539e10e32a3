#pragma once
// bench/load/request_pool.hpp: signed requests, made before the clock starts: generator and server share the machine, so what the generator
// does for each request must be next to nothing.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tenter::load {

/// CloudEvents in structured mode, signed as GitHub does (`X-Hub-Signature-256`).
struct RequestPoolOptions {
    std::string host;                 ///< For the Host header: "127.0.0.1:8080".
    std::string secret;               ///< Key of the HMAC-SHA256 over the body.
    std::vector<std::string> paths;   ///< Of the sources; request i goes to path i modulo their number.
    std::size_t body_bytes = 1024;    ///< Exactly; at least `min_body_bytes`.
    std::size_t min_requests = 4096;  ///< Rounded up to whole rounds over the paths.
    std::uint64_t seed = 1;           ///< Of the events' ids.
};
inline constexpr std::size_t min_body_bytes = 512;

/// The requests' bytes, one beside the other. Ids are unique within the pool. Immutable once made.
class RequestPool {
public:
    explicit RequestPool(const RequestPoolOptions& options);

    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t index) const noexcept {
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(bytes_).substr(begin, ends_[index] - begin);
    }

private:
    std::string bytes_;
    std::vector<std::size_t> ends_;
};

/// A CloudEvent (JSON format) of exactly `bytes` bytes (at least `min_body_bytes`).
[[nodiscard]] std::string cloud_event(std::string_view id, std::size_t number, std::size_t bytes);
/// "sha256=<hex>": HMAC-SHA256 of `body`.
[[nodiscard]] std::string github_signature(std::string_view secret, std::string_view body);

}  // namespace tenter::load
