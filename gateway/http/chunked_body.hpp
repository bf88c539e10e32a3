#pragma once
// gateway/http/chunked_body.hpp: takes the chunked coding (RFC 9112 section 7.1) off a body that arrives in pieces.
//
//   5;ext=1 CRLF hello CRLF 0 CRLF Trailer: x CRLF CRLF   -->   hello
//
// Beast's push parser does the work; this adds what it leaves open: limits on extensions and trailers (whose content is dropped), and no
// folded trailer lines. Belongs to one thread.

#include <cstddef>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "gateway/http_head/request_head.hpp"

namespace tenter::http {

class ChunkedBody {
public:
    /// `max_body_bytes` bounds the decoded body (beyond: 413); `max_overhead_bytes` the extensions of all chunks together, any one chunk
    /// header, and the trailers (beyond: 400 or 431).
    ChunkedBody(std::size_t max_body_bytes, std::size_t max_overhead_bytes);
    ChunkedBody(const ChunkedBody&) = delete;
    ChunkedBody& operator=(const ChunkedBody&) = delete;
    ~ChunkedBody();

    /// Appends what `raw` holds of the body to `out`. Returns how many bytes of `raw` are done with: the rest comes again, with more
    /// behind it, or belongs to the next request once `complete()`. Not to be called after a refusal or when complete.
    [[nodiscard]] std::expected<std::size_t, Refusal> take(std::string_view raw, std::string& out);
    [[nodiscard]] bool complete() const noexcept;

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

}  // namespace tenter::http
