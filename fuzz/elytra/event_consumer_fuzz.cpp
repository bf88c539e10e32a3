// Input: an event-consumer document. What is read is written, and reads the same again.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tenter/elytra/event_consumer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenter::elytra;
    const auto consumer = try_parse_event_consumer({reinterpret_cast<const char*>(data), size});
    if (!consumer) {
        if (consumer.error().empty()) std::abort();
        return 0;
    }
    const auto written = try_write_event_consumer(*consumer);
    if (!written || write_event_consumer(parse_event_consumer(*written)) != *written) std::abort();
    return 0;
}
