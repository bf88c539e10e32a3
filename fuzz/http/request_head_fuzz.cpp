// Heads from strangers: nothing crashes, the end is found alike wherever the bytes are cut, and what is accepted is what RFC 9112 allows.
#include <cstdint>
#include <cstdlib>

#include "gateway/http_head/request_head.hpp"

namespace {

using namespace tenter;
using namespace tenter::http;

constexpr std::size_t max_bytes = 512;

void require(bool condition) {
    if (!condition) std::abort();
}

void check_accepted(const RequestHead& head, const std::vector<HeaderView>& headers) {
    require(!head.method.empty() && !head.target.empty());
    require(head.target.front() == '/' || (head.target == "*" && head.method == "OPTIONS"));
    require(head.minor_version <= 1);
    for (const char c : head.target) require(c > 0x20 && c < 0x7F && c != '#');
    const bool has_length = count_headers(headers, "content-length") == 1;
    const bool has_coding = count_headers(headers, "transfer-encoding") == 1;
    require(count_headers(headers, "content-length") <= 1 && count_headers(headers, "transfer-encoding") <= 1);
    require(!(has_length && has_coding));
    require((head.framing == BodyFraming::content_length) == has_length && (head.framing == BodyFraming::chunked) == has_coding);
    require(count_headers(headers, "host") <= 1 && (head.minor_version == 0 || count_headers(headers, "host") == 1));
    for (const HeaderView& header : headers) {
        require(!header.name.empty() && header.name.find_first_of(" \t:\r\n") == std::string_view::npos);
        require(header.value.find_first_of("\r\n") == std::string_view::npos && header.value.find('\0') == std::string_view::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    std::vector<HeaderView> headers;
    const auto any = parse_request_head(bytes, headers);  // also what no scanner would let through
    if (any) check_accepted(*any, headers);

    HeadScanner whole(max_bytes);
    const auto end = whole.scan(bytes);
    HeadScanner pieces(max_bytes);
    const auto first = pieces.scan(bytes.substr(0, bytes.size() * data[0] / 256));
    if (!first) {
        require(!end || !parse_request_head(bytes.substr(0, *end), headers) || *end == 0);  // refused early, so refused
        return 0;
    }
    const auto second = *first == 0 ? pieces.scan(bytes) : first;
    require(second.has_value() == end.has_value() && (!end || *second == *end));
    if (!end || *end == 0) return 0;
    const auto head = parse_request_head(bytes.substr(0, *end), headers);
    if (head) check_accepted(*head, headers);
    return 0;
}
