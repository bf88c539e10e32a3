// A scheme that contradicts itself is refused when it is made, with the key that is wrong.

#include <functional>

#include "tests/unit/auth/auth_testing.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

/// What making a verifier says about a scheme that is right but for one change.
std::string fault_after(const std::function<void(SignatureScheme&)>& change) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    change(scheme);
    const auto made = make_signature_verifier(scheme, secrets({"secret"}));
    if (made) return "";
    EXPECT_EQ(made.error().code, Errc::invalid_input);
    EXPECT_FALSE(sign_request(scheme, Secret("secret"), {}, "id", UnixMillis{}).has_value());
    return made.error().message;
}

TEST(SchemeCheck, has_nothing_against_the_smallest_scheme) {
    EXPECT_EQ(fault_after([](SignatureScheme&) {}), "");
}

TEST(SchemeCheck, names_header_keys_that_are_missing_or_no_names) {
    EXPECT_EQ(fault_after([](auto& s) { s.signature_header.clear(); }), "signature_header: required");
    EXPECT_EQ(fault_after([](auto& s) { s.signature_header = "X Signature"; }), "signature_header: not a header name");
    EXPECT_EQ(fault_after([](auto& s) { s.timestamp_header = "X:Time"; }), "timestamp_header: not a header name");
    EXPECT_EQ(fault_after([](auto& s) { s.id_header = "\xc3\xbc"; }), "id_header: not a header name");
    EXPECT_THAT(fault_after([](auto& s) { s.alternative_prefixes = {"svix-"}; }), StartsWith("signature_header: alternative_prefixes"));
    EXPECT_THAT(fault_after([](auto& s) {
                    s.signature_header = "webhook-signature";
                    s.alternative_prefixes = {""};
                }),
                StartsWith("alternative_prefixes: "));
}

TEST(SchemeCheck, reads_the_template_and_says_where_it_is_wrong) {
    EXPECT_THAT(fault_after([](auto& s) { s.signed_template = "{bodi}{body}"; }),
                StartsWith("signed: unknown placeholder {bodi} (known: {id}"));
    EXPECT_EQ(fault_after([](auto& s) { s.signed_template = "{body}.{times"; }), "signed: '{' without '}' at byte 7");
    EXPECT_THAT(fault_after([](auto& s) { s.signed_template = "{body}{header:}"; }), HasSubstr("at byte 6"));
    EXPECT_THAT(fault_after([](auto& s) { s.signed_template = "v0"; }), StartsWith("signed: {body} is missing"));
    EXPECT_THAT(fault_after([](auto& s) { s.signed_template = ""; }), StartsWith("signed: {body} is missing"));
    std::string many;
    for (int i = 0; i < 17; ++i) many += "{body}";
    EXPECT_EQ(fault_after([&](auto& s) { s.signed_template = many; }), "signed: more than 16 parts");
    EXPECT_EQ(fault_after([&](auto& s) { s.signed_template = many.substr(6); }), "");
}

TEST(SchemeCheck, holds_the_template_against_the_headers_it_needs) {
    EXPECT_THAT(fault_after([](auto& s) { s.signed_template = "{timestamp}{body}"; }), StartsWith("signed: {timestamp} is named, but"));
    EXPECT_THAT(fault_after([](auto& s) { s.timestamp_header = "X-Time"; }), StartsWith("signed: {timestamp} is missing"));
    EXPECT_THAT(fault_after([](auto& s) { s.signed_template = "{id}{body}"; }), StartsWith("signed: {id} is named, but"));
    EXPECT_THAT(fault_after([](auto& s) { s.id_header = "X-Id"; }), StartsWith("signed: {id} is missing"));
}

TEST(SchemeCheck, lets_a_plain_hash_only_be_made_with_the_secret_in_it) {
    EXPECT_THAT(fault_after([](auto& s) { s.algorithm = Algorithm::sha256; }), StartsWith("signed: {secret} is missing"));
    EXPECT_THAT(fault_after([](auto& s) { s.signed_template = "{secret}{body}"; }), StartsWith("signed: {secret} belongs to"));
}

TEST(SchemeCheck, holds_tolerance_against_the_timestamp) {
    EXPECT_EQ(fault_after([](auto& s) { s.tolerance = std::chrono::seconds(5); }), "tolerance: the scheme has no timestamp");
    for (const int value : {0, -5})
        EXPECT_THAT(fault_after([&](auto& s) {
                        s.timestamp_header = "X-Time";
                        s.signed_template = "{timestamp}{body}";
                        s.tolerance = std::chrono::seconds(value);
                    }),
                    StartsWith("tolerance: must be more than 0"));
}

TEST(SchemeCheck, holds_the_layout_of_the_signature_header_together) {
    const auto with_pairs = [](
                                SignaturePairs pairs, const std::function<void(SignatureScheme&)>& change = [](auto&) {}) {
        return fault_after([&](auto& s) {
            s.signature_pairs = pairs;
            change(s);
        });
    };
    EXPECT_EQ(with_pairs({",", "v1", ""}), "");
    EXPECT_THAT(with_pairs({"", "v1", ""}), StartsWith("signature_pairs: the separator"));
    EXPECT_THAT(with_pairs({"=", "v1", ""}), StartsWith("signature_pairs: the separator"));
    EXPECT_THAT(with_pairs({",", "", "t"}), StartsWith("signature_pairs: the signature's key"));
    EXPECT_THAT(with_pairs({",", "t", "t"}), StartsWith("signature_pairs: signature and timestamp"));
    EXPECT_THAT(with_pairs({",", "v1", ""}, [](auto& s) { s.signature_list = " "; }), StartsWith("signature_list: "));
    EXPECT_THAT(with_pairs({",", "v1", "t"}, [](auto& s) { s.timestamp_header = "X-Time"; }), StartsWith("timestamp_header: "));
    EXPECT_THAT(fault_after([](auto& s) { s.signature_format = "sha256="; }), StartsWith("signature_format: "));
}

TEST(SchemeCheck, lets_an_algorithm_have_only_secrets_that_it_can_use) {
    struct Case {
        Algorithm algorithm;
        std::vector<SecretEncoding> usable;
    };
    using enum SecretEncoding;
    for (const auto& [algorithm, usable] : std::vector<Case>{{Algorithm::hmac_sha1, {utf8, hex, base64, whsec}},
                                                             {Algorithm::hmac_sha256, {utf8, hex, base64, whsec}},
                                                             {Algorithm::hmac_sha512, {utf8, hex, base64, whsec}},
                                                             {Algorithm::sha256, {utf8}},
                                                             {Algorithm::token, {utf8}},
                                                             {Algorithm::ed25519, {hex, base64, whsec, spki_base64, pem}},
                                                             {Algorithm::ecdsa_p256_sha256, {spki_base64, pem}},
                                                             {Algorithm::ecdsa_p256_sha256_p1363, {spki_base64, pem}},
                                                             {Algorithm::rsa_sha256, {spki_base64, pem}}}) {
        for (const auto encoding : {utf8, hex, base64, whsec, spki_base64, pem}) {
            const auto fault = fault_after([&](auto& s) {
                s.algorithm = algorithm;
                s.secret_encoding = encoding;
                if (algorithm == Algorithm::sha256) s.signed_template = "{secret}{body}";
            });
            const bool is_usable = std::ranges::find(usable, encoding) != usable.end();
            EXPECT_EQ(fault.starts_with("secret_encoding: "), !is_usable) << to_string(algorithm) << " " << to_string(encoding);
        }
    }
}

TEST(SchemeCheck, lets_a_token_have_no_keys_about_signing) {
    const auto token_with = [](const std::function<void(SignatureScheme&)>& change) {
        return fault_after([&](auto& s) {
            s.algorithm = Algorithm::token;
            change(s);
        });
    };
    EXPECT_EQ(token_with([](auto&) {}), "");
    EXPECT_THAT(token_with([](auto& s) { s.signed_template = "{timestamp}{body}"; }), StartsWith("algorithm: \"token\" signs nothing"));
    EXPECT_THAT(token_with([](auto& s) { s.timestamp_header = "X-Time"; }), StartsWith("algorithm: \"token\" signs nothing"));
    EXPECT_THAT(token_with([](auto& s) { s.id_header = "X-Id"; }), StartsWith("algorithm: \"token\" signs nothing"));
    EXPECT_THAT(token_with([](auto& s) { s.signature_list = ","; }), StartsWith("algorithm: \"token\" signs nothing"));
    SignatureScheme scheme;
    scheme.signature_header = "X-Token";
    scheme.algorithm = Algorithm::token;
    EXPECT_THAT(make_signature_verifier(scheme, secrets({"a", "b\n"})).error().message, StartsWith("secret 1: "));
}

TEST(Names, of_every_value_are_read_back) {
    const std::vector<std::string_view> algorithms{"hmac-sha1", "hmac-sha256", "hmac-sha512",       "sha256",
                                                   "token",     "ed25519",     "ecdsa-p256-sha256", "ecdsa-p256-sha256-p1363",
                                                   "rsa-sha256"};
    for (const auto name : algorithms) EXPECT_EQ(to_string(parse_algorithm(name).value()), name);
    for (const std::string_view name : {"utf8", "hex", "base64", "whsec", "spki-base64", "pem"})
        EXPECT_EQ(to_string(parse_secret_encoding(name).value()), name);
    for (const std::string_view name : {"hex", "base64"}) EXPECT_EQ(to_string(parse_signature_encoding(name).value()), name);
    for (const std::string_view name : {"s", "ms", "rfc3339"}) EXPECT_EQ(to_string(parse_timestamp_unit(name).value()), name);
    EXPECT_EQ(parse_algorithm("rsa-sha256"), Algorithm::rsa_sha256);
    EXPECT_EQ(parse_secret_encoding("pem"), SecretEncoding::pem);
    EXPECT_EQ(parse_timestamp_unit("ms"), TimestampUnit::milliseconds);
    for (const auto* name : {"", "HMAC-SHA256", "md5"}) EXPECT_EQ(parse_algorithm(name), std::nullopt);
}

}  // namespace
}  // namespace tenter::auth::testing
