// Input: header lines "name:value", an empty line, the data. Check and decode must decide alike, and the event be the same after it was
// encoded in binary mode.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "tenter/event/event_check.hpp"
#include "tenter/event/http_binding.hpp"

namespace {

using namespace tenter;
using namespace tenter::event;

void require(bool condition) {
    if (!condition) std::abort();
}

std::vector<HeaderView> take_headers(BytesView& rest) {
    std::vector<HeaderView> headers;
    while (!rest.empty()) {
        const auto end = rest.find('\n');
        const BytesView line = rest.substr(0, end);
        rest.remove_prefix(end == BytesView::npos ? rest.size() : end + 1);
        if (line.empty()) break;
        const auto colon = line.find(':');
        if (colon != BytesView::npos) headers.push_back({line.substr(0, colon), line.substr(colon + 1)});
    }
    return headers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    BytesView body(reinterpret_cast<const char*>(data), size);
    const auto headers = take_headers(body);
    const auto checked = check_binary_event(headers, body);
    const auto event = decode_binary(headers, body);
    require(checked.has_value() == event.has_value());
    if (!event) return 0;
    require(checked->id == event->id && checked->source == event->source && checked->type == event->type);
    const auto encoded = encode_binary(*event);
    require(encoded.has_value());
    std::vector<HeaderView> headers_again;
    for (const auto& header : encoded->headers) headers_again.push_back({header.name, header.value});
    const auto again = decode_binary(headers_again, encoded->body);
    require(again.has_value() && *again == *event);
    return 0;
}
