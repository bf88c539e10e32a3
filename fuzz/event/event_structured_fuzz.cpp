// Input: a structured event. Check and decode must decide alike; an event is JSON, valid, and the same after it was encoded.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tenter/event/event_check.hpp"
#include "tenter/event/json.hpp"
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
    const auto checked = check_json_event(body);
    const auto event = decode_json(body);
    require(checked.has_value() == event.has_value());
    if (!event) {
        require(checked.error().message == event.error().message);
        return 0;
    }
    require(checked->id == event->id && checked->source == event->source && checked->type == event->type);
    require(checked->subject == event->subject);
    require(check_json(body).has_value() && event->validate().has_value());
    const auto encoded = encode_json(*event);
    require(encoded.has_value());
    const auto again = decode_json(*encoded);
    require(again.has_value() && *again == *event);
    return 0;
}
