#include "gateway/http/chunked_body.hpp"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <functional>

#include "tenter/base/assert.hpp"

namespace tenter::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::string_view;
using ErrorCode = boost::beast::error_code;

/// Beast reads bodies only behind a head. Ours has been read and judged already, so it gets the shortest one that says "chunked".
constexpr std::string_view chunked_head = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

bool is_control(char c) noexcept { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

/// True if a quoted string that begins in the first whole line of `rest` does not end in it. Beast would look for its end in the lines
/// that follow, and so wait for input that nobody will send.
bool has_open_quote(std::string_view rest) noexcept {
    if (rest.starts_with("\r\n")) rest.remove_prefix(2);  // the end of the chunk before
    const std::size_t line_end = rest.find("\r\n");
    if (line_end == std::string_view::npos) return false;
    bool open = false;
    for (std::size_t i = 0; i < line_end; ++i) {
        if (rest[i] == '"') open = !open;
        if (rest[i] == '\\' && open) ++i;
    }
    return open;
}

Refusal refusal_for(const ErrorCode& code) noexcept {
    if (code == beast_http::error::body_limit) return {413, "chunked body over the limit"};
    if (code == beast_http::error::header_limit) return {431, "chunk extensions or trailers over the limit"};
    if (code == beast_http::error::bad_chunk_extension) return {400, "malformed chunk header or extension"};
    if (code == beast_http::error::bad_line_ending) return {400, "bare CR in a chunk header"};
    if (code == beast_http::error::bad_chunk) return {400, "malformed chunk size"};
    return {400, "malformed trailer"};
}

}  // namespace

class ChunkedBody::Parser final : public beast_http::basic_parser<true> {
public:
    Parser(std::size_t max_body_bytes, std::size_t max_overhead_bytes) : max_overhead_bytes_(max_overhead_bytes) {
        body_limit(max_body_bytes);
        eager(true);
        ErrorCode code;
        put(boost::asio::const_buffer(chunked_head.data(), chunked_head.size()), code);
        TENTER_ASSERT(is_header_done() && chunked());
    }

    std::expected<std::size_t, Refusal> take(std::string_view raw, std::string& out) {
        out_ = &out;
        raw_ = raw;
        ErrorCode code;
        const std::size_t used = put(boost::asio::const_buffer(raw.data(), raw.size()), code);
        if (code && code != beast_http::error::need_more) return std::unexpected(refusal_for(code));
        if (!is_done() && has_open_quote(raw.substr(used)))
            return std::unexpected(refusal_for(make_error_code(beast_http::error::bad_chunk_extension)));
        // What Beast leaves lying is a chunk header or a trailer section that has not ended.
        if (!is_done() && raw.size() - used > max_overhead_bytes_)
            return std::unexpected(refusal_for(make_error_code(beast_http::error::header_limit)));
        return used;
    }

private:
    void on_request_impl(beast_http::verb, string_view, string_view, int, ErrorCode&) override {}
    void on_response_impl(int, string_view, int, ErrorCode&) override {}
    void on_header_impl(ErrorCode&) override { in_trailers_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    std::size_t on_body_impl(string_view body, ErrorCode&) override { return body.size(); }
    void on_finish_impl(ErrorCode&) override {}

    void on_field_impl(beast_http::field, string_view name, string_view value, ErrorCode& code) override {
        if (!in_trailers_) return;
        trailer_bytes_ += name.size() + value.size() + 4;  // ": " and CRLF
        if (trailer_bytes_ > max_overhead_bytes_) code = beast_http::error::header_limit;
        // Beast joins folded lines in memory of its own: a value outside the input was folded.
        const std::less<> before;
        if (before(value.data(), raw_.data()) || before(raw_.data() + raw_.size(), value.data())) code = beast_http::error::bad_value;
    }

    void on_chunk_header_impl(std::uint64_t, string_view extensions, ErrorCode& code) override {
        extension_bytes_ += extensions.size();
        if (extension_bytes_ > max_overhead_bytes_) code = beast_http::error::header_limit;
        // Beast lets everything pass within quotes.
        if (std::any_of(extensions.begin(), extensions.end(), is_control)) code = beast_http::error::bad_chunk_extension;
    }

    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, ErrorCode&) override {
        out_->append(body.data(), body.size());
        return body.size();
    }

    std::size_t max_overhead_bytes_;
    std::size_t extension_bytes_ = 0;
    std::size_t trailer_bytes_ = 0;
    bool in_trailers_ = false;
    std::string_view raw_;
    std::string* out_ = nullptr;
};

ChunkedBody::ChunkedBody(std::size_t max_body_bytes, std::size_t max_overhead_bytes)
    : parser_(std::make_unique<Parser>(max_body_bytes, max_overhead_bytes)) {}
ChunkedBody::~ChunkedBody() = default;

std::expected<std::size_t, Refusal> ChunkedBody::take(std::string_view raw, std::string& out) { return parser_->take(raw, out); }
bool ChunkedBody::complete() const noexcept { return parser_->is_done(); }

}  // namespace tenter::http
