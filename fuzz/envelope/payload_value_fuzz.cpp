// Input: first byte chooses the encoding, the rest is a payload. It is read the same by way of a tree and straight into a struct, and CBOR
// that is read is well-formed.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <boost/describe/class.hpp>
#include <boost/json/value.hpp>

#include "tenter/envelope/payload_value.hpp"

namespace {

using namespace tenter;
using namespace tenter::envelope;

struct Line {
    std::string sku;
    std::optional<std::int64_t> quantity;
    std::optional<double> price;

    bool operator==(const Line&) const = default;
};
BOOST_DESCRIBE_STRUCT(Line, (), (sku, quantity, price))

struct Order {
    std::optional<std::string> id;
    std::optional<bool> paid;
    std::optional<std::uint32_t> number;
    std::vector<Line> lines;

    bool operator==(const Order&) const = default;
};
BOOST_DESCRIBE_STRUCT(Order, (), (id, paid, number, lines))

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    Envelope envelope;
    envelope.encoding = data[0] % 2 == 0 ? Encoding::cbor : Encoding::json;
    envelope.payload = BytesView(reinterpret_cast<const char*>(data) + 1, size - 1);
    const auto value = payload_value(envelope);
    const auto straight = payload_as<Order>(envelope);
    if (!value) {
        require(!straight);
        return 0;
    }
    if (envelope.encoding == Encoding::cbor) require(is_well_formed_cbor(envelope.payload));
    const auto by_tree = event::value_as<Order>(*value);
    require(by_tree.has_value() == straight.has_value());
    if (by_tree) require(*by_tree == *straight);
    return 0;
}
