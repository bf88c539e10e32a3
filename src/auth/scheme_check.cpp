#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "src/auth/compiled_scheme.hpp"
#include "src/auth/header_name.hpp"
#include "tenter/base/text.hpp"

namespace tenter::auth {
namespace {

constexpr std::string_view replaceable_prefix = "webhook-";

std::unexpected<Error> contradiction(std::string message) { return fail(Errc::invalid_input, std::move(message)); }

Result<void> check_headers(const SignatureScheme& scheme) {
    if (scheme.signature_header.empty()) return contradiction("signature_header: required");
    struct NamedHeader {
        std::string_view key;
        std::string_view name;
    };
    const std::array headers{NamedHeader{"signature_header", scheme.signature_header},
                             NamedHeader{"timestamp_header", scheme.timestamp_header}, NamedHeader{"id_header", scheme.id_header}};
    for (const auto& header : headers) {
        if (header.name.empty()) continue;
        if (!is_header_name(header.name)) return contradiction(std::string(header.key) + ": not a header name");
        if (!scheme.alternative_prefixes.empty() && !starts_with_ignoring_case(header.name, replaceable_prefix))
            return contradiction(std::string(header.key) +
                                 ": alternative_prefixes replace \"webhook-\", with which this name does not begin");
    }
    for (const auto& prefix : scheme.alternative_prefixes)
        if (!is_header_name(prefix)) return contradiction("alternative_prefixes: not the beginning of a header name");
    return {};
}

bool can_encode(Algorithm algorithm, SecretEncoding encoding) {
    switch (algorithm) {
        case Algorithm::token: return encoding == SecretEncoding::utf8;
        case Algorithm::sha256: return encoding == SecretEncoding::utf8;
        case Algorithm::ed25519: return encoding != SecretEncoding::utf8;
        case Algorithm::ecdsa_p256_sha256:
        case Algorithm::ecdsa_p256_sha256_p1363:
        case Algorithm::rsa_sha256: return encoding == SecretEncoding::spki_base64 || encoding == SecretEncoding::pem;
        default: return encoding != SecretEncoding::spki_base64 && encoding != SecretEncoding::pem;
    }
}

Result<void> check_algorithm(const SignatureScheme& scheme) {
    if (can_encode(scheme.algorithm, scheme.secret_encoding)) return {};
    return contradiction("secret_encoding: \"" + std::string(to_string(scheme.secret_encoding)) +
                         "\" cannot hold a secret of algorithm \"" + std::string(to_string(scheme.algorithm)) + "\"");
}

Result<void> check_layout(const SignatureScheme& scheme) {
    if (!scheme.signature_pairs) return {};
    const SignaturePairs& pairs = *scheme.signature_pairs;
    if (!scheme.signature_list.empty())
        return contradiction("signature_list: the header already is a list of pairs; leave one of both out");
    if (pairs.separator.empty() || pairs.separator.find('=') != std::string::npos)
        return contradiction("signature_pairs: the separator must not be empty nor hold '='");
    if (pairs.signature_key.empty()) return contradiction("signature_pairs: the signature's key is required");
    if (pairs.signature_key == pairs.timestamp_key) return contradiction("signature_pairs: signature and timestamp have the same key");
    if (!pairs.timestamp_key.empty() && !scheme.timestamp_header.empty())
        return contradiction("timestamp_header: the signature header already holds the timestamp; leave one of both out");
    return {};
}

Result<void> check_template(const SignatureScheme& scheme, const SignedTemplate& text) {
    const bool has_id = !scheme.id_header.empty();
    if (!text.uses(TemplatePart::body)) return contradiction("signed: {body} is missing; what is not signed is not proven");
    if (text.uses(TemplatePart::timestamp) && !has_timestamp(scheme))
        return contradiction("signed: {timestamp} is named, but neither timestamp_header nor a timestamp key in signature_pairs");
    if (!text.uses(TemplatePart::timestamp) && has_timestamp(scheme))
        return contradiction("signed: {timestamp} is missing; a timestamp that is not signed proves nothing");
    if (text.uses(TemplatePart::id) != has_id)
        return contradiction(has_id ? "signed: {id} is missing; an id that is not signed proves nothing"
                                    : "signed: {id} is named, but id_header is not set");
    if (scheme.algorithm == Algorithm::sha256 && !text.uses(TemplatePart::secret))
        return contradiction("signed: {secret} is missing; without it anyone can compute a plain sha256");
    if (scheme.algorithm != Algorithm::sha256 && text.uses(TemplatePart::secret))
        return contradiction("signed: {secret} belongs to algorithm \"sha256\" only");
    return {};
}

Result<void> check_tolerance_key(const SignatureScheme& scheme) {
    if (!scheme.tolerance) return {};
    if (!has_timestamp(scheme)) return contradiction("tolerance: the scheme has no timestamp");
    if (*scheme.tolerance <= std::chrono::seconds::zero())
        return contradiction("tolerance: must be more than 0; leave it out to switch it off");
    return {};
}

/// Nothing is signed, so every key about signing is a misunderstanding.
Result<void> check_token(const SignatureScheme& scheme) {
    const SignatureScheme defaults;
    const bool signs = scheme.signed_template != defaults.signed_template || has_timestamp(scheme) || !scheme.id_header.empty() ||
                       !scheme.signature_list.empty() || scheme.signature_pairs || scheme.tolerance;
    if (signs) return contradiction("algorithm: \"token\" signs nothing; only signature_header and signature_format go with it");
    return {};
}

}  // namespace

bool has_timestamp(const SignatureScheme& scheme) noexcept {
    return !scheme.timestamp_header.empty() || (scheme.signature_pairs && !scheme.signature_pairs->timestamp_key.empty());
}

Result<CompiledScheme> compile_scheme(SignatureScheme scheme) {
    auto text = SignedTemplate::compile(scheme.signed_template);
    if (!text) return fail(std::move(text.error()));
    auto affixes = compile_signature_format(scheme.signature_format);
    if (!affixes) return fail(std::move(affixes.error()));
    for (auto check : {check_headers, check_algorithm, check_layout, check_tolerance_key})
        if (auto checked = check(scheme); !checked) return fail(std::move(checked.error()));
    auto checked = scheme.algorithm == Algorithm::token ? check_token(scheme) : check_template(scheme, *text);
    if (!checked) return fail(std::move(checked.error()));
    return CompiledScheme{.scheme = std::move(scheme), .signed_text = std::move(*text), .affixes = std::move(*affixes)};
}

Result<CompiledKey> compile_key(const CompiledScheme& scheme, const Secret& secret) {
    const auto material = decode_key(scheme.scheme.algorithm, scheme.scheme.secret_encoding, secret);
    if (!material) return fail(Error(material.error()));
    auto key = make_signature_key(*material);
    if (!key) return fail(std::move(key.error()));
    CompiledKey compiled{.key = std::move(*key), .affixes = scheme.affixes, .secret = {}};
    const bool is_v1a = scheme.scheme.secret_encoding == SecretEncoding::whsec && is_asymmetric(material->algorithm);
    if (is_v1a && compiled.affixes.prefix == "v1,") compiled.affixes.prefix = "v1a,";
    if (scheme.signed_text.uses(TemplatePart::secret)) compiled.secret = material->bytes;
    return compiled;
}

}  // namespace tenter::auth
