// Input: first byte chooses the content type, the rest is a body. What was stored must give back the body, and be CBOR where it says so.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#include "tenter/envelope/envelope.hpp"

namespace {

using namespace tenter;
using namespace tenter::envelope;

constexpr std::optional<std::string_view> content_types[] = {std::nullopt,         "",          "application/json", "application/cbor",
                                                             "application/x+cbor", "text/plain"};

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto type = content_types[data[0] % std::size(content_types)];
    const BytesView body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto choice = choose_payload(body, type, false);
    const BytesView payload = choice.as_it_is ? body : BytesView(choice.wrapped);
    require(choice.encoding == Encoding::cbor && is_well_formed_cbor(payload));
    std::vector<HeaderView> headers;
    if (type) headers.push_back({"content-type", *type});
    Bytes datum;
    encode({.headers = headers, .payload = payload, .encoding = choice.encoding}, datum);
    const auto decoded = decode(datum);
    require(decoded.has_value());
    const auto back = original_body(*decoded);
    require(back.has_value() && *back == body);
    return 0;
}
