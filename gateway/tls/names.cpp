#include "gateway/tls/names.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <unistd.h>

#include "gateway/tls/openssl.hpp"
#include "gateway/tls/pem.hpp"
#include "tenter/base/text.hpp"

namespace tenter::tls {
namespace {

constexpr std::size_t longest_name = 253;
constexpr std::size_t longest_label = 63;

std::string host_name() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : std::string();
}

/// Empty for a family that is not IP's, and for an address that means something on one link only.
std::string address_text(const sockaddr* address, int family) {
    if (address == nullptr || address->sa_family != family) return {};
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address);
        return ::inet_ntop(family, &v4->sin_addr, text.data(), text.size());
    }
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr)) return {};
    return ::inet_ntop(family, &v6->sin6_addr, text.data(), text.size());
}

std::vector<std::string> interface_addresses(int family) {
    ifaddrs* first = nullptr;
    if (::getifaddrs(&first) != 0) return {};
    const std::unique_ptr<ifaddrs, OpensslDeleter<::freeifaddrs>> owner(first);
    std::vector<std::string> addresses;
    for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) addresses.push_back(address_text(each->ifa_addr, family));
    return addresses;
}

}  // namespace

bool is_dns_name(std::string_view name) noexcept {
    if (name.empty() || name.size() > longest_name) return false;
    std::size_t label = 0;
    for (const char c : name) {
        if (c == '.') {
            if (label == 0) return false;
            label = 0;
            continue;
        }
        const char lower = ascii_lower(c);
        const bool allowed = is_ascii_digit(c) || (lower >= 'a' && lower <= 'z') || c == '-' || c == '_';
        if (!allowed || ++label > longest_label) return false;
    }
    return label > 0 && !std::ranges::all_of(name, [](char c) { return is_ascii_digit(c) || c == '.'; });
}

std::vector<std::string> local_names(const std::vector<std::string>& listened, std::string_view advertised) {
    std::vector<std::string> names;
    const auto add = [&names](std::string_view name) {
        std::string lowered = ascii_lowered(name);
        if (!is_dns_name(lowered) && !is_numeric_address(lowered)) return;
        if (std::ranges::find(names, lowered) == names.end()) names.push_back(std::move(lowered));
    };
    add(advertised);
    for (const char* const always : {"localhost", "127.0.0.1", "::1"}) add(always);
    add(host_name());
    for (const std::string& address : listened) {
        if (address == "0.0.0.0" || address == "::") {
            for (const std::string& each : interface_addresses(address == "::" ? AF_INET6 : AF_INET)) add(each);
        } else {
            add(address);
        }
    }
    return names;
}

}  // namespace tenter::tls
