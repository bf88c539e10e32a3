#include <algorithm>
#include <array>

#include "tenter/auth/scheme.hpp"

namespace tenter::auth {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 9> algorithm_names{
    "hmac-sha1", "hmac-sha256", "hmac-sha512", "sha256", "token", "ed25519", "ecdsa-p256-sha256", "ecdsa-p256-sha256-p1363", "rsa-sha256"};
constexpr std::array<std::string_view, 6> secret_encoding_names{"utf8", "hex", "base64", "whsec", "spki-base64", "pem"};
constexpr std::array<std::string_view, 2> signature_encoding_names{"hex", "base64"};
constexpr std::array<std::string_view, 3> timestamp_unit_names{"s", "ms", "rfc3339"};

template <class Enum, std::size_t size>
std::optional<Enum> parse(const std::array<std::string_view, size>& names, std::string_view name) {
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) return std::nullopt;
    return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::optional<Algorithm> parse_algorithm(std::string_view name) { return parse<Algorithm>(algorithm_names, name); }
std::optional<SecretEncoding> parse_secret_encoding(std::string_view name) { return parse<SecretEncoding>(secret_encoding_names, name); }
std::optional<SignatureEncoding> parse_signature_encoding(std::string_view name) {
    return parse<SignatureEncoding>(signature_encoding_names, name);
}
std::optional<TimestampUnit> parse_timestamp_unit(std::string_view name) { return parse<TimestampUnit>(timestamp_unit_names, name); }

std::string_view to_string(Algorithm value) noexcept { return algorithm_names[static_cast<std::size_t>(value)]; }
std::string_view to_string(SecretEncoding value) noexcept { return secret_encoding_names[static_cast<std::size_t>(value)]; }
std::string_view to_string(SignatureEncoding value) noexcept { return signature_encoding_names[static_cast<std::size_t>(value)]; }
std::string_view to_string(TimestampUnit value) noexcept { return timestamp_unit_names[static_cast<std::size_t>(value)]; }

}  // namespace tenter::auth
