#include <algorithm>
#include <array>

#include "gateway/config/reader.hpp"

namespace tenter::config {
namespace {

constexpr std::array<std::string_view, 9> schemes{"basic",   "bearer", "api-key", "standard-webhooks", "github", "stripe",
                                                  "shopify", "slack",  "custom"};
constexpr std::array<std::string_view, 3> basic_keys{"username", "password", "credentials"};
constexpr std::array<std::string_view, 2> bearer_keys{"token", "tokens"};
constexpr std::array<std::string_view, 3> api_key_keys{"key", "keys", "header"};
constexpr std::array<std::string_view, 12> signature_keys{
    "secrets",        "algorithm",       "secret_encoding", "signature_header", "signature_encoding", "signature_format",
    "signature_list", "signature_pairs", "signed",          "timestamp_header", "timestamp_unit",     "id_header"};
constexpr std::array<std::string_view, 9> algorithm_names{
    "hmac-sha1", "hmac-sha256", "hmac-sha512", "sha256", "token", "ed25519", "ecdsa-p256-sha256", "ecdsa-p256-sha256-p1363", "rsa-sha256"};
constexpr std::array<std::string_view, 6> secret_encodings{"utf8", "hex", "base64", "whsec", "spki-base64", "pem"};
constexpr std::array<std::string_view, 2> signature_encodings{"hex", "base64"};
constexpr std::array<std::string_view, 3> timestamp_units{"s", "ms", "rfc3339"};

/// The keys that a scheme has no use for are faults: somebody meant another scheme.
void refuse_foreign_keys(TableReader& verify, std::string_view scheme) {
    const auto refuse = [&](auto keys, std::string_view owner) {
        for (const auto key : keys)
            if (verify.has(key)) verify.fault(key, "belongs to " + std::string(owner) + ", not to scheme \"" + std::string(scheme) + "\"");
    };
    const bool signs = scheme != "basic" && scheme != "bearer" && scheme != "api-key";
    if (scheme != "basic") refuse(basic_keys, "scheme \"basic\"");
    if (scheme != "bearer") refuse(bearer_keys, "scheme \"bearer\"");
    if (scheme != "api-key") refuse(api_key_keys, "scheme \"api-key\"");
    if (!signs) refuse(signature_keys, "signature schemes");
    if (!signs && verify.has("tolerance")) verify.fault("tolerance", "belongs to signature schemes");
}

void read_credential_table(TableReader& reader, std::vector<auth::BasicAuth>& accepted, std::vector<std::string>& files) {
    reader.required("username", "the user name");
    reader.required("password", "the password");
    auto username = reader.text("username");
    auto password = reader.secret("password", files);
    if (username && password) accepted.push_back({std::move(*username), std::move(*password)});
}

Verification read_basic(TableReader& verify, std::vector<std::string>& files) {
    std::vector<auth::BasicAuth> accepted;
    const auto* const list = verify.find("credentials");
    if (list == nullptr) {
        read_credential_table(verify, accepted, files);
        return accepted;
    }
    if (verify.has("username") || verify.has("password")) verify.fault("credentials", "give either username and password, or credentials");
    const auto* const array = list->as_array();
    if (array == nullptr) {
        verify.fault("credentials", "expected a list of { username, password }");
        return accepted;
    }
    for (std::size_t i = 0; i < array->size(); ++i) {
        const std::string place = verify.dotted("credentials") + "[" + std::to_string(i) + "]";
        const auto* const table = array->get(i)->as_table();
        if (table == nullptr) {
            verify.context().fault(array->get(i)->source(), place, "expected { username, password }");
            continue;
        }
        TableReader reader(verify.context(), *table, Section::credential, place);
        read_credential_table(reader, accepted, files);
    }
    return accepted;
}

/// One secret under `single`, or several under `plural`.
std::vector<Secret> read_one_or_several(TableReader& verify, std::string_view single, std::string_view plural,
                                        std::vector<std::string>& files) {
    if (verify.has(single) == verify.has(plural)) {
        verify.fault(single, "expected either " + std::string(single) + " or " + std::string(plural));
        return {};
    }
    if (verify.has(plural)) return verify.secrets(plural, files).value_or(std::vector<Secret>{});
    auto secret = verify.secret(single, files);
    return secret ? std::vector<Secret>{std::move(*secret)} : std::vector<Secret>{};
}

Verification read_bearer(TableReader& verify, std::vector<std::string>& files) {
    std::vector<auth::BearerAuth> accepted;
    for (auto& token : read_one_or_several(verify, "token", "tokens", files)) accepted.push_back({std::move(token)});
    return accepted;
}

Verification read_api_key(TableReader& verify, std::vector<std::string>& files) {
    const std::string header = verify.text("header").value_or("X-API-Key");
    std::vector<auth::ApiKeyAuth> accepted;
    for (auto& key : read_one_or_several(verify, "key", "keys", files)) accepted.push_back({std::move(key), header});
    return accepted;
}

void read_pairs(TableReader& verify, auth::SignatureScheme& scheme) {
    const auto* const table = verify.table("signature_pairs");
    if (table == nullptr) return;
    TableReader reader(verify.context(), *table, Section::signature_pairs, verify.dotted("signature_pairs"));
    reader.required("signature", "the key of a signature, like \"v1\"");
    auth::SignaturePairs pairs;
    pairs.separator = reader.text("separator").value_or(",");
    pairs.signature_key = reader.text("signature").value_or("");
    pairs.timestamp_key = reader.text("timestamp").value_or("");
    scheme.signature_pairs = std::move(pairs);
}

/// Every key that is given replaces the named scheme's own.
Verification read_signature(TableReader& verify, const std::string& name, std::vector<std::string>& files) {
    SignatureVerification signature;
    if (auto row = auth::find_scheme(name)) signature.scheme = std::move(*row);
    auto& scheme = signature.scheme;
    scheme.scheme = name;
    const auto replace = [&](std::string_view key, std::string& value) {
        if (auto given = verify.text(key)) value = std::move(*given);
    };
    if (const auto word = verify.word("algorithm", algorithm_names)) scheme.algorithm = *auth::parse_algorithm(*word);
    if (const auto word = verify.word("secret_encoding", secret_encodings)) scheme.secret_encoding = *auth::parse_secret_encoding(*word);
    if (const auto word = verify.word("signature_encoding", signature_encodings))
        scheme.signature_encoding = *auth::parse_signature_encoding(*word);
    if (const auto word = verify.word("timestamp_unit", timestamp_units)) scheme.timestamp_unit = *auth::parse_timestamp_unit(*word);
    replace("signature_header", scheme.signature_header);
    replace("signature_format", scheme.signature_format);
    replace("signature_list", scheme.signature_list);
    replace("signed", scheme.signed_template);
    replace("timestamp_header", scheme.timestamp_header);
    replace("id_header", scheme.id_header);
    if (const auto tolerance = verify.duration("tolerance")) scheme.tolerance = std::chrono::ceil<std::chrono::seconds>(*tolerance);
    read_pairs(verify, scheme);
    verify.required("secrets", "a list of secrets, like [{ file = \"github.secret\" }]");
    if (auto secrets = verify.secrets("secrets", files)) signature.secrets = std::move(*secrets);
    return signature;
}

struct VerifierMaker {
    Result<std::unique_ptr<auth::Verifier>> operator()(const NoVerification&) const { return nullptr; }
    Result<std::unique_ptr<auth::Verifier>> operator()(const SignatureVerification& signature) const {
        return auth::make_signature_verifier(signature.scheme, signature.secrets);
    }
    template <class Credential>
    Result<std::unique_ptr<auth::Verifier>> operator()(const std::vector<Credential>& accepted) const {
        return auth::make_verifier(accepted);
    }
};

Verification read_scheme(TableReader& verify, const std::string& scheme, std::vector<std::string>& files) {
    if (scheme == "basic") return read_basic(verify, files);
    if (scheme == "bearer") return read_bearer(verify, files);
    if (scheme == "api-key") return read_api_key(verify, files);
    return read_signature(verify, scheme, files);
}

/// At the key that the message begins with, where it names one ("signed: unknown placeholder"), else at the secrets.
void report_unusable(TableReader& verify, std::string_view scheme, const std::string& message) {
    const auto named = std::string_view(message).substr(0, message.find(": "));
    if (named.size() < message.size() && find_key(Section::verify, named) != nullptr)
        return verify.fault(named, message.substr(named.size() + 2));
    verify.fault(scheme == "basic" || scheme == "bearer" || scheme == "api-key" ? "scheme" : "secrets", message);
}

}  // namespace

Result<std::unique_ptr<auth::Verifier>> make_verifier(const Verification& verification) {
    return std::visit(VerifierMaker{}, verification);
}

std::optional<Verification> read_verification(TableReader& source, std::vector<std::string>& secret_files) {
    source.required("verify", "how the sender is proven, like { scheme = \"github\", ... }; or say verify = \"none\"");
    const auto* const node = source.find("verify");
    if (node == nullptr) return std::nullopt;
    if (const auto* const word = node->as_string()) {
        if (word->get() == "none") return NoVerification{};
        source.fault("verify", "expected a table with a scheme, or \"none\"");
        return std::nullopt;
    }
    const auto* const table = source.table("verify");
    if (table == nullptr) return std::nullopt;
    TableReader verify(source.context(), *table, Section::verify, source.dotted("verify"));
    verify.required("scheme", "basic, bearer, api-key, standard-webhooks, github, stripe, shopify, slack or custom");
    const auto scheme = verify.word("scheme", schemes);
    if (!scheme) return std::nullopt;
    refuse_foreign_keys(verify, *scheme);
    const std::size_t faults_before = source.context().faults.size();
    auto verification = read_scheme(verify, *scheme, secret_files);
    if (source.context().faults.size() > faults_before) return std::nullopt;
    if (auto made = make_verifier(verification); !made) {
        report_unusable(verify, *scheme, made.error().message);
        return std::nullopt;
    }
    return verification;
}

}  // namespace tenter::config
