#include "cli/scheme_arguments.hpp"

#include <array>
#include <utility>

#include "tenter/auth/credentials.hpp"
#include "tenter/base/encoding.hpp"
#include "tenter/base/nearest_word.hpp"
#include "tenter/base/secret_source.hpp"
#include "tenter/base/text.hpp"

namespace tenter::cli {
namespace {

std::unexpected<Error> usage(std::string message) { return fail(Errc::invalid_input, std::move(message)); }

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

Result<std::vector<Secret>> read_secrets(const std::vector<std::string>& arguments) {
    std::vector<Secret> secrets;
    for (const auto& argument : arguments) {
        auto secret = read_secret_argument(argument);
        if (!secret) return fail(std::move(secret.error()).within("--secret"));
        secrets.push_back(std::move(*secret));
    }
    if (secrets.empty()) return usage("--secret: at least one expected");
    return secrets;
}

/// Puts what a word means into `out`, where it was given.
template <class Enumerator, class Parse>
Result<void> set_word(const char* option, const std::optional<std::string>& word, Parse parse, Enumerator& out) {
    if (!word) return {};
    const auto value = parse(*word);
    if (!value) return usage(std::string(option) + ": unknown word " + quoted(*word));
    out = *value;
    return {};
}

void set_text(const std::optional<std::string>& given, std::string& out) {
    if (given) out = *given;
}

Result<void> set_pairs(const std::optional<std::string>& given, auth::SignatureScheme& scheme) {
    if (!given) return {};
    const std::size_t last = given->rfind(':');
    const std::size_t first = last == std::string::npos || last == 0 ? std::string::npos : given->rfind(':', last - 1);
    if (first == std::string::npos || first == 0)
        return usage("--signature-pairs: SEPARATOR:SIGNATURE-KEY:TIMESTAMP-KEY expected, like \",:v1:t\"");
    scheme.signature_pairs = {given->substr(0, first), given->substr(first + 1, last - first - 1), given->substr(last + 1)};
    return {};
}

Result<void> set_words(const SchemeArguments& given, auth::SignatureScheme& scheme) {
    auto done = set_word("--algorithm", given.algorithm, auth::parse_algorithm, scheme.algorithm);
    if (done) done = set_word("--secret-encoding", given.secret_encoding, auth::parse_secret_encoding, scheme.secret_encoding);
    if (done) done = set_word("--signature-encoding", given.signature_encoding, auth::parse_signature_encoding, scheme.signature_encoding);
    if (done) done = set_word("--timestamp-unit", given.timestamp_unit, auth::parse_timestamp_unit, scheme.timestamp_unit);
    if (done) done = set_pairs(given.signature_pairs, scheme);
    return done;
}

bool is_credential(std::string_view scheme) { return scheme == "basic" || scheme == "bearer" || scheme == "api-key"; }

std::unexpected<Error> unknown_scheme(std::string_view name) {
    auto names = auth::scheme_names();
    names.insert(names.begin(), {"basic", "bearer", "api-key"});
    names.push_back("custom");
    const auto nearest = nearest_word(names, name);
    std::string message = "--scheme: no scheme " + quoted(name);
    if (!nearest.empty()) return usage(message + "; did you mean " + quoted(nearest) + "?");
    message += "; there are";
    for (const auto known : names) message.append(" ").append(known);
    return usage(std::move(message));
}

/// A named scheme is a set of defaults for the other options.
Result<auth::SignatureScheme> signature_scheme(const SchemeArguments& given) {
    auth::SignatureScheme scheme;
    if (given.scheme != "custom") {
        auto row = auth::find_scheme(given.scheme);
        if (!row) return unknown_scheme(given.scheme);
        scheme = std::move(*row);
    }
    if (auto done = set_words(given, scheme); !done) return fail(std::move(done.error()));
    set_text(given.signature_header, scheme.signature_header);
    set_text(given.signature_format, scheme.signature_format);
    set_text(given.signature_list, scheme.signature_list);
    set_text(given.timestamp_header, scheme.timestamp_header);
    set_text(given.id_header, scheme.id_header);
    set_text(given.signed_template, scheme.signed_template);
    if (given.tolerance_seconds) scheme.tolerance = std::chrono::seconds(*given.tolerance_seconds);
    return scheme;
}

template <class Credential, class Make>
Result<std::unique_ptr<auth::Verifier>> credential_verifier(std::vector<Secret> secrets, Make make) {
    std::vector<Credential> accepted;
    for (auto& secret : secrets) accepted.push_back(make(std::move(secret)));
    return auth::make_verifier(std::move(accepted));
}

auth::ApiKeyAuth api_key(const SchemeArguments& given, Secret secret) {
    auth::ApiKeyAuth credential{std::move(secret)};
    if (!given.header_name.empty()) credential.header_name = given.header_name;
    return credential;
}

Header credential_header(const SchemeArguments& given, const Secret& secret) {
    if (given.scheme == "basic") return {"Authorization", "Basic " + base64_encode(given.username + ":" + std::string(secret.reveal()))};
    if (given.scheme == "bearer") return {"Authorization", "Bearer " + std::string(secret.reveal())};
    return {api_key(given, secret).header_name, std::string(secret.reveal())};
}

Result<std::vector<Header>> sign_with_all(const auth::SignatureScheme& scheme, const std::vector<Secret>& secrets,
                                          const HttpRequestView& request, std::string_view id, UnixMillis timestamp) {
    std::vector<Header> headers;
    for (const auto& secret : secrets) {
        auto signed_once = auth::sign_request(scheme, secret, request, id, timestamp);
        if (!signed_once) return signed_once;
        if (headers.empty()) {
            headers = std::move(*signed_once);
            continue;
        }
        for (std::size_t i = 0; i < headers.size(); ++i)
            if (headers[i].value != (*signed_once)[i].value) headers[i].value += scheme.signature_list + (*signed_once)[i].value;
    }
    return headers;
}

}  // namespace

Result<RequestText> RequestText::make(RequestArguments arguments) {
    RequestText text;
    const std::size_t authority = arguments.url.find("://");
    const std::size_t path = arguments.url.find('/', authority == std::string::npos ? 0 : authority + 3);
    if (path == std::string::npos) return usage("--url: a path expected, like /webhook or https://hooks.example/webhook");
    text.origin_ = arguments.url.substr(0, path);
    text.target_ = arguments.url.substr(path);
    for (const auto& line : arguments.headers) {
        const std::size_t colon = line.find(':');
        if (colon == std::string::npos || colon == 0) return usage("--header: \"Name: value\" expected");
        text.headers_.push_back({line.substr(0, colon), std::string(trim_ows(std::string_view(line).substr(colon + 1)))});
    }
    text.arguments_ = std::move(arguments);
    return text;
}

HttpRequestView RequestText::view() const {
    views_.clear();
    for (const auto& header : headers_) views_.push_back({header.name, header.value});
    return {arguments_.method, target_, views_, arguments_.body, origin_};
}

Result<Secret> read_secret_argument(const std::string& argument) {
    if (argument.starts_with('@')) return secret_from_file(argument.substr(1));
    if (argument.starts_with("env:")) return secret_from_environment(argument.substr(4));
    if (argument.empty()) return usage("the secret is empty");
    return Secret(argument);
}

Result<std::unique_ptr<auth::Verifier>> verifier_of(const SchemeArguments& given) {
    auto secrets = read_secrets(given.secrets);
    if (!secrets) return fail(std::move(secrets.error()));
    if (given.scheme == "basic")
        return credential_verifier<auth::BasicAuth>(std::move(*secrets),
                                                    [&](Secret secret) { return auth::BasicAuth{given.username, std::move(secret)}; });
    if (given.scheme == "bearer")
        return credential_verifier<auth::BearerAuth>(std::move(*secrets),
                                                     [](Secret secret) { return auth::BearerAuth{std::move(secret)}; });
    if (given.scheme == "api-key")
        return credential_verifier<auth::ApiKeyAuth>(std::move(*secrets), [&](Secret secret) { return api_key(given, std::move(secret)); });
    auto scheme = signature_scheme(given);
    if (!scheme) return fail(std::move(scheme.error()));
    return auth::make_signature_verifier(std::move(*scheme), *secrets);
}

Result<std::vector<Header>> headers_of(const SchemeArguments& given, const HttpRequestView& request, std::string_view id,
                                       UnixMillis timestamp) {
    auto secrets = read_secrets(given.secrets);
    if (!secrets) return fail(std::move(secrets.error()));
    if (is_credential(given.scheme)) {
        if (secrets->size() > 1) return usage("--secret: a request carries one credential");
        if (auto usable = verifier_of(given); !usable) return fail(std::move(usable.error()));
        return std::vector{credential_header(given, secrets->front())};
    }
    const auto scheme = signature_scheme(given);
    if (!scheme) return fail(scheme.error());
    if (secrets->size() > 1 && scheme->signature_list.empty()) return usage("--secret: this scheme's header holds one signature");
    return sign_with_all(*scheme, *secrets, request, id, timestamp);
}

}  // namespace tenter::cli
