// Bytes that claim to be a request of a Kafka client, of every key and version: what decodes is written again, and that decodes to the same
// request, which is no longer than what came (tagged fields that nobody knows are gone). The fuzzer would spend most of its time on keys
// that are not offered, so each input is also tried as every request in every version.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <variant>
#include <vector>

#include "gateway/kafka_protocol/codec.hpp"

namespace {

using namespace tenter;
using namespace tenter::kafka_protocol;

void require(bool condition) {
    if (!condition) std::abort();
}

Bytes written(const Request& request) {
    const auto frame = std::visit([&](const auto& body) { return encode_request(request.header, body); }, request.body);
    require(frame.has_value());
    return frame->joined().substr(4);
}

/// `bytes` has memory of its own: a read beyond it is seen.
void check(const std::vector<char>& bytes) {
    const BytesView view(bytes.data(), bytes.size());
    const auto request = decode_request(view);
    if (!request) return require(!request.error().message.empty());
    require(is_offered(request->header.request_api_key, request->header.request_api_version));
    const Bytes once = written(*request);
    require(once.size() <= bytes.size());
    const auto again = decode_request(once);
    require(again.has_value() && again->body.index() == request->body.index());
    require(written(*again) == once);
}

void write_head(std::vector<char>& bytes, ApiKey key, std::int16_t version) {
    const auto number = static_cast<std::uint16_t>(key);
    bytes[0] = static_cast<char>(number >> 8U);
    bytes[1] = static_cast<char>(number);
    bytes[2] = 0;
    bytes[3] = static_cast<char>(version);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<char> bytes(data, data + size);
    check(bytes);
    if (bytes.size() < 4) return 0;
    for (const auto& api : offered_apis()) {
        for (std::int16_t version = api.offered.first; version <= api.offered.last; ++version) {
            write_head(bytes, api.key, version);
            check(bytes);
        }
    }
    return 0;
}
