#pragma once
// gateway/http/response_writer.hpp: answers as bytes (RFC 9112 section 4). Head and body go into one buffer and out with one write.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/http/server.hpp"
#include "tenter/base/clock.hpp"

namespace tenter::http {

/// The value of the Date header, made anew once a second. Belongs to one thread.
class HttpDate {
public:
    /// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7). The view lives until the next call.
    [[nodiscard]] std::string_view at(UnixMillis now);

private:
    std::int64_t second_ = -1;
    std::array<char, 32> text_{};
};

/// What the Connection header says: nothing, or what this version of HTTP would not assume by itself.
enum class ConnectionField : std::uint8_t { none, close, keep_alive };

struct ResponseFraming {
    bool without_body = false;  ///< The answer to HEAD: as for GET, but nothing after the head (RFC 9110 section 9.3.2).
    ConnectionField connection = ConnectionField::none;
    std::string_view date;
};

/// Appends the answer to `out`. Statuses 1xx, 204 and 304 carry no body. A header that the handler gives must not break out of its line:
/// CR, LF and NUL become spaces (RFC 9110 section 5.5).
void append_response(std::string& out, const Response& response, const ResponseFraming& framing);

}  // namespace tenter::http
