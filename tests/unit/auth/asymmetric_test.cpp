// Public keys: the vectors of Standard Webhooks and SendGrid, and keys and signatures made by the openssl tool.

#include "tenter/base/encoding.hpp"
#include "tests/unit/auth/auth_testing.hpp"
#include "tests/unit/auth/openssl_vectors.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::HasSubstr;

constexpr auto v1a_public = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=";
constexpr auto v1a_private = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
constexpr auto v1a_signature = "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
const TestRequest v1a_request{
    .body = R"({"test": 2432232314})",
    .headers = {{"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", v1a_signature}}};
constexpr auto v1a_time = 1614265330;

TEST(StandardWebhooksV1a, accepts_the_published_vector_with_the_public_or_the_private_key) {
    for (const auto* key : {v1a_public, v1a_private})
        expect_accepted(*named_verifier("standard-webhooks", {key}), v1a_request, at_seconds(v1a_time));
}

TEST(StandardWebhooksV1a, refuses_the_vector_when_anything_in_it_is_altered) {
    const auto verifier = named_verifier("standard-webhooks", {v1a_public});
    expect_refused(*verifier, with_body(v1a_request, R"({"test": 2432232315})"), at_seconds(v1a_time), "does not match");
    expect_refused(*verifier, with_header(v1a_request, "webhook-id", "msg"), at_seconds(v1a_time), "does not match");
    auto altered = std::string(v1a_signature);
    altered[10] = altered[10] == 'A' ? 'B' : 'A';
    expect_refused(*verifier, with_header(v1a_request, "webhook-signature", altered), at_seconds(v1a_time), "does not match");
}

TEST(StandardWebhooksV1a, does_not_take_one_versions_signature_for_the_others) {
    const auto as_v1 = "v1" + std::string(v1a_signature).substr(3);
    expect_refused(*named_verifier("standard-webhooks", {v1a_public}), with_header(v1a_request, "webhook-signature", as_v1),
                   at_seconds(v1a_time), "expected form");
    expect_refused(*named_verifier("standard-webhooks", {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}), v1a_request, at_seconds(v1a_time),
                   "expected form");
}

TEST(StandardWebhooksV1a, works_beside_symmetric_secrets_while_a_sender_moves_from_one_to_the_other) {
    const auto verifier = named_verifier("standard-webhooks", {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", v1a_public});
    const std::string v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    for (const auto& value : {v1, std::string(v1a_signature), v1 + " " + v1a_signature, v1a_signature + (" " + v1)})
        expect_accepted(*verifier, with_header(v1a_request, "webhook-signature", value), at_seconds(v1a_time));
}

TEST(SendGrid, accepts_the_vector_of_its_library) {
    SignatureScheme scheme;
    scheme.algorithm = Algorithm::ecdsa_p256_sha256;
    scheme.secret_encoding = SecretEncoding::spki_base64;
    scheme.signature_header = "X-Twilio-Email-Event-Webhook-Signature";
    scheme.signature_encoding = SignatureEncoding::base64;
    scheme.signed_template = "{timestamp}{body}";
    scheme.timestamp_header = "X-Twilio-Email-Event-Webhook-Timestamp";
    const auto verifier = verifier_of(scheme, {"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe62gw"
                                               "+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="});
    const TestRequest request{
        .body = R"([{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",)"
                R"("sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",)"
                R"("sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",)"
                R"("smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>","timestamp":1600112492}])"
                "\r\n",
        .headers = {{"X-Twilio-Email-Event-Webhook-Signature",
                     "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15TluLtEZtM="},
                    {"X-Twilio-Email-Event-Webhook-Timestamp", "1600112502"}}};
    expect_accepted(*verifier, request);
    expect_refused(*verifier, with_body(request, request.body.substr(0, request.body.size() - 2)), {}, "does not match");
    expect_refused(*verifier, with_header(request, "X-Twilio-Email-Event-Webhook-Timestamp", "1600112503"), {}, "does not match");
    expect_refused(*verifier,  // the library's own wrong signature
                   with_header(request, "X-Twilio-Email-Event-Webhook-Signature",
                               "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDWYNH3j/0="),
                   {}, "does not match");
}

/// Discord's shape: `{timestamp}{body}` signed, key and signature as given.
SignatureScheme discord_like(Algorithm algorithm, SecretEncoding secret_encoding, SignatureEncoding signature_encoding) {
    SignatureScheme scheme;
    scheme.algorithm = algorithm;
    scheme.secret_encoding = secret_encoding;
    scheme.signature_header = "X-Signature";
    scheme.signature_encoding = signature_encoding;
    scheme.signed_template = "{timestamp}{body}";
    scheme.timestamp_header = "X-Signature-Timestamp";
    scheme.tolerance = std::chrono::minutes(5);
    return scheme;
}

/// The vector is accepted; altered, and cut at each byte, it is not, nor does it crash.
void expect_proof(const SignatureScheme& scheme, std::string_view key_name, std::string_view signature_name) {
    const auto verifier = verifier_of(scheme, {vector_of(key_name)});
    ASSERT_TRUE(verifier);
    const std::string signature = vector_of(signature_name);
    const TestRequest request{.body = vector_of("body"),
                              .headers = {{"X-Signature", signature}, {"X-Signature-Timestamp", std::to_string(vector_time)}}};
    const auto now = at_seconds(vector_time);
    expect_accepted(*verifier, request, now);
    expect_refused(*verifier, with_body(request, request.body + " "), now, "does not match");
    expect_refused(*verifier, with_header(request, "X-Signature-Timestamp", std::to_string(vector_time + 1)), now, "does not match");
    const std::size_t padding = signature.size() - std::min(signature.find('='), signature.size());
    for (std::size_t length = 0; length + padding < signature.size(); ++length)
        expect_refused(*verifier, with_header(request, "X-Signature", signature.substr(0, length)), now);
}

TEST(PublicKeys, discord_has_ed25519_with_key_and_signature_in_hex) {
    expect_proof(discord_like(Algorithm::ed25519, SecretEncoding::hex, SignatureEncoding::hex), "ed25519_public_hex",
                 "ed25519_signature_hex");
}

TEST(PublicKeys, ed25519_keys_may_be_spki_or_pem) {
    expect_proof(discord_like(Algorithm::ed25519, SecretEncoding::spki_base64, SignatureEncoding::hex), "ed25519_public_spki",
                 "ed25519_signature_hex");
    expect_proof(discord_like(Algorithm::ed25519, SecretEncoding::pem, SignatureEncoding::hex), "ed25519_public_pem",
                 "ed25519_signature_hex");
    expect_proof(discord_like(Algorithm::ed25519, SecretEncoding::pem, SignatureEncoding::hex), "ed25519_private_pem",
                 "ed25519_signature_hex");
}

TEST(PublicKeys, ecdsa_signatures_may_be_der_or_p1363) {
    expect_proof(discord_like(Algorithm::ecdsa_p256_sha256, SecretEncoding::spki_base64, SignatureEncoding::base64), "ecdsa_public_spki",
                 "ecdsa_signature_der_base64");
    expect_proof(discord_like(Algorithm::ecdsa_p256_sha256, SecretEncoding::pem, SignatureEncoding::base64), "ecdsa_public_pem",
                 "ecdsa_signature_der_base64");
    expect_proof(discord_like(Algorithm::ecdsa_p256_sha256_p1363, SecretEncoding::pem, SignatureEncoding::base64), "ecdsa_public_pem",
                 "ecdsa_signature_p1363_base64");
}

TEST(PublicKeys, rsa_signatures_are_pkcs1) {
    expect_proof(discord_like(Algorithm::rsa_sha256, SecretEncoding::pem, SignatureEncoding::base64), "rsa_public_pem",
                 "rsa_signature_base64");
    expect_proof(discord_like(Algorithm::rsa_sha256, SecretEncoding::spki_base64, SignatureEncoding::base64), "rsa_public_spki",
                 "rsa_signature_base64");
}

TEST(PublicKeys, that_the_algorithm_cannot_use_are_refused_without_showing_them) {
    struct Case {
        Algorithm algorithm;
        SecretEncoding encoding;
        std::string key;
        std::string_view because;
    };
    for (const auto& [algorithm, encoding, key, because] : std::initializer_list<Case>{
             {Algorithm::ecdsa_p256_sha256, SecretEncoding::spki_base64, vector_of("p384_public_spki"), "curve P-256"},
             {Algorithm::ecdsa_p256_sha256, SecretEncoding::spki_base64, vector_of("rsa_public_spki"), "curve P-256"},
             {Algorithm::rsa_sha256, SecretEncoding::spki_base64, vector_of("rsa_1024_public_spki"), "2048"},
             {Algorithm::rsa_sha256, SecretEncoding::pem, vector_of("ecdsa_public_pem"), "not an RSA key"},
             {Algorithm::ed25519, SecretEncoding::pem, vector_of("rsa_public_pem"), "not an Ed25519 key"},
             {Algorithm::ed25519, SecretEncoding::pem, vector_of("ed25519_locked_pem"), "OpenSSL can read"},
             {Algorithm::ed25519, SecretEncoding::pem, "-----BEGIN PUBLIC KEY-----", "OpenSSL can read"},
             {Algorithm::ed25519, SecretEncoding::hex, "00ff", "OpenSSL can read"},
             {Algorithm::ed25519, SecretEncoding::spki_base64, "AAAA", "OpenSSL can read"},
             {Algorithm::ed25519, SecretEncoding::spki_base64, base64_encode(*base64_decode(vector_of("ed25519_public_spki")) + "x"),
              "OpenSSL can read"},
             {Algorithm::ed25519, SecretEncoding::whsec, "whpk_AAAA", "32 bytes"},
             {Algorithm::ed25519, SecretEncoding::whsec, "whsk_AAAA", "64 bytes"},
             {Algorithm::ed25519, SecretEncoding::whsec, "whsec_AAAA", "neither whpk_ nor whsk_"},
             {Algorithm::ed25519, SecretEncoding::whsec, "whsk_" + std::string(86, 'A') + "==", "OpenSSL can read"}}) {
        const auto made = make_signature_verifier(discord_like(algorithm, encoding, SignatureEncoding::hex), {Secret(key)});
        ASSERT_FALSE(made.has_value());
        EXPECT_EQ(made.error().code, Errc::invalid_input);
        EXPECT_THAT(made.error().message, HasSubstr("secret 0: "));
        EXPECT_THAT(made.error().message, HasSubstr(std::string(because)));
        EXPECT_THAT(made.error().message, ::testing::Not(HasSubstr(key)));
    }
}

}  // namespace
}  // namespace tenter::auth::testing
