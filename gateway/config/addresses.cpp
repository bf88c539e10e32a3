// Where the gateway listens: `listen` of `[http]` and `[kafka]`.
#include <array>
#include <charconv>

#include <arpa/inet.h>

#include "gateway/config/reader.hpp"

namespace tenter::config {
namespace {

bool is_numeric_address(const std::string& host) {
    std::array<unsigned char, 16> ignored{};
    return ::inet_pton(host.find(':') == std::string::npos ? AF_INET : AF_INET6, host.c_str(), ignored.data()) == 1;
}

/// "127.0.0.1:8080", "[::1]:8080".
std::optional<ListenAddress> parse_address(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string host(text.substr(0, colon));
    const std::string_view digits = text.substr(colon + 1);
    const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (bracketed) host = host.substr(1, host.size() - 2);
    if (bracketed != (host.find(':') != std::string::npos) || !is_numeric_address(host)) return std::nullopt;
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || end != digits.data() + digits.size() || digits.empty()) return std::nullopt;
    return ListenAddress{std::move(host), port};
}

}  // namespace

std::optional<std::vector<ListenAddress>> read_addresses(TableReader& table, std::string_view key) {
    const auto texts = table.texts(key);
    if (!texts) return std::nullopt;
    std::vector<ListenAddress> addresses;
    for (const auto& text : *texts) {
        if (auto address = parse_address(text)) {
            addresses.push_back(std::move(*address));
        } else {
            table.fault(key, "expected a numeric address and a port, like \"127.0.0.1:8080\" or \"[::1]:8080\"; found \"" + text + "\"");
        }
    }
    return addresses;
}

}  // namespace tenter::config
