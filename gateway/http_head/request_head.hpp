#pragma once
// gateway/http_head/request_head.hpp: the head of a request, read from raw bytes as strictly as RFC 9112 and RFC 9110 allow.
//
//   POST /github?x=1 HTTP/1.1 CRLF          request line
//   Host: hooks.example CRLF                field lines
//   Content-Length: 5 CRLF
//   CRLF                                    <-- HeadScanner finds this end, parse_request_head reads what is before it
//   hello                                   body: framed as `BodyFraming` says
//
// Two servers that disagree on where a request ends can be made to smuggle one into another, so everything that some server somewhere
// reads in another way is refused here, with a reason. Pure functions over views: no I/O, no allocation but the list of headers.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string_view>
#include <vector>

#include "tenter/base/http_message.hpp"

namespace tenter::http {

/// Why a request is not served, and with which status. `reason` is a literal: it never holds the request's own bytes.
struct Refusal {
    unsigned status = 400;
    std::string_view reason;
};

/// How the end of the body is known (RFC 9112 section 6.3).
enum class BodyFraming : std::uint8_t { none, content_length, chunked };

/// A head that was accepted. Views point into the parsed bytes, or to literals.
struct RequestHead {
    std::string_view method;  ///< Any token; the server serves no CONNECT and no TRACE.
    std::string_view target;  ///< Path and query, beginning with '/'; "*" for OPTIONS only. An absolute-form target without its authority.
    unsigned minor_version = 1;  ///< HTTP/1.0 or HTTP/1.1
    BodyFraming framing = BodyFraming::none;
    std::uint64_t content_length = 0;
    bool keep_alive = true;         ///< What the sender wishes (RFC 9112 section 9.3).
    bool expects_continue = false;  ///< Never true for HTTP/1.0 (RFC 9110 section 10.1.1).
};

/// Finds the end of a head that arrives in pieces, in time linear in its length. Refuses early what can never become a head, so that a
/// peer that speaks something else (TLS, HTTP/0.9, bare line feeds) is told at once and not by a timeout.
class HeadScanner {
public:
    explicit HeadScanner(std::size_t max_bytes) noexcept : max_bytes_(max_bytes) {}

    /// `bytes` is everything that has arrived of the request, the same bytes as in the call before and perhaps more behind them. The
    /// length of the head with its empty line, or 0 while that is missing. Over the limit: 414 within the request line, else 431.
    [[nodiscard]] std::expected<std::size_t, Refusal> scan(std::string_view bytes) noexcept;
    /// For the next request.
    void reset() noexcept { *this = HeadScanner(max_bytes_); }

private:
    [[nodiscard]] std::expected<std::size_t, Refusal> incomplete(std::string_view bytes) noexcept;

    std::size_t max_bytes_;
    std::size_t line_start_ = 0;  ///< Where the line begins whose end has not arrived.
    std::size_t searched_ = 0;    ///< No line feed between `line_start_` and here.
    bool request_line_judged_ = false;
};

/// Reads a whole head, empty line included. `headers` is overwritten: given in, so that its memory is used again.
[[nodiscard]] std::expected<RequestHead, Refusal> parse_request_head(std::string_view head, std::vector<HeaderView>& headers);

}  // namespace tenter::http
