// Input: a datum. What is decoded and encoded again must decode to the same envelope, with equal header names brought together.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "tenter/envelope/envelope.hpp"

namespace {

using namespace tenter;
using namespace tenter::envelope;

void require(bool condition) {
    if (!condition) std::abort();
}

std::vector<HeaderView> headers_of(const Envelope& envelope) {
    std::vector<HeaderView> headers;
    envelope.headers.for_each([&](std::string_view name, std::string_view value) { headers.push_back({name, value}); });
    return headers;
}

std::vector<std::string_view> values_of(const std::vector<HeaderView>& headers, std::string_view name) {
    std::vector<std::string_view> values;
    for (const auto& header : headers)
        if (header.name == name) values.push_back(header.value);
    return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto envelope = decode({reinterpret_cast<const char*>(data), size});
    if (!envelope) return 0;
    const auto headers = headers_of(*envelope);
    Bytes datum;
    encode({.method = envelope->method, .headers = headers, .payload = envelope->payload, .encoding = envelope->encoding}, datum);
    const auto again = decode(datum);
    require(again.has_value());
    require(again->method == envelope->method && again->payload == envelope->payload && again->encoding == envelope->encoding);
    const auto headers_again = headers_of(*again);
    require(headers_again.size() == headers.size());
    if (headers.size() > 200) return 0;  // the comparison below is quadratic
    for (const auto& header : headers) require(values_of(headers, header.name) == values_of(headers_again, header.name));
    return 0;
}
