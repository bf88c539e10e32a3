// Input: consumers.json. A text that is read is written and read back as itself, and its consumers are as the file may hold them; one that
// is refused is refused with its place.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "gateway/consumers/registry.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenter::consumers;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto registry = decode_registry(text);
    if (!registry) {
        const auto code = registry.error().code;
        require(code == tenter::Errc::corrupt || code == tenter::Errc::unsupported);
        require(!registry.error().message.empty());
        return 0;
    }
    for (const auto& consumer : registry->all()) {
        require(is_consumer_name(consumer.name) && registry->find(consumer.name) == &consumer);
        require(!consumer.sources.empty() && !consumer.secrets.empty() && consumer.secrets.size() <= max_secrets);
        require(!proves(&consumer, text, consumer.created_at));
    }
    const auto again = decode_registry(encode_registry(*registry));
    require(again.has_value() && *again == *registry);
    return 0;
}
