// What decoding a payload costs a consumer: 1 KiB of JSON, and the same as CBOR, into a struct of ten members, straight and by way of a
// tree, beside simdjson's DOM parse of the same text, which makes no struct. Prints one JSON object with nanoseconds, the best of several
// rounds.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <simdjson.h>
#include <boost/json/value.hpp>

#include "bench/order.hpp"
#include "tenter/envelope/payload_value.hpp"

namespace {

using namespace tenter;
using bench::Order;
using bench::order_json;

constexpr int rounds = 25;
constexpr int calls = 20'000;

void put_head(Bytes& out, unsigned major, std::uint64_t argument) {
    const unsigned width = argument < 24 ? 0 : argument <= 0xFF ? 1 : argument <= 0xFFFF ? 2 : 8;
    const std::uint64_t info = width == 0 ? argument : width == 1 ? 24 : width == 2 ? 25 : 27;
    out += static_cast<char>(major << 5 | info);
    for (unsigned i = width; i-- > 0;) out += static_cast<char>(argument >> (8 * i) & 0xFF);
}

void put_text(Bytes& out, std::string_view text) {
    put_head(out, 3, text.size());
    out += text;
}

void put_cbor(Bytes& out, const boost::json::value& value) {
    switch (value.kind()) {
        case boost::json::kind::null: out += '\xF6'; break;
        case boost::json::kind::bool_: out += value.as_bool() ? '\xF5' : '\xF4'; break;
        case boost::json::kind::int64: put_head(out, 0, static_cast<std::uint64_t>(value.as_int64())); break;
        case boost::json::kind::uint64: put_head(out, 0, value.as_uint64()); break;
        case boost::json::kind::double_: {
            out += '\xFB';
            const auto bits = std::bit_cast<std::uint64_t>(value.as_double());
            for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(bits >> shift & 0xFF);
            break;
        }
        case boost::json::kind::string: put_text(out, value.as_string()); break;
        case boost::json::kind::array:
            put_head(out, 4, value.as_array().size());
            for (const auto& element : value.as_array()) put_cbor(out, element);
            break;
        case boost::json::kind::object:
            put_head(out, 5, value.as_object().size());
            for (const auto& [name, member] : value.as_object()) {
                put_text(out, name);
                put_cbor(out, member);
            }
    }
}

envelope::Envelope envelope_of(BytesView payload, envelope::Encoding encoding) {
    envelope::Envelope envelope;
    envelope.payload = payload;
    envelope.encoding = encoding;
    return envelope;
}

/// Nanoseconds of one call, in the quickest round: the others were disturbed.
template <class Function>
double nanoseconds(Function function) {
    double best = 1e18;
    for (int round = 0; round < rounds; ++round) {
        const auto begin = std::chrono::steady_clock::now();
        for (int call = 0; call < calls; ++call) function();
        const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - begin;
        best = std::min(best, took.count() / calls);
    }
    return best;
}

}  // namespace

int main() {
    const std::string text = order_json();
    const auto json = envelope_of(text, envelope::Encoding::json);
    Bytes item;
    put_cbor(item, envelope::payload_value(json).value());
    const auto cbor = envelope_of(item, envelope::Encoding::cbor);
    std::size_t sink = 0;
    const auto by_tree = [&](const envelope::Envelope& envelope) {
        sink += event::value_as<Order>(envelope::payload_value(envelope).value()).value().lines.size();
    };
    const double json_as_ns = nanoseconds([&] { sink += envelope::payload_as<Order>(json).value().lines.size(); });
    const double json_by_tree_ns = nanoseconds([&] { by_tree(json); });
    const double json_value_ns = nanoseconds([&] { sink += envelope::payload_value(json).value().as_object().size(); });
    const double cbor_as_ns = nanoseconds([&] { sink += envelope::payload_as<Order>(cbor).value().lines.size(); });
    const double cbor_by_tree_ns = nanoseconds([&] { by_tree(cbor); });
    const double cbor_value_ns = nanoseconds([&] { sink += envelope::payload_value(cbor).value().as_object().size(); });
    simdjson::dom::parser parser;
    const simdjson::padded_string padded(text);
    const double simdjson_ns = nanoseconds([&] { sink += parser.parse(padded).get_object().value().size(); });
    std::printf(
        "{\"json_bytes\":%zu,\"json_payload_as_ns\":%.0f,\"json_by_tree_ns\":%.0f,\"json_value_ns\":%.0f,\"simdjson_dom_ns\":%.0f,"
        "\"cbor_bytes\":%zu,\"cbor_payload_as_ns\":%.0f,\"cbor_by_tree_ns\":%.0f,\"cbor_value_ns\":%.0f,\"sink\":%zu}\n",
        text.size(), json_as_ns, json_by_tree_ns, json_value_ns, simdjson_ns, item.size(), cbor_as_ns, cbor_by_tree_ns, cbor_value_ns,
        sink % 10);
}
