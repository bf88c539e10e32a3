// Input: the value of an Authorization header, and the same bytes as a query. What is decoded must lead back to a header that is accepted.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "src/auth/credential_parsing.hpp"
#include "tenter/auth/credentials.hpp"
#include "tenter/base/encoding.hpp"

namespace {

using namespace tenter;
using namespace tenter::auth;

void require(bool condition) {
    if (!condition) std::abort();
}

/// A verifier for exactly these credentials accepts the header that they came in.
void check_accepts(std::string_view value, const Bytes& credentials) {
    const auto colon = credentials.find(':');
    require(colon != Bytes::npos);
    if (colon + 1 == credentials.size()) return;  // an empty password cannot be configured
    const auto verifier = make_verifier(std::vector<BasicAuth>{{credentials.substr(0, colon), Secret(credentials.substr(colon + 1))}});
    require(verifier.has_value());
    const HeaderView header{"authorization", value};
    require((*verifier)->verify({"POST", "/", {&header, 1}, "", ""}, UnixMillis{}).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view value(reinterpret_cast<const char*>(data), size);
    if (const auto credentials = parse_authorization(value, "Basic"))
        if (const auto decoded = decode_basic(*credentials)) check_accepts(value, *decoded);
    const auto token = find_access_token(value);
    if (token && *token) require((*token)->size() <= value.size());
    return 0;
}
