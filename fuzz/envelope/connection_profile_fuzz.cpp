// Input: a connection profile. One that is read is written and read back as itself; one that is refused is refused without showing its
// secret.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "tenter/envelope/connection_profile.hpp"

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tenter::envelope;
    constexpr std::string_view secret = "s3cret-of-the-corpus";
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto profile = ConnectionProfile::try_from_json(text);
    if (!profile) {
        require(profile.error().message.starts_with("connection profile"));
        require(profile.error().message.find(secret) == std::string::npos);
        return 0;
    }
    const auto again = ConnectionProfile::try_from_json(profile->to_json());
    require(again.has_value() && *again == *profile);
    std::ostringstream shown;
    shown << *profile;
    if (profile->consumer_name.find(secret) == std::string::npos && profile->kafka_bootstrap.find(secret) == std::string::npos)
        require(shown.str().find(secret) == std::string::npos);
    return 0;
}
