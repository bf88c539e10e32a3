#pragma once
// tenter/auth/scheme.hpp: every scheme as data. A named scheme is only a set of defaults for these keys (`[source.verify]` in tenter.toml);
// the same struct with scheme "custom" spells out one that we do not know.

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tenter/auth/verifier.hpp"
#include "tenter/base/result.hpp"
#include "tenter/base/secret.hpp"

namespace tenter::auth {

enum class Algorithm : std::uint8_t {
    hmac_sha1,
    hmac_sha256,
    hmac_sha512,
    sha256,  ///< Plain hash of the signed text, which holds {secret}.
    token,   ///< The header is the secret.
    ed25519,
    ecdsa_p256_sha256,        ///< Signature in DER.
    ecdsa_p256_sha256_p1363,  ///< Signature as r || s.
    rsa_sha256,               ///< PKCS#1 v1.5.
};
enum class SecretEncoding : std::uint8_t { utf8, hex, base64, whsec, spki_base64, pem };
enum class SignatureEncoding : std::uint8_t { hex, base64 };
enum class TimestampUnit : std::uint8_t { seconds, milliseconds, rfc3339 };

/// `Stripe-Signature: t=123,v1=abc,v1=def`: one header that holds several `key=value`. Keys that are not named here are not looked at.
struct SignaturePairs {
    std::string separator = ",";
    std::string signature_key;  ///< "v1"; may occur several times: one that is right is enough.
    std::string timestamp_key;  ///< "t"; must occur once; empty: the header holds none.
};

/// The keys of `[source.verify]` for signatures. Defaults are those of "custom".
struct SignatureScheme {
    std::string scheme = "custom";  ///< The name under which its verifier goes.
    Algorithm algorithm = Algorithm::hmac_sha256;
    SecretEncoding secret_encoding = SecretEncoding::utf8;
    std::string signature_header;
    SignatureEncoding signature_encoding = SignatureEncoding::hex;
    /// "sha256={signature}". Under `whsec` the keys `whpk_` and `whsk_` read a leading "v1," as "v1a,".
    std::string signature_format = "{signature}";
    std::string signature_list;  ///< Separator where the header lists several signatures, " "; empty: one.
    std::optional<SignaturePairs> signature_pairs;
    /// Key `signed`: "{timestamp}.{body}". {id} {timestamp} {body} {method} {url} {path} {query} {secret} {header:NAME}, at most 16 parts.
    /// {url} is origin and target as the sender wrote them; {path} and {query} are the target's halves, without the '?'.
    std::string signed_template = "{body}";
    std::string timestamp_header;
    TimestampUnit timestamp_unit = TimestampUnit::seconds;
    std::string id_header;
    /// How far the timestamp may be from now, both ways; exactly as far is near enough. Unset: the timestamp is signed but of any age.
    std::optional<std::chrono::seconds> tolerance;
    /// Header-name prefixes that may stand instead of "webhook-" ("svix-"). The first set of names whose signature header is there counts.
    std::vector<std::string> alternative_prefixes;
};

/// The row of a named scheme ("standard-webhooks", "github", "stripe", "shopify", "slack"), or nothing.
[[nodiscard]] std::optional<SignatureScheme> find_scheme(std::string_view name);
/// All named schemes, for messages and documentation.
[[nodiscard]] std::vector<std::string_view> scheme_names();

/// Names as the configuration writes them: "hmac-sha256", "whsec", "base64", "ms".
[[nodiscard]] std::optional<Algorithm> parse_algorithm(std::string_view name);
[[nodiscard]] std::optional<SecretEncoding> parse_secret_encoding(std::string_view name);
[[nodiscard]] std::optional<SignatureEncoding> parse_signature_encoding(std::string_view name);
[[nodiscard]] std::optional<TimestampUnit> parse_timestamp_unit(std::string_view name);
[[nodiscard]] std::string_view to_string(Algorithm value) noexcept;
[[nodiscard]] std::string_view to_string(SecretEncoding value) noexcept;
[[nodiscard]] std::string_view to_string(SignatureEncoding value) noexcept;
[[nodiscard]] std::string_view to_string(TimestampUnit value) noexcept;

/// A verifier for one scheme and the secrets that it accepts (several during rotation): any secret with any listed signature passes.
/// Refuses what is malformed, a signature, timestamp or id header that occurs twice, and more than 16 signatures in one header; skips
/// listed signatures of another form. `invalid_input` for a scheme that contradicts itself (the message begins with the key: "tolerance:
/// ..."), an unusable secret (named by its index from 0, never by its value), or no secret.
[[nodiscard]] Result<std::unique_ptr<Verifier>> make_signature_verifier(SignatureScheme scheme, const std::vector<Secret>& secrets);

/// Signs as the other side would: the headers to send, in order. `id` and `timestamp` are used where the scheme has them. Symmetric
/// schemes, tokens, and ed25519 from a `whsk_` or PEM private key; `unsupported` for ECDSA and RSA, `invalid_input` for public keys and as
/// above.
[[nodiscard]] Result<std::vector<Header>> sign_request(const SignatureScheme& scheme, const Secret& secret, const HttpRequestView& request,
                                                       std::string_view id, UnixMillis timestamp);

}  // namespace tenter::auth
