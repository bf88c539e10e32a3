// The rows of the catalogue, each with the vectors that its provider or its libraries publish (protocols.md 3.1 to 3.3).

#include "tests/unit/auth/auth_testing.hpp"
#include "tests/unit/auth/openssl_vectors.hpp"

namespace tenter::auth::testing {
namespace {

using ::testing::IsEmpty;

constexpr auto standard_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr auto standard_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
constexpr auto standard_time = 1614265330;
const TestRequest standard_request{
    .body = R"({"test": 2432232314})",
    .headers = {
        {"webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJek"}, {"webhook-timestamp", "1614265330"}, {"webhook-signature", standard_signature}}};

TEST(StandardWebhooks, accepts_the_vector_of_the_libraries_and_tells_the_message_id) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    const auto verified = standard_request.verify_with(*verifier, at_seconds(standard_time));
    ASSERT_TRUE(verified.has_value()) << verified.error().message;
    EXPECT_EQ(verified->scheme, "standard-webhooks");
    EXPECT_EQ(verified->message_id, "msg_p5jXN8AQM9LWM0D4loKWxJek");
    EXPECT_THAT(verifier->credential_places().headers, IsEmpty());
    EXPECT_THAT(verifier->challenge(), IsEmpty());
}

TEST(StandardWebhooks, refuses_the_vector_when_anything_in_it_is_altered) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    const auto now = at_seconds(standard_time);
    expect_refused(*verifier, with_header(standard_request, "webhook-signature", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA="), now);
    expect_refused(*verifier, with_header(standard_request, "webhook-id", "msg_p5jXN8AQM9LWM0D4loKWxJel"), now);
    expect_refused(*verifier, with_header(standard_request, "webhook-timestamp", "1614265331"), now);
    expect_refused(*verifier, with_body(standard_request, R"({"test": 2432232315})"), now);
    expect_refused(*verifier, with_body(standard_request, ""), now);
    expect_refused(*named_verifier("standard-webhooks", {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"}), standard_request, now);
}

TEST(StandardWebhooks, accepts_the_vector_of_openai) {
    const auto verifier = named_verifier("standard-webhooks", {"whsec_RdvaYFYUXuIFuEbvZHwMfYFhUf7aMYjYcmM24+Aj40c="});
    const TestRequest request{.body = R"({"id": "evt_685c059ae3a481909bdc86819b066fb6", "object": "event", "created_at": 1750861210, )"
                                      R"("type": "response.completed", "data": {"id": "resp_123"}})",
                              .headers = {{"webhook-id", "wh_685c059ae39c8190af8c71ed1022a24d"},
                                          {"webhook-timestamp", "1750861210"},
                                          {"webhook-signature", "v1,gUAg4R2hWouRZqRQG4uJypNS8YK885G838+EHb4nKBY="}}};
    expect_accepted(*verifier, request, at_seconds(1750861210));
}

TEST(StandardWebhooks, accepts_any_right_signature_among_others_and_skips_unknown_versions) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    const std::string right = standard_signature;
    const std::string wrong = "v1,AAAASsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE0=";
    for (const auto& value : std::vector<std::string>{wrong + " " + right, right + " " + wrong, "v2,xyz " + right, "  " + right + "  v1",
                                                      "v1, v1 , nonsense " + right, "v0,AAAA " + wrong + " v1,!!!! " + right})
        expect_accepted(*verifier, with_header(standard_request, "webhook-signature", value), at_seconds(standard_time));
}

TEST(StandardWebhooks, refuses_malformed_signature_headers_without_crashing) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret, "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="});
    const std::string right = standard_signature;
    for (const auto& value : std::vector<std::string>{"", "v1", "v1,", ",", " ", "v1a,", "v1,v1,", right.substr(3), "V1" + right.substr(2),
                                                      "v2" + right.substr(2), right + ",", right + "=", "v1, " + right.substr(3),
                                                      std::string(10'000, ' ') + "v1,", std::string(10'000, ',')})
        expect_refused(*verifier, with_header(standard_request, "webhook-signature", value), at_seconds(standard_time));
    for (std::size_t length = 0; length + 1 < right.size(); ++length)  // the last byte is padding
        expect_refused(*verifier, with_header(standard_request, "webhook-signature", right.substr(0, length)), at_seconds(standard_time));
}

TEST(StandardWebhooks, refuses_missing_empty_and_repeated_headers) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    for (const auto* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
        expect_refused(*verifier, without_header(standard_request, name), at_seconds(standard_time), "missing");
        expect_refused(*verifier, with_header(standard_request, name, ""), at_seconds(standard_time), "empty");
        expect_refused(*verifier, with_repeated_header(standard_request, name), at_seconds(standard_time), "more than once");
    }
}

TEST(StandardWebhooks, refuses_more_than_16_signatures) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    std::string value = standard_signature;
    for (int i = 1; i < 16; ++i) value += " v1,AAAA";
    expect_accepted(*verifier, with_header(standard_request, "webhook-signature", value), at_seconds(standard_time));
    expect_refused(*verifier, with_header(standard_request, "webhook-signature", value + " v1,AAAA"), at_seconds(standard_time),
                   "more than 16");
}

TEST(StandardWebhooks, accepts_the_header_names_of_svix) {
    const auto verifier = named_verifier("standard-webhooks", {standard_secret});
    TestRequest request = standard_request;
    for (auto& header : request.headers) header.name.replace(0, 7, "Svix");
    expect_accepted(*verifier, request, at_seconds(standard_time));
    // A set is taken as a whole: a timestamp under the other name is not looked at.
    for (auto& header : request.headers)
        if (header.name == "Svix-timestamp") header.name = "webhook-timestamp";
    expect_refused(*verifier, request, at_seconds(standard_time), "svix-timestamp is missing");
}

TEST(StandardWebhooks, accepts_secrets_without_prefix_or_padding_and_ids_with_dots) {
    const TestRequest request{.body = vector_of("body"),
                              .headers = {{"webhook-id", "msg.with.dots"},
                                          {"webhook-timestamp", std::to_string(vector_time)},
                                          {"webhook-signature", "v1," + vector_of("dotted_id_base64")}}};
    const std::string key = vector_of("base64_key");
    const std::string unpadded(key, 0, key.find('='));
    for (const auto& secret : std::vector<std::string>{"whsec_" + key, "whsec_" + unpadded, key, unpadded})
        expect_accepted(*named_verifier("standard-webhooks", {secret}), request, at_seconds(vector_time));
}

TEST(StandardWebhooks, refuses_unusable_secrets_by_their_index_and_never_shows_them) {
    for (const std::string_view secret : {"", "whsec_", "whsec_====", "whsec_not base64", "whpk_", "whsk_", "s3cr3t-text"}) {
        const auto made = make_signature_verifier(*find_scheme("standard-webhooks"), secrets({standard_secret, secret}));
        ASSERT_FALSE(made.has_value()) << secret;
        EXPECT_EQ(made.error().code, Errc::invalid_input);
        EXPECT_THAT(made.error().message, ::testing::StartsWith("secret 1: "));
        if (secret.size() <= 6) continue;
        EXPECT_THAT(made.error().message, ::testing::Not(::testing::HasSubstr(std::string(secret.substr(6)))));
    }
    EXPECT_FALSE(make_signature_verifier(*find_scheme("standard-webhooks"), {}).has_value());
}

// The two vectors of octokit and of GitHub's documentation.
TEST(GitHub, accepts_the_published_vectors) {
    expect_accepted(*named_verifier("github", {"It's a Secret to Everybody"}),
                    {.body = "Hello, World!",
                     .headers = {{"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}}});
    expect_accepted(*named_verifier("github", {"mysecret"}),
                    {.body = R"({"foo":"bar"})",
                     .headers = {{"x-hub-signature-256", "sha256=4864d2759938a15468b5df9ade20bf161da9b4f737ea61794142f3484236bda3"}}});
}

TEST(GitHub, refuses_whatever_is_not_exactly_that_signature) {
    const auto verifier = named_verifier("github", {"It's a Secret to Everybody"});
    const std::string hex = "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    const TestRequest right{.body = "Hello, World!", .headers = {{"X-Hub-Signature-256", "sha256=" + hex}}};
    for (const auto& value : std::vector<std::string>{"", "sha256=", "sha256", hex, "sha1=" + hex, "SHA256=" + hex, "sha256=" + hex + "00",
                                                      "sha256= " + hex, "sha256=" + hex + ",sha256=" + hex, "sha256=zz" + hex.substr(2)})
        expect_refused(*verifier, with_header(right, "X-Hub-Signature-256", value));
    for (std::size_t length = 0; length < hex.size(); ++length)
        expect_refused(*verifier, with_header(right, "X-Hub-Signature-256", "sha256=" + hex.substr(0, length)));
    for (std::size_t i = 0; i < hex.size(); ++i) {
        auto altered = hex;
        altered[i] = altered[i] == '0' ? '1' : '0';
        expect_refused(*verifier, with_header(right, "X-Hub-Signature-256", "sha256=" + altered));
    }
    expect_refused(*verifier, with_body(right, "Hello World!"));
    expect_refused(*named_verifier("github", {"It's a secret to everybody"}), right);
    expect_refused(*verifier, with_repeated_header(right, "X-Hub-Signature-256"), {}, "more than once");
}

TEST(GitHub, says_nothing_about_a_message_id_because_it_signs_none) {
    const TestRequest request{
        .body = "Hello, World!",
        .headers = {{"X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"},
                    {"X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958"}}};
    const auto verifier = named_verifier("github", {"It's a Secret to Everybody"});
    EXPECT_THAT(request.verify_with(*verifier)->message_id, IsEmpty());
}

TestRequest stripe_request(std::string header) { return {.body = vector_of("body"), .headers = {{"Stripe-Signature", std::move(header)}}}; }

TEST(Stripe, uses_the_whole_secret_as_text_and_accepts_any_v1) {
    const auto verifier = named_verifier("stripe", {"whsec_old", vector_of("secret")});
    const auto right = vector_of("stripe_hex");
    const auto wrong = std::string(64, '0');
    for (const auto& header :
         std::vector<std::string>{"t=1700000000,v1=" + right, "v1=" + right + ",t=1700000000", "t=1700000000,v1=" + wrong + ",v1=" + right,
                                  "t=1700000000,v1=" + right + ",v0=" + wrong, "t=1700000000, v1=zz, v1=" + right + ", scheme=,=x",
                                  "t=1700000000,v1=,v1=" + right})
        expect_accepted(*verifier, stripe_request(header), at_seconds(vector_time));
}

TEST(Stripe, refuses_other_versions_and_malformed_headers) {
    const auto verifier = named_verifier("stripe", {vector_of("secret")});
    const auto right = vector_of("stripe_hex");
    for (const auto& header : std::vector<std::string>{
             "", "t=", "v1,t=1", "v1=" + right, "t=1700000000", "t=,v1=" + right, "t=1700000000,v0=" + right, "t=1700000000,V1=" + right,
             "t=1700000000,v1=" + right + ",t=1700000000", "t=1700000000,v1=" + right + ",bare", "t=1700000001,v1=" + right,
             "t=1700000000;v1=" + right, "t=1700000000,v1=" + right + "00", "t=+1700000000,v1=" + right, "t=01700000000,v1=" + right})
        expect_refused(*verifier, stripe_request(header), at_seconds(vector_time));
    expect_refused(*verifier, with_body(stripe_request("t=1700000000,v1=" + right), "{}"), at_seconds(vector_time), "does not match");
    expect_refused(*verifier, stripe_request("v1=" + right), at_seconds(vector_time), "holds no timestamp");
    const auto whole = "t=1700000000,v1=" + right;
    for (std::size_t length = 0; length < whole.size(); ++length)
        expect_refused(*verifier, stripe_request(whole.substr(0, length)), at_seconds(vector_time));
}

TEST(Shopify, signs_the_body_in_base64) {
    const auto verifier = named_verifier("shopify", {"old", vector_of("secret")});
    const TestRequest right{.body = vector_of("body"), .headers = {{"X-Shopify-Hmac-Sha256", vector_of("hmac_sha256_base64")}}};
    expect_accepted(*verifier, right);
    expect_refused(*verifier, with_body(right, "{}"), {}, "does not match");
    expect_refused(*verifier, with_header(right, "X-Shopify-Hmac-Sha256", vector_of("hmac_sha256_hex")));
}

const TestRequest slack_request{
    .body =
        "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        "&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
        "%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
        "803a0bc887a14d10d2c447fce8b6703c",
    .headers = {{"X-Slack-Signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
                {"X-Slack-Request-Timestamp", "1531420618"}}};

TEST(Slack, accepts_the_vector_of_its_documentation_and_refuses_it_altered) {
    const auto verifier = named_verifier("slack", {"8f742231b10e8888abcd99yyyzzz85a5"});
    expect_accepted(*verifier, slack_request, at_seconds(1531420618));
    expect_refused(*verifier, with_header(slack_request, "X-Slack-Request-Timestamp", "1531420619"), at_seconds(1531420618),
                   "does not match");
    expect_refused(*verifier, with_body(slack_request, slack_request.body + "&"), at_seconds(1531420618), "does not match");
    expect_refused(*verifier, slack_request, at_seconds(1531420618 + 301), "too old");
    expect_refused(*named_verifier("slack", {"8f742231b10e8888abcd99yyyzzz85a6"}), slack_request, at_seconds(1531420618), "does not match");
}

TEST(Catalogue, has_five_rows_each_under_its_own_name_and_each_usable) {
    EXPECT_THAT(scheme_names(), ::testing::ElementsAre("standard-webhooks", "github", "stripe", "shopify", "slack"));
    for (const auto name : scheme_names()) {
        const auto row = find_scheme(name);
        ASSERT_TRUE(row.has_value());
        EXPECT_EQ(row->scheme, name);
        EXPECT_EQ(named_verifier(name, {standard_secret})->scheme(), name);
    }
    EXPECT_FALSE(find_scheme("GitHub").has_value());
    EXPECT_FALSE(find_scheme("custom").has_value());
}

}  // namespace
}  // namespace tenter::auth::testing
