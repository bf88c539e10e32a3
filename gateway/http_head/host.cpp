#include "gateway/http_head/host.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter::http {
namespace {

bool is_alphanumeric(char c) noexcept { return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'); }

/// RFC 3986 reg-name: unreserved, percent-encoded, sub-delims; without the comma, which lists of hosts are made with.
bool is_registered_name(std::string_view name) noexcept {
    for (std::size_t i = 0; i < name.size(); ++i) {
        if (name[i] == '%') {
            if (i + 2 >= name.size() || hex_digit(name[i + 1]) < 0 || hex_digit(name[i + 2]) < 0) return false;
            i += 2;
        } else if (!is_alphanumeric(name[i]) && std::string_view("-._~!$&'()*+;=").find(name[i]) == std::string_view::npos) {
            return false;
        }
    }
    return !name.empty();
}

/// The inside of "[...]": an IPv6 address by its alphabet. Whose address it is matters to nobody here, only where it ends.
bool is_ip_literal(std::string_view inside) noexcept {
    if (inside.find(':') == std::string_view::npos) return false;
    for (const char c : inside)
        if (hex_digit(c) < 0 && c != ':' && c != '.') return false;
    return true;
}

bool is_port(std::string_view digits) noexcept {
    if (digits.empty()) return true;  // RFC 3986: the port may be empty
    if (digits.size() > 5 || digits.find_first_not_of("0123456789") != std::string_view::npos) return false;
    unsigned port = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), port);
    return port <= 65535;
}

/// The end of the host within `authority`; npos if a bracket is not closed.
std::size_t host_end(std::string_view authority) noexcept {
    if (authority.front() != '[') return std::min(authority.find(':'), authority.size());
    const std::size_t bracket = authority.find(']');
    return bracket == std::string_view::npos ? bracket : bracket + 1;
}

}  // namespace

std::string_view host_fault(std::string_view authority) noexcept {
    if (authority.empty()) return "Host empty";
    if (authority.find('@') != std::string_view::npos) return "Host with user info";
    if (authority.find_first_of("/?#\\") != std::string_view::npos) return "Host with a path";
    if (authority.find(',') != std::string_view::npos) return "Host with a comma";
    const std::size_t end = host_end(authority);
    if (end == std::string_view::npos) return "Host malformed";
    const std::string_view host = authority.substr(0, end);
    const std::string_view port = authority.substr(end);
    const bool host_ok = host.starts_with('[') ? is_ip_literal(host.substr(1, host.size() - 2)) : is_registered_name(host);
    if (!host_ok) return "Host malformed";
    if (!port.empty() && (port.front() != ':' || !is_port(port.substr(1)))) return "Host with a malformed port";
    return {};
}

}  // namespace tenter::http
