#include "gateway/http_head/request_head.hpp"

#include <array>
#include <charconv>
#include <optional>

#include "gateway/http_head/host.hpp"
#include "tenter/base/text.hpp"

namespace tenter::http {
namespace {

constexpr std::string_view crlf = "\r\n";
/// Longer than any method that is registered (RFC 9112 section 3: answer 501).
constexpr std::size_t max_method_bytes = 32;
/// 10^18 bytes are an exabyte: what is longer is no length but an attack on somebody's integers.
constexpr std::size_t max_content_length_digits = 18;

using ByteSet = std::array<bool, 256>;
using Status = std::expected<void, Refusal>;

constexpr std::size_t index_of(char c) noexcept { return static_cast<unsigned char>(c); }

/// RFC 9110 section 5.6.2.
constexpr ByteSet token_bytes = [] {
    ByteSet set{};
    for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"))
        set[index_of(c)] = true;
    return set;
}();

/// RFC 9110 section 5.5: visible ASCII, space, tab, and bytes over 0x7F.
constexpr ByteSet field_value_bytes = [] {
    ByteSet set{};
    for (std::size_t i = 0x20; i < 256; ++i) set[i] = i != 0x7F;
    set[index_of('\t')] = true;
    return set;
}();

std::unexpected<Refusal> refuse(unsigned status, std::string_view reason) noexcept { return std::unexpected(Refusal{status, reason}); }

std::size_t token_length(std::string_view text) noexcept {
    std::size_t length = 0;
    while (length < text.size() && token_bytes[index_of(text[length])]) ++length;
    return length;
}

/// Names the first byte that must not stand in a line, for the operator who looks for the sender of it.
std::string_view control_reason(char c) noexcept {
    switch (c) {
        case '\r': return "bare CR";
        case '\n': return "bare LF";
        case '\0': return "NUL byte";
        default: return "control byte";
    }
}

bool is_control(char c) noexcept { return index_of(c) < 0x20 || c == 0x7F; }

std::unexpected<Refusal> wrong_method_byte(char c) noexcept {
    return refuse(400, is_control(c) ? control_reason(c) : "invalid byte in the method");
}

/// What a TLS handshake begins with: the commonest thing on a plain port that is not HTTP.
constexpr char tls_handshake = 0x16;

std::unexpected<Refusal> wrong_first_byte(char c) noexcept {
    return c == tls_handshake ? refuse(400, "TLS on a port that speaks plain HTTP") : wrong_method_byte(c);
}

struct RequestLine {
    std::string_view method;
    std::string_view target;
    unsigned minor_version = 1;
};

std::expected<unsigned, Refusal> parse_version(std::string_view text) noexcept {
    const bool well_formed =
        text.size() == 8 && text.starts_with("HTTP/") && is_ascii_digit(text[5]) && text[6] == '.' && is_ascii_digit(text[7]);
    if (!well_formed) return refuse(400, "malformed request line");
    if (text == "HTTP/1.1") return 1;
    if (text == "HTTP/1.0") return 0;
    return refuse(505, "HTTP version other than 1.0 and 1.1");
}

Status check_target_bytes(std::string_view target) noexcept {
    for (const char c : target) {
        if (is_control(c)) return refuse(400, control_reason(c));
        if (index_of(c) > 0x7F) return refuse(400, "byte over 0x7F in the target");
        if (c == '#') return refuse(400, "fragment in the target");
    }
    return {};
}

std::expected<RequestLine, Refusal> parse_request_line(std::string_view line) noexcept {
    RequestLine out;
    const std::size_t method_end = token_length(line);
    if (method_end == line.size()) return refuse(400, "malformed request line");
    if (line[method_end] != ' ' || method_end == 0) return wrong_method_byte(line[method_end]);
    if (method_end > max_method_bytes) return refuse(501, "method too long");
    out.method = line.substr(0, method_end);

    const std::string_view rest = line.substr(method_end + 1);
    const std::size_t target_end = rest.find(' ');
    out.target = rest.substr(0, target_end);
    if (out.target.empty()) return refuse(400, "malformed request line");
    if (auto ok = check_target_bytes(out.target); !ok) return std::unexpected(ok.error());
    if (target_end == std::string_view::npos) return refuse(505, "request line without a version (HTTP/0.9)");

    const auto minor = parse_version(rest.substr(target_end + 1));
    if (!minor) return std::unexpected(minor.error());
    out.minor_version = *minor;
    return out;
}

std::expected<HeaderView, Refusal> parse_field_line(std::string_view line) noexcept {
    const std::size_t name_end = token_length(line);
    if (name_end == line.size()) return refuse(400, "header line without a colon");
    const char after = line[name_end];
    if (after != ':' || name_end == 0) {
        if (after == ' ' || after == '\t')
            return refuse(400, name_end == 0 ? "folded header line (obs-fold)" : "white space before the colon");
        return refuse(400, is_control(after) ? control_reason(after) : "invalid byte in a header name");
    }
    const std::string_view value = line.substr(name_end + 1);
    for (const char c : value)
        if (!field_value_bytes[index_of(c)]) return refuse(400, control_reason(c));
    return HeaderView{line.substr(0, name_end), trim_ows(value)};
}

/// What the fields say about framing, collected line by line and judged when all are known.
class FramingFields {
public:
    Status take(const HeaderView& field) noexcept {
        // The length tells nearly all other names apart before anything is compared.
        switch (field.name.size()) {
            case 4: return equals_ignoring_case(field.name, "host") ? take_host(field.value) : Status{};
            case 6: return equals_ignoring_case(field.name, "expect") ? take_expect(field.value) : Status{};
            case 10:
                if (equals_ignoring_case(field.name, "connection")) take_connection(field.value);
                return {};
            case 14: return equals_ignoring_case(field.name, "content-length") ? take_content_length(field.value) : Status{};
            case 17: return equals_ignoring_case(field.name, "transfer-encoding") ? take_transfer_encoding(field.value) : Status{};
            default: return {};
        }
    }

    Status finish(RequestHead& head) const noexcept {
        if (!host_ && head.minor_version == 1) return refuse(400, "Host missing");
        if (chunked_ && content_length_) return refuse(400, "Content-Length together with Transfer-Encoding");
        if (chunked_ && head.minor_version == 0) return refuse(400, "Transfer-Encoding on HTTP/1.0");
        if (unknown_expectation_ && head.minor_version == 1) return refuse(417, "unknown expectation");
        head.framing = chunked_ ? BodyFraming::chunked : content_length_ ? BodyFraming::content_length : BodyFraming::none;
        head.content_length = content_length_.value_or(0);
        head.keep_alive = !close_ && (head.minor_version == 1 || keep_alive_);
        head.expects_continue = continue_ && head.minor_version == 1;
        return {};
    }

    [[nodiscard]] std::optional<std::string_view> host() const noexcept { return host_; }

private:
    Status take_host(std::string_view value) noexcept {
        if (host_) return refuse(400, "Host repeated");
        if (const std::string_view fault = host_fault(value); !fault.empty()) return refuse(400, fault);
        host_ = value;
        return {};
    }

    Status take_expect(std::string_view value) noexcept {
        (equals_ignoring_case(value, "100-continue") ? continue_ : unknown_expectation_) = true;
        return {};
    }

    void take_connection(std::string_view list) noexcept {
        while (!list.empty()) {
            const std::size_t comma = list.find(',');
            const std::string_view option = trim_ows(list.substr(0, comma));
            close_ = close_ || equals_ignoring_case(option, "close");
            keep_alive_ = keep_alive_ || equals_ignoring_case(option, "keep-alive");
            list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
        }
    }

    Status take_content_length(std::string_view value) noexcept {
        if (content_length_) return refuse(400, "Content-Length repeated");
        if (value.empty() || value.find_first_not_of("0123456789") != std::string_view::npos)
            return refuse(400, "Content-Length is not one decimal number");
        if (value.size() > max_content_length_digits) return refuse(400, "Content-Length has too many digits");
        std::uint64_t length = 0;
        std::from_chars(value.data(), value.data() + value.size(), length);
        content_length_ = length;
        return {};
    }

    Status take_transfer_encoding(std::string_view value) noexcept {
        if (chunked_) return refuse(400, "Transfer-Encoding repeated");
        if (!equals_ignoring_case(value, "chunked")) return refuse(400, "Transfer-Encoding other than chunked");
        chunked_ = true;
        return {};
    }

    std::optional<std::string_view> host_;
    std::optional<std::uint64_t> content_length_;
    bool chunked_ = false;
    bool close_ = false;
    bool keep_alive_ = false;
    bool continue_ = false;
    bool unknown_expectation_ = false;
};

/// Takes scheme and authority off an absolute-form target. RFC 9112 section 3.2.2 lets the authority win over Host; a sender for whom they
/// differ breaks section 3.2, and is refused rather than guessed at.
Status strip_authority(std::string_view& target, std::optional<std::string_view> host) noexcept {
    const bool secure = starts_with_ignoring_case(target, "https://");
    if (!secure && !starts_with_ignoring_case(target, "http://")) return refuse(400, "target is neither a path nor an http URL");
    const std::string_view rest = target.substr(secure ? 8 : 7);
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?"));
    if (const std::string_view fault = host_fault(authority); !fault.empty()) return refuse(400, fault);
    if (host && !equals_ignoring_case(*host, authority)) return refuse(400, "authority of the target differs from Host");
    target = rest.substr(authority.size());
    if (target.empty()) target = "/";
    if (target.front() == '?') return refuse(400, "absolute target with a query but no path");
    return {};
}

Status check_form(RequestHead& head, std::optional<std::string_view> host) noexcept {
    if (head.method == "CONNECT" || head.method == "TRACE") return refuse(501, "CONNECT and TRACE are not served");
    if (head.target.front() == '/') return {};
    if (head.target == "*") return head.method == "OPTIONS" ? Status{} : refuse(400, "target * with a method other than OPTIONS");
    return strip_authority(head.target, host);
}

}  // namespace

std::expected<std::size_t, Refusal> HeadScanner::scan(std::string_view bytes) noexcept {
    if (!bytes.empty() && !token_bytes[index_of(bytes.front())] && bytes.front() != '\r') return wrong_first_byte(bytes.front());
    for (;;) {
        const std::size_t line_feed = bytes.find('\n', searched_);
        if (line_feed == std::string_view::npos) {
            searched_ = bytes.size();
            return incomplete(bytes);
        }
        if (line_feed == line_start_ || bytes[line_feed - 1] != '\r') return refuse(400, "bare LF");
        const bool empty_line = line_feed == line_start_ + 1;
        if (empty_line && line_start_ == 0) return refuse(400, "empty line in place of a request line");
        if (line_start_ == 0 && line_feed >= max_bytes_) return refuse(414, "request line over the limit");
        line_start_ = searched_ = line_feed + 1;
        if (empty_line)
            return line_start_ > max_bytes_ ? refuse(431, "head over the limit") : std::expected<std::size_t, Refusal>(line_start_);
    }
}

std::expected<std::size_t, Refusal> HeadScanner::incomplete(std::string_view bytes) noexcept {
    const bool in_request_line = line_start_ == 0;
    if (!in_request_line && !request_line_judged_) {
        if (auto line = parse_request_line(bytes.substr(0, bytes.find(crlf))); !line) return std::unexpected(line.error());
        request_line_judged_ = true;
    }
    if (bytes.size() < max_bytes_) return 0;
    return in_request_line ? refuse(414, "request line over the limit") : refuse(431, "head over the limit");
}

std::expected<RequestHead, Refusal> parse_request_head(std::string_view head, std::vector<HeaderView>& headers) {
    headers.clear();
    std::size_t end = head.find(crlf);
    if (end == std::string_view::npos) return refuse(400, "malformed request line");
    const auto line = parse_request_line(head.substr(0, end));
    if (!line) return std::unexpected(line.error());

    FramingFields framing;
    for (std::size_t start = end + 2;; start = end + 2) {
        end = head.find(crlf, start);
        if (end == std::string_view::npos) return refuse(400, "head without its empty line");
        if (end == start) break;
        const auto field = parse_field_line(head.substr(start, end - start));
        if (!field) return std::unexpected(field.error());
        if (auto ok = framing.take(*field); !ok) return std::unexpected(ok.error());
        headers.push_back(*field);
    }

    RequestHead out;
    out.method = line->method;
    out.target = line->target;
    out.minor_version = line->minor_version;
    if (auto ok = check_form(out, framing.host()); !ok) return std::unexpected(ok.error());
    if (auto ok = framing.finish(out); !ok) return std::unexpected(ok.error());
    return out;
}

}  // namespace tenter::http
