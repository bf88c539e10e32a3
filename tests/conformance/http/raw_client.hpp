#pragma once
// A client of bytes: what it sends is what the test wrote, in the pieces that the test chose. It waits with poll, never by the clock.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenter::http::testing {

/// One answer as it stood on the wire.
struct RawResponse {
    unsigned status = 0;
    std::string head;  ///< Status line and headers, without the empty line.
    std::string body;

    /// The value of a header by its exact name; nothing if it is not there.
    [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

/// A TCP connection to 127.0.0.1. Failures to connect throw; everything else is reported. Closes when destroyed.
class RawClient {
public:
    explicit RawClient(std::uint16_t port, int receive_buffer_bytes = 0);
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;
    ~RawClient();

    /// False when the other side does not take the bytes (any more) within `patience`.
    bool send(std::string_view bytes);
    /// Sends until the other side takes nothing for a moment; how much it took.
    std::size_t send_what_fits(std::string_view bytes);
    /// Announces the end of our side: FIN.
    void finish_sending();
    /// Closes with a reset (SO_LINGER 0).
    void reset();

    /// One answer; nothing if the connection ended or stayed silent. `to_head`: a HEAD request has no body, whatever Content-Length says.
    std::optional<RawResponse> receive(bool to_head = false);
    /// True if the other side closes, without another byte.
    bool sees_close();
    /// Everything until the other side closes; nothing if it does not.
    std::optional<std::string> receive_all();

private:
    bool fill();
    std::size_t send_within(std::string_view bytes, std::chrono::milliseconds wait);

    static constexpr std::chrono::milliseconds patience{10'000};
    int socket_ = -1;
    bool ended_ = false;
    std::string received_;
};

}  // namespace tenter::http::testing
