// Goal: the engine's keys express providers that have no row of their own.
// Method: each provider spelled out as a user would under [source.verify], held against the vector that it or its library publishes
// (protocols.md 3.2, 3.3), or against one that the openssl tool made (openssl_vectors.hpp). Each accepted request is then altered.

#include "tests/unit/auth/auth_testing.hpp"
#include "tests/unit/auth/openssl_vectors.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::ElementsAre;

SignatureScheme scheme_with(std::string header, std::string format = "{signature}", SignatureEncoding encoding = SignatureEncoding::hex) {
    SignatureScheme scheme;
    scheme.signature_header = std::move(header);
    scheme.signature_format = std::move(format);
    scheme.signature_encoding = encoding;
    return scheme;
}

/// The request is accepted; with anything in it altered, or another secret, it is not.
void expect_proof(const SignatureScheme& scheme, const std::string& secret, const TestRequest& request, UnixMillis now = UnixMillis{}) {
    const auto verifier = verifier_of(scheme, {secret});
    ASSERT_TRUE(verifier);
    expect_accepted(*verifier, request, now);
    expect_refused(*verifier, with_body(request, request.body + " "), now, "does not match");
    if (!request.body.empty()) expect_refused(*verifier, with_body(request, request.body.substr(1)), now, "does not match");
    expect_refused(*verifier, without_header(request, scheme.signature_header), now, "missing");
    expect_refused(*verifier, with_repeated_header(request, scheme.signature_header), now, "more than once");
    expect_refused(*verifier_of(scheme, {secret + "x"}), request, now, "does not match");
    expect_accepted(*verifier_of(scheme, {secret + "x", secret, "third"}), request, now);
}

TEST(CustomScheme, meta_and_whatsapp) {
    expect_proof(
        scheme_with("X-Hub-Signature-256", "sha256={signature}"), "secret",
        {.body = "test", .headers = {{"X-Hub-Signature-256", "sha256=0329a06b62cd16b33eb6792be8c60b158d89a2ee3a876fce9a881ebb488c0914"}}});
}

TEST(CustomScheme, bitbucket_and_jira) {
    expect_proof(scheme_with("X-Hub-Signature", "sha256={signature}"), "It's a Secret to Everybody",
                 {.body = "Hello World!",
                  .headers = {{"X-Hub-Signature", "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"}}});
}

TEST(CustomScheme, paddle_with_pairs_separated_by_semicolons) {
    auto scheme = scheme_with("Paddle-Signature");
    scheme.signature_pairs = SignaturePairs{.separator = ";", .signature_key = "h1", .timestamp_key = "ts"};
    scheme.signed_template = "{timestamp}:{body}";
    scheme.tolerance = std::chrono::seconds(5);
    expect_proof(scheme, "pdl_ntf_01hbpjmytsa32fhr36nqgc3kgb_WvRO0eL4Bj9rgYYIBZY6wZhG4EHy9jzh",
                 {.body = "hello-world",
                  .headers = {{"Paddle-Signature", "ts=1696195954;h1=d96299976a6eb066f484d7fde011ac56fc32b38fc9940bc419d6e537fdc6ef02"}}},
                 at_seconds(1696195954));
}

TEST(CustomScheme, square_signs_the_url) {
    auto scheme = scheme_with("x-square-hmacsha256-signature", "{signature}", SignatureEncoding::base64);
    scheme.signed_template = "{url}{body}";
    const TestRequest request{.body = R"({"data":{"type":"webhooks","id":">id<"}})",
                              .headers = {{"x-square-hmacsha256-signature", "Cxt7+aTi4rKgcA0bC4g9EHdVtLSDWdqccmL5MvihU4U="}},
                              .target = "/webhooks",
                              .origin = "https://webhook.site"};
    expect_proof(scheme, "signature-key", request);
    const auto verifier = verifier_of(scheme, {"signature-key"});
    auto elsewhere = request;
    elsewhere.target = "/webhook";
    expect_refused(*verifier, elsewhere, {}, "does not match");
    elsewhere.origin.clear();
    expect_refused(*verifier, elsewhere, {}, "public address");
}

TEST(CustomScheme, hubspot_v1_is_a_plain_hash_of_secret_and_body) {
    auto scheme = scheme_with("X-HubSpot-Signature");
    scheme.algorithm = Algorithm::sha256;
    scheme.signed_template = "{secret}{body}";
    expect_proof(scheme, "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
                 {.body = R"([{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,)"
                          R"("subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM",)"
                          R"("changeFlag":"NEW","appId":54321}])",
                  .headers = {{"X-HubSpot-Signature", "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f4817de"}}});
}

TEST(CustomScheme, hubspot_v2_hashes_method_and_url_too) {
    auto scheme = scheme_with("X-HubSpot-Signature");
    scheme.algorithm = Algorithm::sha256;
    scheme.signed_template = "{secret}{method}{url}{body}";
    TestRequest request{.body = R"({"example_field":"example_value"})",
                        .headers = {{"X-HubSpot-Signature", "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"}},
                        .target = "/webhook_uri",
                        .origin = "https://www.example.com"};
    expect_proof(scheme, "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", request);
    request = {.body = "",
               .headers = {{"X-HubSpot-Signature", "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"}},
               .target = "/webhook_uri",
               .method = "GET",
               .origin = "https://www.example.com"};
    expect_proof(scheme, "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", request);
    request.method = "POST";
    expect_refused(*verifier_of(scheme, {"yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"}), request, {}, "does not match");
}

TEST(CustomScheme, hubspot_v3_has_milliseconds) {
    auto scheme = scheme_with("X-HubSpot-Signature-v3", "{signature}", SignatureEncoding::base64);
    scheme.signed_template = "{method}{url}{body}{timestamp}";
    scheme.timestamp_header = "X-HubSpot-Request-Timestamp";
    scheme.timestamp_unit = TimestampUnit::milliseconds;
    scheme.tolerance = std::chrono::minutes(5);
    expect_proof(scheme, vector_of("secret"),
                 {.body = vector_of("body"),
                  .headers = {{"X-HubSpot-Signature-v3", vector_of("hubspot_v3_base64")}, {"X-HubSpot-Request-Timestamp", "1700000000000"}},
                  .target = "/hubspot?a=1",
                  .origin = "https://hooks.example"},
                 at_seconds(vector_time));
}

// The body and secret of go-pagerduty's webhookv3_test.go.
constexpr auto pagerduty_body =
    R"({"event":{"id":"01BWDWL3NYY7LUFPZCC28QUCMK","event_type":"incident.priority_updated","resource_type":"incident",)"
    R"("occurred_at":"2021-04-26T17:36:27.458Z","agent":{"html_url":"https://acme.pagerduty.com/users/PLH1HKV","id":"PLH1HKV",)"
    R"("self":"https://api.pagerduty.com/users/PLH1HKV","summary":"Tenex Engineer","type":"user_reference"},"client":null,)"
    R"("data":{"id":"PGR0VU2","type":"incident","self":"https://api.pagerduty.com/incidents/PGR0VU2",)"
    R"("html_url":"https://acme.pagerduty.com/incidents/PGR0VU2","number":2,"status":"triggered","title":"A little bump in the road",)"
    R"("service":{"html_url":"https://acme.pagerduty.com/services/PF9KMXH","id":"PF9KMXH",)"
    R"("self":"https://api.pagerduty.com/services/PF9KMXH","summary":"API Service","type":"service_reference"},)"
    R"("assignees":[{"html_url":"https://acme.pagerduty.com/users/PTUXL6G","id":"PTUXL6G",)"
    R"("self":"https://api.pagerduty.com/users/PTUXL6G","summary":"User 123","type":"user_reference"}],)"
    R"("escalation_policy":{"html_url":"https://acme.pagerduty.com/escalation_policies/PUS0KTE","id":"PUS0KTE",)"
    R"("self":"https://api.pagerduty.com/escalation_policies/PUS0KTE","summary":"Default","type":"escalation_policy_reference"},)"
    R"("teams":[{"html_url":"https://acme.pagerduty.com/teams/PFCVPS0","id":"PFCVPS0",)"
    R"("self":"https://api.pagerduty.com/teams/PFCVPS0","summary":"Engineering","type":"team_reference"}],)"
    R"("priority":{"html_url":"https://acme.pagerduty.com/account/incident_priorities","id":"PSO75BM",)"
    R"("self":"https://api.pagerduty.com/priorities/PSO75BM","summary":"P1","type":"priority_reference"},"urgency":"high",)"
    R"("conference_bridge":{"conference_number":1000,"conference_url":"https://example.com"},"resolve_reason":null}}})";
constexpr auto pagerduty_secret = "lDQHScfUeXUKaQRNF+8XIiDKZ7XX3itBAYzwU0TARw8lJqRnkKl2iB1anSb0Z+IK";

TEST(CustomScheme, pagerduty_lists_signatures_during_rotation) {
    const std::string right = "v1=0c0b9495b893a39e70d1fea2fe11fbe0a825f88b9f67846f6cc07dd2bc5476cd";
    const std::string wrong = "v1=7020c8a7ec668a9b7012bc3dd82e483394b038f4230acc6785efbf2a7d8bcaf5";
    auto scheme = scheme_with("X-PagerDuty-Signature", "v1={signature}");
    scheme.signature_list = ",";
    for (const auto& value : {right, right + "," + wrong, wrong + ", " + right, "v2=00," + right})
        expect_proof(scheme, pagerduty_secret, {.body = pagerduty_body, .headers = {{"X-PagerDuty-Signature", value}}});
    const auto verifier = verifier_of(scheme, {pagerduty_secret});
    expect_refused(*verifier, {.body = pagerduty_body, .headers = {{"X-PagerDuty-Signature", wrong}}}, {}, "does not match");
    expect_refused(*verifier, {.body = pagerduty_body, .headers = {{"X-PagerDuty-Signature", "v2=00"}}}, {}, "expected form");
}

TEST(CustomScheme, intercom_signs_with_sha1) {
    auto scheme = scheme_with("X-Hub-Signature", "sha1={signature}");
    scheme.algorithm = Algorithm::hmac_sha1;
    expect_proof(scheme, vector_of("secret"),
                 {.body = vector_of("body"), .headers = {{"X-Hub-Signature", "sha1=" + vector_of("hmac_sha1_hex")}}});
}

TEST(CustomScheme, hmac_sha512_in_hex_and_base64) {
    auto scheme = scheme_with("X-Signature");
    scheme.algorithm = Algorithm::hmac_sha512;
    expect_proof(scheme, vector_of("secret"), {.body = vector_of("body"), .headers = {{"X-Signature", vector_of("hmac_sha512_hex")}}});
    scheme.signature_encoding = SignatureEncoding::base64;
    expect_proof(scheme, vector_of("secret"), {.body = vector_of("body"), .headers = {{"X-Signature", vector_of("hmac_sha512_base64")}}});
}

TEST(CustomScheme, linear_and_sentry_and_dropbox_sign_the_body_in_bare_hex_of_either_case) {
    const auto scheme = scheme_with("linear-signature");
    auto signature = vector_of("hmac_sha256_hex");
    expect_proof(scheme, vector_of("secret"), {.body = vector_of("body"), .headers = {{"linear-signature", signature}}});
    for (auto& digit : signature) digit = static_cast<char>(std::toupper(digit));
    expect_proof(scheme, vector_of("secret"), {.body = vector_of("body"), .headers = {{"linear-signature", signature}}});
    expect_proof(scheme, vector_of("secret"), {.body = "", .headers = {{"linear-signature", vector_of("hmac_sha256_empty_body_hex")}}});
}

TEST(CustomScheme, typeform_has_base64_behind_sha256) {
    expect_proof(scheme_with("Typeform-Signature", "sha256={signature}", SignatureEncoding::base64), vector_of("secret"),
                 {.body = vector_of("body"), .headers = {{"Typeform-Signature", "sha256=" + vector_of("hmac_sha256_base64")}}});
}

TEST(CustomScheme, docusign_has_bare_base64_with_or_without_padding) {
    const auto scheme = scheme_with("X-DocuSign-Signature-1", "{signature}", SignatureEncoding::base64);
    auto signature = vector_of("hmac_sha256_base64");
    expect_proof(scheme, vector_of("secret"), {.body = vector_of("body"), .headers = {{"X-DocuSign-Signature-1", signature}}});
    signature.pop_back();
    expect_proof(scheme, vector_of("secret"), {.body = vector_of("body"), .headers = {{"X-DocuSign-Signature-1", signature}}});
}

TEST(CustomScheme, zendesk_signs_an_rfc_3339_time) {
    auto scheme = scheme_with("X-Zendesk-Webhook-Signature", "{signature}", SignatureEncoding::base64);
    scheme.signed_template = "{timestamp}{body}";
    scheme.timestamp_header = "X-Zendesk-Webhook-Signature-Timestamp";
    scheme.timestamp_unit = TimestampUnit::rfc3339;
    scheme.tolerance = std::chrono::minutes(5);
    expect_proof(scheme, vector_of("secret"),
                 {.body = vector_of("body"),
                  .headers = {{"X-Zendesk-Webhook-Signature", vector_of("rfc3339_base64")},
                              {"X-Zendesk-Webhook-Signature-Timestamp", "2023-11-14T22:13:20Z"}}},
                 at_seconds(vector_time));
}

TEST(CustomScheme, zoom_is_slack_under_other_names) {
    auto scheme = *find_scheme("slack");
    scheme.scheme = "custom";
    scheme.signature_header = "x-zm-signature";
    scheme.timestamp_header = "x-zm-request-timestamp";
    expect_proof(scheme, vector_of("secret"),
                 {.body = vector_of("body"),
                  .headers = {{"x-zm-signature", "v0=" + vector_of("slack_hex")}, {"x-zm-request-timestamp", "1700000000"}}},
                 at_seconds(vector_time));
}

TEST(CustomScheme, every_placeholder_is_what_its_name_says) {
    auto scheme = scheme_with("X-Signature");
    scheme.signed_template = "{method}|{url}|{path}|{query}|{id}|{timestamp}|{header:Content-Type}|{body}";
    scheme.id_header = "X-Id";
    scheme.timestamp_header = "X-Time";
    const TestRequest request{
        .body = vector_of("body"),
        .headers = {{"X-Signature", vector_of("every_part_hex")}, {"x-id", "evt_1"}, {"x-time", "1700000000"}, {"content-type", "text/x"}},
        .target = "/path?q=1&r",
        .origin = "https://hooks.example"};
    expect_proof(scheme, vector_of("secret"), request);
    const auto verifier = verifier_of(scheme, {vector_of("secret")});
    EXPECT_EQ(request.verify_with(*verifier)->message_id, "evt_1");
    for (const auto* name : {"x-id", "x-time", "content-type"}) {
        expect_refused(*verifier, with_header(request, name, "other"), {}, "does not match");
        expect_refused(*verifier, without_header(request, name), {}, "missing");
        expect_refused(*verifier, with_header(request, name, ""), {}, "empty");
        expect_refused(*verifier, with_repeated_header(request, name), {}, "more than once");
    }
}

TEST(CustomScheme, takes_the_key_in_hex_base64_and_whsec) {
    const TestRequest request{.body = vector_of("body"), .headers = {{"X-Signature", vector_of("hmac_binary_key_hex")}}};
    auto scheme = scheme_with("X-Signature");
    scheme.secret_encoding = SecretEncoding::hex;
    expect_accepted(*verifier_of(scheme, {vector_of("hex_key")}), request);
    const std::string base64_key = vector_of("base64_key");
    const std::string unpadded(base64_key, 0, base64_key.find('='));
    for (const auto encoding : {SecretEncoding::base64, SecretEncoding::whsec}) {
        scheme.secret_encoding = encoding;
        expect_accepted(*verifier_of(scheme, {base64_key}), request);
        expect_accepted(*verifier_of(scheme, {unpadded}), request);
    }
    expect_accepted(*verifier_of(scheme, {"whsec_" + base64_key}), request);
    expect_accepted(*verifier_of(scheme, {"whsec_" + unpadded}), request);
}

TEST(TokenScheme, gitlab_shows_the_secret_itself) {
    auto scheme = scheme_with("X-Gitlab-Token");
    scheme.scheme = "gitlab-token";
    scheme.algorithm = Algorithm::token;
    const auto verifier = verifier_of(scheme, {"old token", "new"});
    EXPECT_EQ(verifier->scheme(), "gitlab-token");
    EXPECT_THAT(verifier->credential_places().headers, ElementsAre("x-gitlab-token"));
    for (const auto* right : {"old token", "new"}) expect_accepted(*verifier, {.body = "{}", .headers = {{"x-gitlab-token", right}}});
    for (const auto* wrong : {"", "old", "old token ", "newer", "NEW"})
        expect_refused(*verifier, {.body = "{}", .headers = {{"x-gitlab-token", wrong}}});
    expect_refused(*verifier, {.body = "{}", .headers = {{"x-gitlab-token", "new"}, {"X-Gitlab-Token", "new"}}}, {}, "more than once");
}

TEST(TokenScheme, may_have_a_format_around_the_secret) {
    auto scheme = scheme_with("Authorization", "Token {signature}");
    scheme.algorithm = Algorithm::token;
    const auto verifier = verifier_of(scheme, {"secret"});
    expect_accepted(*verifier, {.body = "{}", .headers = {{"Authorization", "Token secret"}}});
    for (const auto* wrong : {"secret", "Token ", "Token", "Token secrets"})
        expect_refused(*verifier, {.body = "{}", .headers = {{"Authorization", wrong}}});
}

}  // namespace
}  // namespace tenter::auth::testing
