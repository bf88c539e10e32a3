#include "tenter/base/kafka_address.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter {
namespace {

constexpr std::string_view pem_begin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view pem_end = "-----END CERTIFICATE-----";

bool is_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), port);
    return fault == std::errc{} && end == text.data() + text.size() && port != 0;
}

bool is_made_of(std::string_view text, std::string_view others) {
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || others.find(c) != std::string_view::npos;
    });
}

}  // namespace

bool is_host_and_port(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || !is_port(text.substr(colon + 1))) return false;
    const auto host = text.substr(0, colon);
    if (!host.starts_with('[')) return is_made_of(host, "-._");
    return host.ends_with(']') && is_made_of(host.substr(1, host.size() - 2), ":.%-_") && host.find(':') != std::string_view::npos;
}

Result<std::string> parse_brokers(std::string_view text) {
    std::string brokers;
    for (int entry = 1;; ++entry) {
        const auto comma = text.find(',');
        const auto broker = trim_ows(text.substr(0, comma));
        if (!is_host_and_port(broker)) return fail(Errc::invalid_input, "entry " + std::to_string(entry) + " is not host:port");
        brokers += broker;
        if (comma == std::string_view::npos) return brokers;
        brokers += ',';
        text.remove_prefix(comma + 1);
    }
}

Result<void> check_pem_certificates(std::string_view text) {
    auto begin = text.find(pem_begin);
    if (begin == std::string_view::npos) return fail(Errc::invalid_input, "no \"" + std::string(pem_begin) + "\" in it");
    for (int block = 1; begin != std::string_view::npos; ++block) {
        text.remove_prefix(begin + pem_begin.size());
        const auto end = text.find(pem_end);
        std::string body(text.substr(0, end));
        std::erase_if(body, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
        const auto decoded = base64_decode(body);
        if (end == std::string_view::npos || !decoded || decoded->empty())
            return fail(Errc::invalid_input, "certificate " + std::to_string(block) + " is damaged");
        text.remove_prefix(end + pem_end.size());
        begin = text.find(pem_begin);
    }
    return {};
}

}  // namespace tenter
