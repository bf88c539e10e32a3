#include "src/auth/credential_parsing.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter::auth {
namespace {

std::unexpected<Error> refuse(std::string_view why) { return fail(Errc::unauthenticated, std::string(why)); }

}  // namespace

Result<std::string_view> parse_authorization(std::string_view value, std::string_view scheme) {
    const auto name_end = value.find(' ');
    if (!equals_ignoring_case(value.substr(0, name_end), scheme)) return refuse("header Authorization is not " + std::string(scheme));
    const std::string_view credentials = name_end == std::string_view::npos ? std::string_view{} : trim_ows(value.substr(name_end));
    if (credentials.empty()) return refuse("header Authorization holds no credentials");
    return credentials;
}

Result<Bytes> decode_basic(std::string_view credentials) {
    auto decoded = base64_decode(credentials, Base64Alphabet::standard, Base64Padding::optional);
    if (!decoded) return refuse("header Authorization: not base64");
    if (decoded->find(':') == Bytes::npos) return refuse("header Authorization: no colon between user name and password");
    return decoded;
}

Result<std::optional<Bytes>> find_access_token(std::string_view query) {
    std::optional<std::string_view> encoded;
    for (bool more = true; more;) {
        const auto end = query.find('&');
        more = end != std::string_view::npos;
        const std::string_view parameter = query.substr(0, end);
        if (more) query.remove_prefix(end + 1);
        if (parameter.substr(0, parameter.find('=')) != access_token_name) continue;
        if (encoded) return refuse("query parameter access_token occurs more than once");
        encoded = parameter.substr(std::min(parameter.size(), access_token_name.size() + 1));
    }
    if (!encoded) return std::nullopt;
    auto token = percent_decode(*encoded);
    if (!token) return refuse("query parameter access_token: wrong percent-encoding");
    return std::optional<Bytes>(std::move(*token));
}

}  // namespace tenter::auth
