// src/auth/catalogue.cpp: the named schemes. A new provider is a new row here, with its published vector in the tests.

#include "tenter/auth/scheme.hpp"

namespace tenter::auth {
namespace {

using std::chrono::minutes;

/// Standard Webhooks 1.0.0. The specification says "some allowable tolerance"; five minutes both ways is what the libraries do. Svix is the
/// same under other names.
SignatureScheme standard_webhooks() {
    SignatureScheme row;
    row.secret_encoding = SecretEncoding::whsec;
    row.signature_header = "webhook-signature";
    row.signature_encoding = SignatureEncoding::base64;
    row.signature_format = "v1,{signature}";
    row.signature_list = " ";
    row.signed_template = "{id}.{timestamp}.{body}";
    row.timestamp_header = "webhook-timestamp";
    row.id_header = "webhook-id";
    row.tolerance = minutes(5);
    row.alternative_prefixes = {"svix-"};
    return row;
}

/// The delivery id (X-GitHub-Delivery) is not signed: deduplicate by it, but do not believe it.
SignatureScheme github() {
    SignatureScheme row;
    row.signature_header = "X-Hub-Signature-256";
    row.signature_format = "sha256={signature}";
    return row;
}

/// The key is the whole `whsec_...` text, not what it encodes. `v0` and unknown keys are not looked at.
SignatureScheme stripe() {
    SignatureScheme row;
    row.signature_header = "Stripe-Signature";
    row.signature_pairs = SignaturePairs{.separator = ",", .signature_key = "v1", .timestamp_key = "t"};
    row.signed_template = "{timestamp}.{body}";
    row.tolerance = minutes(5);
    return row;
}

SignatureScheme shopify() {
    SignatureScheme row;
    row.signature_header = "X-Shopify-Hmac-Sha256";
    row.signature_encoding = SignatureEncoding::base64;
    return row;
}

SignatureScheme slack() {
    SignatureScheme row;
    row.signature_header = "X-Slack-Signature";
    row.signature_format = "v0={signature}";
    row.signed_template = "v0:{timestamp}:{body}";
    row.timestamp_header = "X-Slack-Request-Timestamp";
    row.tolerance = minutes(5);
    return row;
}

struct Entry {
    std::string_view name;
    SignatureScheme (*make)();
};
constexpr Entry catalogue[] = {
    {"standard-webhooks", standard_webhooks}, {"github", github}, {"stripe", stripe}, {"shopify", shopify}, {"slack", slack},
};

}  // namespace

std::optional<SignatureScheme> find_scheme(std::string_view name) {
    for (const auto& entry : catalogue) {
        if (entry.name != name) continue;
        SignatureScheme row = entry.make();
        row.scheme = name;
        return row;
    }
    return std::nullopt;
}

std::vector<std::string_view> scheme_names() {
    std::vector<std::string_view> names;
    for (const auto& entry : catalogue) names.push_back(entry.name);
    return names;
}

}  // namespace tenter::auth
