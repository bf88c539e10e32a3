// Input: a batch. Check and decode must decide alike, each element's bytes must be that event, and the batch the same after it was encoded.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tenter/event/event_check.hpp"
#include "tenter/event/json_format.hpp"

namespace {

using namespace tenter;
using namespace tenter::event;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView body(reinterpret_cast<const char*>(data), size);
    const auto checked = check_json_batch(body);
    const auto events = decode_json_batch(body);
    require(checked.has_value() == events.has_value());
    if (!events) return 0;
    require(checked->size() == events->size());
    for (std::size_t i = 0; i < events->size(); ++i) {
        const auto alone = decode_json((*checked)[i].bytes);
        require(alone.has_value() && *alone == (*events)[i]);
    }
    const auto encoded = encode_json_batch(*events);
    require(encoded.has_value());
    const auto again = decode_json_batch(*encoded);
    require(again.has_value() && *again == *events);
    return 0;
}
