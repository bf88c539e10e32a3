// Input: a configuration file. It is read, or refused with faults in the order of the file, and no fault holds a secret. Files are looked
// for on an empty simulated disk but for one, so that no input reaches the machine's own.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "gateway/config/config.hpp"
#include "tenter/base/env_testing.hpp"

namespace {

using namespace tenter;

constexpr std::string_view secret = "swordfish-of-the-fuzzer";

void require(bool condition) {
    if (!condition) std::abort();
}

CrashSimulatingEnv& disk() {
    static CrashSimulatingEnv env;
    static const bool written = [] {
        const auto file = env.open("s", OpenMode::create);
        return file && write_all(**file, secret, 0);
    }();
    require(written);
    return env;
}

std::optional<std::string> environment(const std::string& name) {
    if (name.empty()) return std::nullopt;
    return std::string(secret);
}

void check_faults(const config::Faults& faults, std::string_view text) {
    require(!faults.empty());
    const auto lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n')) + 1;
    std::pair<std::uint32_t, std::uint32_t> before{};
    for (const auto& fault : faults) {
        require(!fault.message.empty() && fault.line <= lines);
        require(std::pair(fault.line, fault.column) >= before);
        before = {fault.line, fault.column};
        require(text.contains(secret) || !config::to_string(fault).contains(secret));
    }
}

void check_config(const config::Config& config) {
    require(config.log.journal_bytes / 2 >= 2 * config.http.max_body_bytes + 4 * config.http.max_header_bytes);
    for (const auto& source : config.sources) {
        require(!source.name.empty() && source.path.starts_with('/') && source.path != "/healthz" && source.path != "/readyz");
        require(config::make_verifier(source.verify).has_value());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto config = config::parse(disk(), text, "tenter.toml", environment);
    if (config) {
        check_config(*config);
    } else {
        check_faults(config.error(), text);
    }
    return 0;
}
