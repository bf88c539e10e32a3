#include "tenter/base/secret_source.hpp"

#include <cstdlib>
#include <utility>

namespace tenter {
namespace {

constexpr std::size_t largest_secret = 64 * 1024;

}  // namespace

Environment process_environment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* const value = std::getenv(name.c_str());
        return value == nullptr ? std::nullopt : std::optional<std::string>(value);
    };
}

Result<Secret> secret_from_environment(const std::string& name, const Environment& environment) {
    auto value = environment(name);
    if (!value) return fail(Errc::invalid_input, "the environment variable " + name + " is not set");
    if (value->empty()) return fail(Errc::invalid_input, "the environment variable " + name + " is empty");
    return Secret(std::move(*value));
}

Result<Secret> secret_from_file(Env& env, const std::string& path) {
    auto content = read_file(env, path, largest_secret);
    if (!content) return fail(std::move(content.error()).within("cannot be read"));
    if (content->ends_with('\n')) content->pop_back();
    if (content->ends_with('\r')) content->pop_back();
    if (content->empty()) return fail(Errc::invalid_input, path + " is empty");
    return Secret(std::move(*content));
}

Result<Secret> secret_from_file(const std::string& path) {
    PosixEnv env;
    return secret_from_file(env, path);
}

}  // namespace tenter
