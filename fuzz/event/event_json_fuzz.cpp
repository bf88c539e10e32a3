// Input: any text. What is JSON stays JSON between brackets and spaces, and no pointer into it fails.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "tenter/event/json.hpp"

namespace {

using namespace tenter;
using namespace tenter::event;

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView text(reinterpret_cast<const char*>(data), size);
    if (!check_json(text)) return 0;
    require(check_json(" \n" + std::string(text) + "\t\r").has_value());
    require(!check_json(std::string(text) + ",").has_value());
    const auto whole = json_pointer_text(text, "");
    const std::string wrapped = "{\"x\":0,\"a/b\":" + std::string(text) + "}";
    const auto inside = json_pointer_text(wrapped, "/a~1b");
    require(whole.has_value() && inside.has_value() && *whole == *inside);
    require(json_pointer_text(text, "/a/0").has_value() && json_pointer_text(text, "/0").has_value());
    return 0;
}
