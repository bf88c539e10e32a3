#include "gateway/broker/plain.hpp"

namespace tenter::broker {

std::optional<PlainToken> parse_plain(BytesView token) noexcept {
    constexpr char separator = '\0';
    const auto first = token.find(separator);
    if (first == BytesView::npos) return std::nullopt;
    const auto second = token.find(separator, first + 1);
    if (second == BytesView::npos || token.find(separator, second + 1) != BytesView::npos) return std::nullopt;
    const auto authorization = token.substr(0, first);
    const PlainToken parts{.user = token.substr(first + 1, second - first - 1), .password = token.substr(second + 1)};
    if (parts.user.empty() || parts.password.empty()) return std::nullopt;
    if (!authorization.empty() && authorization != parts.user) return std::nullopt;
    return parts;
}

}  // namespace tenter::broker
