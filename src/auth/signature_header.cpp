#include "src/auth/signature_header.hpp"

#include <utility>

#include "tenter/base/encoding.hpp"
#include "tenter/base/text.hpp"

namespace tenter::auth {
namespace {

constexpr std::string_view placeholder = "{signature}";

std::unexpected<Error> refuse(const SignatureScheme& scheme, std::string_view why) {
    return fail(Errc::unauthenticated, "header " + scheme.signature_header + " " + std::string(why));
}

/// Calls `visit` for each part that is not empty, until it fails.
template <class Visit>
Result<void> for_each_part(std::string_view text, std::string_view separator, Visit visit) {
    for (bool more = true; more;) {
        const auto end = text.find(separator);
        more = end != std::string_view::npos;
        const std::string_view part = trim_ows(text.substr(0, end));
        if (more) text.remove_prefix(end + separator.size());
        if (part.empty()) continue;
        if (Result<void> visited = visit(part); !visited) return visited;
    }
    return {};
}

Result<void> add_signature(SignatureHeader& header, std::string_view signature, const SignatureScheme& scheme) {
    if (header.signatures.size() == max_signatures)
        return refuse(scheme, "holds more than " + std::to_string(max_signatures) + " signatures");
    header.signatures.push_back(signature);
    return {};
}

Result<void> add_pair(SignatureHeader& header, std::string_view pair, const SignatureScheme& scheme) {
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) return refuse(scheme, "has a part without '='");
    const std::string_view key = pair.substr(0, equals);
    const std::string_view value = pair.substr(equals + 1);
    const SignaturePairs& pairs = *scheme.signature_pairs;
    if (key == pairs.signature_key) return add_signature(header, value, scheme);
    if (pairs.timestamp_key.empty() || key != pairs.timestamp_key) return {};
    if (!header.timestamp.empty()) return refuse(scheme, "holds two timestamps");
    if (value.empty()) return refuse(scheme, "holds an empty timestamp");
    header.timestamp = value;
    return {};
}

}  // namespace

std::optional<std::string_view> SignatureAffixes::strip(std::string_view text) const noexcept {
    if (text.size() < prefix.size() + suffix.size() || !text.starts_with(prefix) || !text.ends_with(suffix)) return std::nullopt;
    return text.substr(prefix.size(), text.size() - prefix.size() - suffix.size());
}

Result<SignatureAffixes> compile_signature_format(std::string_view format) {
    const auto at = format.find(placeholder);
    if (at == std::string_view::npos || format.find(placeholder, at + 1) != std::string_view::npos)
        return fail(Errc::invalid_input, "signature_format: {signature} must occur exactly once");
    return SignatureAffixes{.prefix = std::string(format.substr(0, at)), .suffix = std::string(format.substr(at + placeholder.size()))};
}

Result<SignatureHeader> parse_signature_header(std::string_view value, const SignatureScheme& scheme) {
    SignatureHeader header;
    Result<void> parsed;
    if (scheme.signature_pairs) {
        parsed =
            for_each_part(value, scheme.signature_pairs->separator, [&](std::string_view pair) { return add_pair(header, pair, scheme); });
    } else if (!scheme.signature_list.empty()) {
        parsed = for_each_part(value, scheme.signature_list, [&](std::string_view part) { return add_signature(header, part, scheme); });
    } else {
        header.signatures.push_back(value);
    }
    if (!parsed) return fail(std::move(parsed.error()));
    if (header.signatures.empty()) return refuse(scheme, "holds no signature");
    return header;
}

std::vector<Bytes> decode_signatures(const std::vector<std::string_view>& signatures, const SignatureAffixes& affixes,
                                     SignatureEncoding encoding) {
    std::vector<Bytes> decoded;
    decoded.reserve(signatures.size());
    for (const auto signature : signatures) {
        const auto text = affixes.strip(signature);
        if (!text || text->empty()) continue;
        auto bytes = encoding == SignatureEncoding::hex ? hex_decode(*text)
                                                        : base64_decode(*text, Base64Alphabet::standard, Base64Padding::optional);
        if (bytes) decoded.push_back(std::move(*bytes));
    }
    return decoded;
}

}  // namespace tenter::auth
