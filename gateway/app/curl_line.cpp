#include "gateway/app/curl_line.hpp"

#include <initializer_list>
#include <utility>
#include <variant>

namespace tenter::app {
namespace {

constexpr std::string_view plain_sample = R"({"hello":"world"})";
constexpr std::string_view github_sample = R"({"zen":"Keep it logically awesome.","repository":{"full_name":"octocat/hello-world"}})";
constexpr std::string_view cloudevents_sample =
    R"({"specversion":"1.0","id":"1","source":"elytra-pim","type":"com.elytra.product","datacontenttype":"application/json",)"
    R"("eventtype":"product","operation":"add","data":{"objectId":1,"objectType":"product","objectData":{"name":"Tenter frame"}}})";

struct Sample {
    std::string_view body;
    std::string_view content_type;
};

Sample sample_for(const config::SourceConfig& source) {
    if (source.content == config::Content::cloudevents || source.content == config::Content::elytra)
        return {cloudevents_sample, "application/cloudevents+json"};
    const auto* signature = std::get_if<config::SignatureVerification>(&source.verify);
    return {signature != nullptr && signature->scheme.scheme == "github" ? github_sample : plain_sample, "application/json"};
}

/// What the shell reads the first secret from.
std::string secret_words(const config::SourceConfig& source) {
    return source.secret_files.empty() ? "$SECRET" : "$(cat " + shell_quoted(source.secret_files.front()) + ")";
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
}

const char* digest_option(auth::Algorithm algorithm) {
    switch (algorithm) {
        case auth::Algorithm::hmac_sha1: return "-sha1";
        case auth::Algorithm::hmac_sha256: return "-sha256";
        case auth::Algorithm::hmac_sha512: return "-sha512";
        default: return nullptr;
    }
}

/// "-hmac KEY" for text keys; others go in as hexadecimal, which openssl takes only this way.
std::string key_option(const auth::SignatureScheme& scheme, const std::string& secret) {
    switch (scheme.secret_encoding) {
        case auth::SecretEncoding::whsec:
            return "-mac HMAC -macopt hexkey:$(printf %s \"" + secret +
                   R"(" | sed 's/^whsec_//' | base64 -d | od -An -v -tx1 | tr -d ' \n'))";
        case auth::SecretEncoding::base64:
            return "-mac HMAC -macopt hexkey:$(printf %s \"" + secret + R"(" | base64 -d | od -An -v -tx1 | tr -d ' \n'))";
        case auth::SecretEncoding::hex: return "-mac HMAC -macopt hexkey:\"" + secret + "\"";
        default: return "-hmac \"" + secret + "\"";
    }
}

/// The value of the signature header with $sig (and $ts) in it.
std::string signature_value(const auth::SignatureScheme& scheme) {
    if (scheme.signature_pairs) {
        const auto& pairs = *scheme.signature_pairs;
        return (pairs.timestamp_key.empty() ? "" : pairs.timestamp_key + "=$ts" + pairs.separator) + pairs.signature_key + "=$sig";
    }
    std::string value = scheme.signature_format;
    replace_all(value, "{signature}", "$sig");
    replace_all(value, "{timestamp}", "$ts");
    return value;
}

std::optional<std::string> signed_line(const config::SourceConfig& source, const auth::SignatureScheme& scheme, const Sample& sample,
                                       const std::string& url) {
    const char* digest = digest_option(scheme.algorithm);
    if (digest == nullptr || scheme.timestamp_unit != auth::TimestampUnit::seconds) return std::nullopt;
    std::string text = scheme.signed_template;
    for (const auto& [name, variable] :
         std::initializer_list<std::pair<std::string_view, std::string_view>>{{"{body}", "$body"}, {"{timestamp}", "$ts"}, {"{id}", "$id"}})
        replace_all(text, name, variable);
    if (text.find('{') != std::string::npos) return std::nullopt;
    std::string line = "body=" + shell_quoted(sample.body) + "; ";
    if (text.find("$ts") != std::string::npos) line += "ts=$(date +%s); ";
    if (text.find("$id") != std::string::npos) line += "id=msg_$(date +%s%N); ";
    line += "sig=$(printf %s \"" + text + "\" | openssl dgst " + digest + " " + key_option(scheme, secret_words(source)) +
            (scheme.signature_encoding == auth::SignatureEncoding::hex ? R"( | sed 's/^.*= *//'))" : " -binary | base64 -w0)");
    line += "; curl -d \"$body\" -H 'content-type: " + std::string(sample.content_type) + "' -H \"" + scheme.signature_header + ": " +
            signature_value(scheme) + "\"";
    if (!scheme.timestamp_header.empty()) line += " -H \"" + scheme.timestamp_header + ": $ts\"";
    if (!scheme.id_header.empty()) line += " -H \"" + scheme.id_header + ": $id\"";
    return line + " " + url;
}

struct LineWriter {
    const config::SourceConfig& source;
    Sample sample;
    std::string url;

    [[nodiscard]] std::string with(const std::string& credential) const {
        return "curl " + credential + "-d " + shell_quoted(sample.body) + " -H 'content-type: " + std::string(sample.content_type) + "' " +
               url;
    }
    std::optional<std::string> operator()(const config::NoVerification&) const { return with(""); }
    std::optional<std::string> operator()(const std::vector<auth::BasicAuth>& accepted) const {
        return with("-u " + shell_quoted(accepted.front().username) + ":\"" + secret_words(source) + "\" ");
    }
    std::optional<std::string> operator()(const std::vector<auth::BearerAuth>&) const {
        return with("-H \"authorization: Bearer " + secret_words(source) + "\" ");
    }
    std::optional<std::string> operator()(const std::vector<auth::ApiKeyAuth>& accepted) const {
        return with("-H \"" + accepted.front().header_name + ": " + secret_words(source) + "\" ");
    }
    std::optional<std::string> operator()(const config::SignatureVerification& signature) const {
        return signed_line(source, signature.scheme, sample, url);
    }
};

bool is_shell_safe(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:@%+,").find(c) != std::string_view::npos;
}

}  // namespace

std::string shell_quoted(std::string_view text) {
    if (!text.empty() && text.find_first_of("\n'") == std::string_view::npos) {
        bool safe = true;
        for (const char c : text) safe = safe && is_shell_safe(c);
        if (safe) return std::string(text);
    }
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'') {
            out += R"('\'')";
        } else {
            out += c;
        }
    }
    return out + "'";
}

std::optional<std::string> curl_line(const config::SourceConfig& source, std::string_view base_url) {
    return std::visit(LineWriter{source, sample_for(source), shell_quoted(std::string(base_url) + source.path)}, source.verify);
}

}  // namespace tenter::app
