#include "gateway/config/config.hpp"

namespace tenter::config {
namespace {

constexpr std::size_t largest_file = 16 * 1024 * 1024;

}  // namespace

std::string to_string(const Fault& fault) {
    std::string text = fault.file;
    if (fault.line > 0) text += ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column);
    if (!fault.key.empty()) text += ": " + fault.key;
    return text + ": " + fault.message;
}

std::expected<Config, Faults> load(Env& env, const std::string& path, const Environment& environment) {
    const auto text = read_file(env, path, largest_file);
    if (!text) return std::unexpected(Faults{Fault{path, 0, 0, "", "cannot be read: " + text.error().message}});
    return parse(env, *text, path, environment);
}

}  // namespace tenter::config
