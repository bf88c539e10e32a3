// Input: Elytra's plain form. What is taken is an event with what the accessors promise, and JSON.

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "tenter/elytra/parse.hpp"
#include "tenter/event/json.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenter;
    const BytesView text(reinterpret_cast<const char*>(data), size);
    const auto made = elytra::from_plain_form(text, {.id = "1"});
    if (!made) return 0;
    if (!event::check_json(text) || !event::check_json(made->raw_data()) || !made->validate()) std::abort();
    if (!made->get_event_type() || !made->get_operation()) std::abort();
    return 0;
}
