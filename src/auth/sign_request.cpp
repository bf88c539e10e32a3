#include <string>
#include <utility>

#include "src/auth/compiled_scheme.hpp"
#include "src/auth/signed_timestamp.hpp"
#include "tenter/base/encoding.hpp"

namespace tenter::auth {
namespace {

std::string signature_value(const CompiledScheme& scheme, const SignatureAffixes& affixes, std::string_view timestamp,
                            const Bytes& signature) {
    const std::string encoded =
        scheme.scheme.signature_encoding == SignatureEncoding::hex ? hex_encode(signature) : base64_encode(signature);
    const std::string formatted = affixes.prefix + encoded + affixes.suffix;
    if (!scheme.scheme.signature_pairs) return formatted;
    const SignaturePairs& pairs = *scheme.scheme.signature_pairs;
    const std::string signed_pair = pairs.signature_key + "=" + formatted;
    if (pairs.timestamp_key.empty()) return signed_pair;
    return pairs.timestamp_key + "=" + std::string(timestamp) + pairs.separator + signed_pair;
}

Result<std::vector<Header>> show_token(const CompiledScheme& scheme, const Secret& secret) {
    return std::vector<Header>{
        {scheme.scheme.signature_header, scheme.affixes.prefix + std::string(secret.reveal()) + scheme.affixes.suffix}};
}

}  // namespace

Result<std::vector<Header>> sign_request(const SignatureScheme& scheme, const Secret& secret, const HttpRequestView& request,
                                         std::string_view id, UnixMillis timestamp) {
    const auto compiled = compile_scheme(scheme);
    if (!compiled) return fail(Error(compiled.error()));
    if (secret.empty()) return fail(Errc::invalid_input, "secret: empty");
    if (scheme.algorithm == Algorithm::token) return show_token(*compiled, secret);
    const auto key = compile_key(*compiled, secret);
    if (!key) return fail(Error(key.error()).within("secret"));
    if (!scheme.id_header.empty() && id.empty()) return fail(Errc::invalid_input, "id: the scheme signs one, and it is empty");
    const std::string time = has_timestamp(scheme) ? format_signed_timestamp(timestamp, scheme.timestamp_unit) : std::string();
    const auto text = compiled->signed_text.fill({.request = request, .id = id, .timestamp = time, .secret = key->secret.reveal()});
    if (!text) return fail(Errc::invalid_input, text.error().message);
    const auto signature = key->key->sign(text->view());
    if (!signature) return fail(Error(signature.error()).within("secret"));
    std::vector<Header> headers;
    if (!scheme.id_header.empty()) headers.push_back({scheme.id_header, std::string(id)});
    if (!scheme.timestamp_header.empty()) headers.push_back({scheme.timestamp_header, time});
    headers.push_back({scheme.signature_header, signature_value(*compiled, key->affixes, time, *signature)});
    return headers;
}

}  // namespace tenter::auth
