#pragma once
// gateway/tls/names.hpp: under which names this machine can be reached, for the certificate that it makes itself.

#include <string>
#include <string_view>
#include <vector>

namespace tenter::tls {

/// Letters, digits, '-' and '_' in labels of at most 63, at most 253 in all, no dot at the end. Not a numeric address.
[[nodiscard]] bool is_dns_name(std::string_view name) noexcept;

/// localhost, the host's name, 127.0.0.1, ::1 and each numeric address of `listened`, in place of 0.0.0.0 and :: those of all interfaces of
/// that family (those with a scope left out); before them `advertised`, if not empty. Lower case, each once; what no certificate can hold
/// is left out. Asks the kernel each time, so that a machine that has moved to another network notices.
[[nodiscard]] std::vector<std::string> local_names(const std::vector<std::string>& listened, std::string_view advertised);

}  // namespace tenter::tls
