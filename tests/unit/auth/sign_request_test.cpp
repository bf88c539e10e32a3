// What we sign is what others expect: expected values are published vectors and the openssl tool's (openssl_vectors.hpp).

#include "tests/unit/auth/auth_testing.hpp"
#include "tests/unit/auth/openssl_vectors.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> lines_of(const Result<std::vector<Header>>& headers) {
    EXPECT_TRUE(headers.has_value()) << headers.error().message;
    std::vector<std::string> lines;
    for (const auto& header : *headers) lines.push_back(header.name + ": " + header.value);
    return lines;
}

HttpRequestView request_with(std::string_view body) {
    return {.method = "POST", .target = "/hook", .headers = {}, .body = body, .origin = {}};
}

TEST(SignRequest, makes_the_published_vectors_of_standard_webhooks) {
    const auto scheme = *find_scheme("standard-webhooks");
    const auto request = request_with(R"({"test": 2432232314})");
    const auto sign = [&](const char* secret) {
        return lines_of(sign_request(scheme, Secret(secret), request, "msg_p5jXN8AQM9LWM0D4loKWxJek", at_seconds(1614265330)));
    };
    EXPECT_THAT(sign("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                ::testing::ElementsAre("webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                                       "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    EXPECT_EQ(sign("whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==").back(),
              "webhook-signature: v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==");
}

TEST(SignRequest, makes_github_stripe_shopify_and_slack) {
    EXPECT_THAT(lines_of(sign_request(*find_scheme("github"), Secret("It's a Secret to Everybody"), request_with("Hello, World!"), "", {})),
                ::testing::ElementsAre("X-Hub-Signature-256: sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"));
    const auto body = vector_of("body");
    const auto sign = [&](const char* scheme) {
        return lines_of(sign_request(*find_scheme(scheme), Secret(vector_of("secret")), request_with(body), "", at_seconds(vector_time)));
    };
    EXPECT_THAT(sign("stripe"), ::testing::ElementsAre("Stripe-Signature: t=1700000000,v1=" + vector_of("stripe_hex")));
    EXPECT_THAT(sign("shopify"), ::testing::ElementsAre("X-Shopify-Hmac-Sha256: " + vector_of("hmac_sha256_base64")));
    EXPECT_THAT(sign("slack"),
                ::testing::ElementsAre("X-Slack-Request-Timestamp: 1700000000", "X-Slack-Signature: v0=" + vector_of("slack_hex")));
}

TEST(SignRequest, makes_custom_schemes_with_every_part) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    scheme.signed_template = "{method}|{url}|{path}|{query}|{id}|{timestamp}|{header:Content-Type}|{body}";
    scheme.id_header = "X-Id";
    scheme.timestamp_header = "X-Time";
    const auto body = vector_of("body");
    const std::vector<HeaderView> headers{{"content-type", "text/x"}};
    const HttpRequestView request{
        .method = "POST", .target = "/path?q=1&r", .headers = headers, .body = body, .origin = "https://hooks.example"};
    EXPECT_THAT(lines_of(sign_request(scheme, Secret(vector_of("secret")), request, "evt_1", at_seconds(vector_time))),
                ::testing::ElementsAre("X-Id: evt_1", "X-Time: 1700000000", "X-Signature: " + vector_of("every_part_hex")));
    EXPECT_THAT(sign_request(scheme, Secret("secret"), request_with(body), "evt_1", {}).error().message, HasSubstr("public address"));
    EXPECT_THAT(sign_request(scheme, Secret("secret"), request, "", {}).error().message, HasSubstr("id: "));
}

TEST(SignRequest, makes_plain_hashes_and_shows_tokens) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    scheme.algorithm = Algorithm::sha256;
    scheme.signed_template = "{secret}{body}";
    // printf 'secrettest' | sha256sum
    EXPECT_THAT(lines_of(sign_request(scheme, Secret("secret"), request_with("test"), "", {})),
                ::testing::ElementsAre("X-Signature: 62a11257d24e7b577b87936eaf7931a0f15bc7b4e52f2c37507b7792c38b6d0c"));
    scheme.algorithm = Algorithm::token;
    scheme.signed_template = "{body}";
    scheme.signature_format = "Token {signature}";
    EXPECT_THAT(lines_of(sign_request(scheme, Secret("secret"), request_with("test"), "", {})),
                ::testing::ElementsAre("X-Signature: Token secret"));
}

TEST(SignRequest, makes_ed25519_signatures_with_a_pem_private_key) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    scheme.algorithm = Algorithm::ed25519;
    scheme.secret_encoding = SecretEncoding::pem;
    scheme.signed_template = "{timestamp}{body}";
    scheme.timestamp_header = "X-Time";
    const auto body = vector_of("body");
    const auto headers = sign_request(scheme, Secret(vector_of("ed25519_private_pem")), request_with(body), "", at_seconds(vector_time));
    EXPECT_EQ(lines_of(headers).back(), "X-Signature: " + vector_of("ed25519_signature_hex"));
}

TEST(SignRequest, refuses_keys_that_cannot_sign_and_says_so_without_showing_them) {
    SignatureScheme scheme;
    scheme.signature_header = "X-Signature";
    scheme.algorithm = Algorithm::ed25519;
    scheme.secret_encoding = SecretEncoding::pem;
    const auto with_public_key = sign_request(scheme, Secret(vector_of("ed25519_public_pem")), request_with("x"), "", {});
    ASSERT_FALSE(with_public_key.has_value());
    EXPECT_EQ(with_public_key.error().code, Errc::invalid_input);
    EXPECT_EQ(with_public_key.error().message, "secret: a public key cannot sign");
    scheme.algorithm = Algorithm::ecdsa_p256_sha256;
    EXPECT_EQ(sign_request(scheme, Secret(vector_of("ecdsa_private_pem")), request_with("x"), "", {}).error().code, Errc::unsupported);
    for (const auto name : scheme_names())
        EXPECT_EQ(sign_request(*find_scheme(name), Secret(), request_with("x"), "id", {}).error().message, "secret: empty");
}

}  // namespace
}  // namespace tenter::auth::testing
