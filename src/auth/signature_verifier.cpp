#include <algorithm>
#include <string>
#include <utility>

#include "src/auth/compiled_scheme.hpp"
#include "src/auth/signed_timestamp.hpp"

namespace tenter::auth {
namespace {

/// Names of the headers of one request; a scheme may have several such sets (`webhook-*`, `svix-*`).
struct HeaderNames {
    std::string signature;
    std::string timestamp;
    std::string id;
};

std::string replace_prefix(const std::string& name, const std::string& prefix) {
    constexpr std::string_view replaced = "webhook-";
    return name.empty() ? name : prefix + name.substr(replaced.size());
}

std::vector<HeaderNames> header_names(const SignatureScheme& scheme) {
    std::vector<HeaderNames> names{{scheme.signature_header, scheme.timestamp_header, scheme.id_header}};
    for (const auto& prefix : scheme.alternative_prefixes)
        names.push_back({replace_prefix(scheme.signature_header, prefix), replace_prefix(scheme.timestamp_header, prefix),
                         replace_prefix(scheme.id_header, prefix)});
    return names;
}

/// Keys whose signatures have the same form, which need be decoded only once.
struct KeyGroup {
    SignatureAffixes affixes;
    std::vector<CompiledKey> keys;
};

std::vector<KeyGroup> group_keys(std::vector<CompiledKey> keys) {
    std::vector<KeyGroup> groups;
    for (auto& key : keys) {
        auto group = std::ranges::find(groups, key.affixes, &KeyGroup::affixes);
        if (group == groups.end()) group = groups.insert(groups.end(), KeyGroup{.affixes = key.affixes, .keys = {}});
        group->keys.push_back(std::move(key));
    }
    return groups;
}

class SignatureVerifier final : public Verifier {
public:
    SignatureVerifier(CompiledScheme scheme, std::vector<CompiledKey> keys)
        : scheme_(std::move(scheme)), header_names_(header_names(scheme_.scheme)), groups_(group_keys(std::move(keys))) {}

    [[nodiscard]] Result<Verified> verify(const HttpRequestView& request, UnixMillis now) const override {
        const HeaderNames& names = names_for(request);
        const auto value = single_header(request.headers, names.signature);
        if (!value) return fail(Error(value.error()));
        const auto header = parse_signature_header(*value, scheme_.scheme);
        if (!header) return fail(Error(header.error()));
        TemplateValues values{.request = request, .id = {}, .timestamp = header->timestamp, .secret = {}};
        if (auto read = read_signed_headers(names, values); !read) return fail(std::move(read.error()));
        if (auto checked = check_time(values.timestamp, now); !checked) return fail(std::move(checked.error()));
        if (auto matched = match(*header, values); !matched) return fail(std::move(matched.error()));
        return Verified{.scheme = scheme_.scheme.scheme, .message_id = values.id};
    }
    [[nodiscard]] std::string_view scheme() const noexcept override { return scheme_.scheme.scheme; }
    [[nodiscard]] const CredentialPlaces& credential_places() const noexcept override { return places_; }

private:
    /// The first set whose signature header is there; else the scheme's own, for the message.
    [[nodiscard]] const HeaderNames& names_for(const HttpRequestView& request) const {
        for (const auto& names : header_names_)
            if (find_header(request.headers, names.signature)) return names;
        return header_names_.front();
    }

    [[nodiscard]] static Result<void> read_signed_headers(const HeaderNames& names, TemplateValues& values) {
        const auto read = [&](const std::string& name, std::string_view& value) -> Result<void> {
            if (name.empty()) return {};
            const auto found = single_header(values.request.headers, name);
            if (!found) return fail(Error(found.error()));
            value = *found;
            return {};
        };
        if (auto timestamp = read(names.timestamp, values.timestamp); !timestamp) return timestamp;
        return read(names.id, values.id);
    }

    [[nodiscard]] Result<void> check_time(std::string_view timestamp, UnixMillis now) const {
        if (!has_timestamp(scheme_.scheme)) return {};
        if (timestamp.empty()) return fail(Errc::unauthenticated, "header " + scheme_.scheme.signature_header + " holds no timestamp");
        if (!scheme_.scheme.tolerance) return {};
        const auto time = parse_signed_timestamp(timestamp, scheme_.scheme.timestamp_unit);
        if (!time) return fail(Error(time.error()));
        return check_tolerance(*time, now, *scheme_.scheme.tolerance);
    }

    /// Every key is tried with every signature, so that the time does not tell which of them was right.
    [[nodiscard]] Result<void> match(const SignatureHeader& header, TemplateValues& values) const {
        bool any_decoded = false;
        bool matched = false;
        for (const auto& group : groups_) {
            const auto signatures = decode_signatures(header.signatures, group.affixes, scheme_.scheme.signature_encoding);
            if (signatures.empty()) continue;
            any_decoded = true;
            for (const auto& key : group.keys) {
                values.secret = key.secret.reveal();
                const auto text = scheme_.signed_text.fill(values);
                if (!text) return fail(Error(text.error()));
                matched |= key.key->accepts(text->view(), signatures);
            }
        }
        if (matched) return {};
        return fail(Errc::unauthenticated, any_decoded
                                               ? "the signature does not match"
                                               : "header " + scheme_.scheme.signature_header + " holds no signature of the expected form");
    }

    CompiledScheme scheme_;
    std::vector<HeaderNames> header_names_;
    std::vector<KeyGroup> groups_;
    CredentialPlaces places_;  ///< None: a signature is not a credential.
};

}  // namespace

Result<std::unique_ptr<Verifier>> make_signature_verifier(SignatureScheme scheme, const std::vector<Secret>& secrets) {
    auto compiled = compile_scheme(std::move(scheme));
    if (!compiled) return fail(std::move(compiled.error()));
    if (secrets.empty()) return fail(Errc::invalid_input, "secrets: at least one is required");
    if (compiled->scheme.algorithm == Algorithm::token) return make_token_verifier(std::move(*compiled), secrets);
    std::vector<CompiledKey> keys;
    for (const auto& secret : secrets) {
        auto key = compile_key(*compiled, secret);
        if (!key) return fail(std::move(key.error()).within("secret " + std::to_string(keys.size())));
        keys.push_back(std::move(*key));
    }
    return std::make_unique<SignatureVerifier>(std::move(*compiled), std::move(keys));
}

}  // namespace tenter::auth
